import { LockkeeperError } from '../errors/index.ts';
import type { BatchResult, StatementFailure } from '../ledger/standing.ts';
import type { ManifestMigration } from '../migration/manifest.ts';
import type { ActionInput, ActionOutput, Unseen } from './actions.ts';
import { describeFailure } from './describe-failure.ts';
import { lockTimeout } from './lock-timeout.ts';
import type { Ports } from './ports.ts';
import { brokenOff, isUnclear, lookPause, resendPause, sentTooOften, unseenAfter, unseenNow } from './unseen.ts';

/** A call may run this long before it hands over to the next one: below the Data API's 45 s. */
const callBudgetMs = 38_000;

/** What a run's statements carry in front, so that pg_stat_activity tells whose they are. */
export const runComment = (run: string): string =>
  (run.split(':').at(-1) ?? run).replaceAll(/[^\w.-]/g, '_').slice(0, 80);

const call = (
  { ledger, manifest }: Ports,
  { direction, run, token, migrations }: ActionInput<'apply'>,
): Promise<BatchResult> => {
  const options = { lockTimeoutMs: manifest.settings.lockTimeoutMs, budgetMs: callBudgetMs };
  const comment = runComment(run);
  if (direction === 'down') return ledger.revert({ token, run, migrations, options, comment });
  const byVersion = new Map(manifest.migrations.map((migration) => [migration.version, migration]));
  return ledger.apply({
    token,
    run,
    comment,
    options,
    migrations: migrations.map(({ version, revision }) => ({
      migration: migrationOf(byVersion.get(version), version),
      revision,
    })),
  });
};

/** @throws LockkeeperError `TargetUnknown` for a version that this manifest does not have */
export const migrationOf = (migration: ManifestMigration | undefined, version: string): ManifestMigration => {
  if (!migration) throw new LockkeeperError('TargetUnknown', `version ${version} is not in this manifest`);
  return migration;
};

/**
 * Applies or reverts a list of migrations in one call. After a reply that tells nothing, or when a call of ours is still at work, it says `running`:
 * the ledger is asked again, and what is still to come is sent again, so often.
 * @throws LockkeeperError `MigrationFailed` · `RevertFailed` · `LockTimeout` (taken back whole; repeat) · `LeaseLost` · `MigrationAltered` · `StepBrokenOff`
 */
export const apply = async (ports: Ports, input: ActionInput<'apply'>): Promise<ActionOutput<'apply'>> => {
  const { telemetry, clock, ledger } = ports;
  const { version } = input.migrations[0]!;
  const running = (unseen: Unseen, waitSeconds: number): ActionOutput<'apply'> => {
    telemetry.measure('RunningStepAgeSeconds', Math.round((clock.now() - unseen.sinceMs) / 1000));
    return { status: 'running', waitSeconds, unseen };
  };
  const runs = (): ActionOutput<'apply'> => {
    const now = unseenNow(input.unseen, version, clock.now());
    return running(now, lookPause(now, clock.now()));
  };
  if (sentTooOften(input.unseen, version)) {
    if (await ledger.isCallRunning(input.token)) return runs();
    throw brokenOff(input.unseen, version);
  }
  let result: BatchResult;
  const sentAt = clock.now();
  try {
    result = await call(ports, input);
  } catch (error) {
    if (!isUnclear(error)) throw error;
    const unseen = unseenAfter(input.unseen, version, sentAt);
    telemetry.info('unclear reply, looking', { run: input.run, code: error.code, sends: unseen.sends });
    const goesOn = await ledger.isCallRunning(input.token);
    return running(unseen, goesOn ? lookPause(unseen, clock.now()) : resendPause(unseen));
  }
  report(ports, input, result);
  switch (result.stop) {
    case null:
    case 'budget':
    case 'stale': // the next step reads the ledger again
      return { status: 'done', applied: result.applied, already: result.already, last: result.last, unseen: null };
    case 'busy':
      // Without a failure no statement of the migration met the lock: it may be our own call that holds it.
      if (result.failure === null && (await ledger.isCallRunning(input.token))) return runs();
      telemetry.measure('LockWaits', 1);
      throw await lockTimeout(ports, {
        version: result.at,
        sqlstate: result.failure?.sqlstate ?? null,
        statements: lockers(ports, input, result),
      });
    case 'lease':
      throw new LockkeeperError('LeaseLost', 'the lease has another token: another run took over');
    case 'checksum':
      throw new LockkeeperError(
        'MigrationAltered',
        `${result.at ?? 'a migration'} is in the ledger with another checksum`,
        { details: { version: result.at } },
      );
    case 'failed':
      throw failed(ports, input, result.failure);
    default:
      return result.stop satisfies never;
  }
};

/** The statement that met a lock; where it is not known which, as at the end of a migration, all of them. */
const lockers = (
  { manifest }: Ports,
  { direction }: ActionInput<'apply'>,
  { at, failure }: BatchResult,
): readonly string[] => {
  const migration = manifest.migrations.find(({ version }) => version === at);
  const statements = (direction === 'up' ? migration?.up.statements : migration?.down?.statements) ?? [];
  const met = failure?.phase === 'run' ? statements[failure.statement] : undefined;
  return (met ? [met] : [...statements, ...(migration?.verify ?? [])]).map(({ sql }) => sql);
};

const report = (
  { telemetry }: Ports,
  { direction, run, migrations }: ActionInput<'apply'>,
  { applied, rows, last, stop }: BatchResult,
): void => {
  telemetry.info(direction === 'up' ? 'applied' : 'reverted', {
    run,
    asked: migrations.length,
    count: applied,
    rows,
    last,
    stop,
  });
  telemetry.measure(direction === 'up' ? 'MigrationsApplied' : 'MigrationsReverted', applied);
  telemetry.measure('RowsAffected', rows);
};

const failed = (
  { manifest }: Ports,
  { direction }: ActionInput<'apply'>,
  failure: StatementFailure | null,
): LockkeeperError => {
  const migration = manifest.migrations.find(({ version }) => version === failure?.version);
  return new LockkeeperError(
    direction === 'up' ? 'MigrationFailed' : 'RevertFailed',
    failure ? describeFailure(failure, migration, direction) : 'a migration failed without a word',
    {
      details: { version: failure?.version, sqlstate: failure?.sqlstate },
    },
  );
};
