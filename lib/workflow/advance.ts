import { LockkeeperError } from '../errors/index.ts';
import type { ManifestSection, ManifestStatement } from '../migration/manifest.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import { migrationOf, runComment } from './apply.ts';
import { describeFailure } from './describe-failure.ts';
import { pauseSeconds } from './pause.ts';
import type { Ports } from './ports.ts';

type Output = ActionOutput<'advance'>;
type Input = ActionInput<'advance'>;

/** One call goes on with further statements until this age. */
const callBudgetMs = 30_000;
/** A build that left an invalid index is begun again this often in all. */
const attempts = 3;

/**
 * Brings one migration outside a transaction forward. Each time it looks first: at the ledger for the statement that comes next,
 * at pg_stat_activity for one of ours that still runs, at the catalogue for what is done. Safe to call at any time, in any number.
 * @throws LockkeeperError `StatementAloneFailed` · `IndexInvalid` · `LongTransaction` · `LockTimeout` · `LeaseLost` · `MigrationFailed` (a verify query)
 */
export const advance = async (ports: Ports, input: Input): Promise<Output> => {
  const { ledger, manifest, clock, telemetry } = ports;
  const { direction, run, token, migration: ref } = input;
  const began = clock.now();
  const ageMs = began - Date.parse(input.stepStartedAt);
  const running = (progress: string): Output => {
    telemetry.measure('RunningStepAgeSeconds', Math.max(0, Math.round(ageMs / 1000)));
    return { status: 'running', waitSeconds: pauseSeconds(ageMs), progress };
  };

  const migration =
    direction === 'up'
      ? migrationOf(new Map(manifest.migrations.map((each) => [each.version, each])), ref.version)
      : null;
  const claim = await ledger.beginAlone({
    token,
    run,
    direction,
    version: ref.version,
    revision: ref.revision,
    migration,
  });
  if (claim.done) return { status: 'done' };
  const comment = `${runComment(run)} ${ref.version}`;
  const [active] = await ledger.activity(comment);
  if (active) return running(await progressOf(ports, active.kind));

  for (let index = claim.statementsDone; index < claim.section.statements.length; index++) {
    const statement = claim.section.statements[index] as ManifestStatement;
    const outcome = await one(ports, input, { section: claim.section, statement, index, comment, ageMs });
    if (outcome !== 'done') return running(outcome);
    if (clock.now() - began > callBudgetMs && index + 1 < claim.section.statements.length)
      return running('more statements to come');
  }
  const completed = await ledger.completeAlone({
    token,
    run,
    direction,
    version: ref.version,
    lockTimeoutMs: manifest.settings.lockTimeoutMs,
  });
  refuseFailure(ports, input, completed);
  telemetry.info(direction === 'up' ? 'applied' : 'reverted', { run, version: ref.version, alone: true });
  telemetry.measure(direction === 'up' ? 'MigrationsApplied' : 'MigrationsReverted', 1);
  return { status: 'done' };
};
