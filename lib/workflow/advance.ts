import { LockkeeperError } from '../errors/index.ts';
import type { ManifestStatement } from '../migration/manifest.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import { advanceStatement } from './advance-statement.ts';
import { migrationOf, runComment } from './apply.ts';
import { describeFailure } from './describe-failure.ts';
import { pauseSeconds } from './pause.ts';
import type { Ports } from './ports.ts';

/** One call goes on with further statements until this age. */
const callBudgetMs = 30_000;

/**
 * Brings one migration outside a transaction forward. Each time it looks first: at the ledger for the statement that comes next,
 * at pg_stat_activity for one of ours that still runs, at the catalogue for what is done. Safe to call at any time, in any number.
 * @throws LockkeeperError `StatementAloneFailed` · `IndexInvalid` · `LongTransaction` · `LockTimeout` · `LeaseLost` · `MigrationFailed` (a verify query)
 */
export const advance = async (ports: Ports, input: ActionInput<'advance'>): Promise<ActionOutput<'advance'>> => {
  const { ledger, clock, telemetry, manifest } = ports;
  const { direction, run, token, migration: ref } = input;
  const beganAt = clock.now();
  const ageMs = Math.max(0, beganAt - Date.parse(input.stepStartedAt));
  const migration = manifest.migrations.find(({ version }) => version === ref.version);
  const position = { token, run, version: ref.version };
  const comment = `${runComment(run)} ${ref.version}`;

  const claim = await ledger.beginAlone({
    ...position,
    direction,
    revision: ref.revision,
    migration: direction === 'up' ? migrationOf(migration, ref.version) : null,
  });
  if (claim.done) return { status: 'done' };
  const progress = (await activeProgress(ports)) ?? (await forward());
  if (progress !== null) {
    telemetry.measure('RunningStepAgeSeconds', Math.round(ageMs / 1000));
    telemetry.info('waiting', { run, version: ref.version, progress });
    return { status: 'running', waitSeconds: pauseSeconds(ageMs), progress };
  }
  const failure = await ledger.completeAlone({ ...position, lockTimeoutMs: manifest.settings.lockTimeoutMs, comment });
  if (failure)
    throw new LockkeeperError('StatementAloneFailed', describeFailure(failure, migration, direction), {
      details: { version: ref.version, sqlstate: failure.sqlstate },
    });
  telemetry.info(direction === 'up' ? 'applied' : 'reverted', { run, version: ref.version, alone: true });
  telemetry.measure(direction === 'up' ? 'MigrationsApplied' : 'MigrationsReverted', 1);
  return { status: 'done' };

  /** Statement after statement; null when all are done, else what has to be waited for. */
  async function forward(): Promise<string | null> {
    const { statements } = claim.done ? { statements: [] as readonly ManifestStatement[] } : claim.section;
    const first = claim.done ? 0 : claim.statementsDone;
    for (const [index, statement] of [...statements.entries()].slice(first)) {
      if (index > first && clock.now() - beganAt > callBudgetMs)
        return `${statements.length - index} statements to come`;
      const waitsFor = await advanceStatement(ports, {
        ...position,
        direction,
        migration,
        comment,
        index,
        statement,
        ageMs,
      });
      if (waitsFor !== null) return waitsFor;
    }
    return null;
  }
};

/**
 * What a statement of ours that still runs is doing; null when none runs. That of a run which ended counts, too:
 * its build is waited for and taken over, never begun a second time beside it.
 */
const activeProgress = async ({ ledger }: Ports): Promise<string | null> => {
  const [active] = await ledger.activity('');
  if (!active) return null;
  const build = (await ledger.indexProgress()).find(({ pid }) => pid === active.pid);
  const phase = build ? `, ${build.phase}${build.percent === null ? '' : ` ${build.percent} %`}` : '';
  return `${active.kind} runs for ${active.ageSeconds} s${phase}`;
};
