import { readFileSync } from 'node:fs';
import { cloudWatchTelemetry } from '../lib/aws/cloudwatch-telemetry.ts';
import { stepFunctionsExecutions } from '../lib/aws/executions.ts';
import { createDataApiClient, dataApiDatabase } from '../lib/dataapi/index.ts';
import { LockkeeperError } from '../lib/errors/index.ts';
import { Ledger } from '../lib/ledger/ledger.ts';
import { readManifest } from '../lib/migration/read-manifest.ts';
import type { Ports } from '../lib/workflow/ports.ts';

const variable = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new LockkeeperError('Unexpected', `the function lacks the environment variable ${name}`);
  return value;
};

/** Above the function's timeout of 180 s and a request's of 60 s. */
const lateCallMs = 240_000;

/** The ports as AWS gives them; the manifest lies beside the bundle. Built once per execution environment. */
export const wire = (): Ports => {
  const manifest = readManifest(
    readFileSync(process.env['LOCKKEEPER_MANIFEST'] ?? new URL('./manifest.json', import.meta.url), 'utf8'),
  );
  const service = variable('LOCKKEEPER_SERVICE');
  const database = dataApiDatabase({
    client: createDataApiClient(),
    resourceArn: variable('LOCKKEEPER_CLUSTER_ARN'),
    secretArn: variable('LOCKKEEPER_SECRET_ARN'),
    database: variable('LOCKKEEPER_DATABASE'),
  });
  return {
    manifest,
    database,
    ledger: new Ledger(database, manifest.settings.ledgerSchema),
    executions: stepFunctionsExecutions(),
    telemetry: cloudWatchTelemetry(service),
    clock: { now: () => Date.now() },
    // on a laptop the functions end with the execution's process
    lateCallMs: process.env['LOCKKEEPER_LATE_CALL_MS'] ? Number(process.env['LOCKKEEPER_LATE_CALL_MS']) : lateCallMs,
    service,
  };
};
