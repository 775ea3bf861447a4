import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { contradicted, eugeneRules, type Mapping, squawkRules } from './fixture-rules.ts';

/** A public test case of another tool. */
export interface FixtureCase {
  /** `changing-column-type/another_err`, `eugene/E5_bad`. */
  readonly id: string;
  /** Null for what the tool itself gives no plain verdict on. */
  readonly isDangerous: boolean | null;
  readonly mapping: Mapping;
  /** SQL in order, each text a file. */
  readonly files: readonly string[];
  readonly inTransaction: boolean;
}

interface SquawkCase {
  readonly rule: string;
  readonly test: string;
  readonly verdict: 'error' | 'ok' | 'custom' | '?';
  readonly sql: string;
  readonly assume_in_transaction: boolean;
  readonly pg_version: string | null;
}

const directory = resolve(import.meta.dirname, '../../shared/fixtures');

/** Releases before 17 are not what is deployed: a verdict for them alone says nothing here. */
const isOld = (version: string | null): boolean => Number(/(\d+)/.exec(version ?? '')?.[1] ?? 17) < 12;

const squawkCases = (): FixtureCase[] =>
  (JSON.parse(readFileSync(join(directory, 'squawk-dev.json'), 'utf8')) as SquawkCase[]).map((each) => ({
    id: `${each.rule}/${each.test}`,
    isDangerous:
      !['error', 'ok'].includes(each.verdict) || isOld(each.pg_version) || `${each.rule}/${each.test}` in contradicted
        ? null
        : each.verdict === 'error',
    mapping: squawkRules[each.rule] ?? { ours: [], why: 'no such rule here yet' },
    files: [each.sql],
    inTransaction: each.assume_in_transaction,
  }));

const eugeneCases = (): FixtureCase[] =>
  readdirSync(join(directory, 'eugene'))
    .toSorted()
    .map((file) => {
      const [rule = '', verdict] = file.replace('.sql', '').split('_');
      const text = readFileSync(join(directory, 'eugene', file), 'utf8');
      const files = text.split(/^-- \d+\.sql$/m).filter((part) => part.trim() !== '');
      return {
        id: `eugene/${file.replace('.sql', '')}`,
        isDangerous: verdict === 'bad',
        mapping: eugeneRules[rule] ?? { ours: [], why: 'no such rule here yet' },
        files,
        inTransaction: true,
      };
    });

/** The development split beside the checkout; null where it is not there. */
export const fixtureCases = (): readonly FixtureCase[] | null =>
  existsSync(directory) ? [...squawkCases(), ...eugeneCases()] : null;
