import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

const file = new URL(
  '../../bench/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  import.meta.url,
).pathname;

/** Whether the schema is there: it comes with the packages of the benches. */
export const hasSarifSchema = existsSync(file);

/** What is wrong with a document by the schema of SARIF 2.1.0. */
export const sarifFaults = (document: unknown): readonly string[] => {
  // it calls itself draft 4, of which it uses nothing that draft 7 has not
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv);
  ajv.validate(schema, document);
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
};
