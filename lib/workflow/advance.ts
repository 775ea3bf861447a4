import { LockkeeperError } from '../errors/index.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import { advanceStatement, recordSeen, type Waiting } from './advance-statement.ts';
import { migrationOf, runComment } from './apply.ts';
import { describeFailure } from './describe-failure.ts';
import { namingHolders } from './lock-timeout.ts';
import { pauseSeconds } from './pause.ts';
import type { Ports } from './ports.ts';
import { sessionsText } from './session-text.ts';
import { resendPause, unseenAfter } from './unseen.ts';

/** One call goes on with further statements until this age. */
const callBudgetMs = 30_000;

/**
 * Brings one migration outside a transaction forward. Each time it looks first: at the ledger for the statement that comes next,
 * at pg_stat_activity for one of ours that still runs, at the catalogue for what is done. Safe to call at any time, in any number.
 * @throws LockkeeperError `StatementAloneFailed` · `IndexInvalid` · `LongTransaction` · `LeaseLost` · `StepBrokenOff`
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
  if (claim.done) return { status: 'done', unseen: null };
  const { revision, section, statementsDone } = claim;
  const at = { ...position, revision, direction, migration, comment, ageMs, unseen: input.unseen };
  const waiting = (await running()) ?? (await forward());
  if (waiting !== null) {
    const unseen = waiting.sent ? unseenAfter(input.unseen, ref.version, clock.now()) : input.unseen;
    telemetry.measure('RunningStepAgeSeconds', Math.round(ageMs / 1000));
    telemetry.info('waiting', { run, version: ref.version, progress: waiting.for });
    const waitSeconds = waiting.sent && unseen !== null ? resendPause(unseen) : pauseSeconds(ageMs);
    return { status: 'running', waitSeconds, unseen, progress: waiting.for };
  }
  const { lockTimeoutMs } = manifest.settings;
  const verify = migration?.verify.map(({ sql }) => sql) ?? [];
  const failure = await ledger.completeAlone({ ...position, lockTimeoutMs, comment }).catch(async (error: unknown) => {
    throw await namingHolders(ports, error, verify);
  });
  if (failure)
    throw new LockkeeperError('StatementAloneFailed', describeFailure(failure, migration, direction), {
      details: { version: ref.version, sqlstate: failure.sqlstate },
    });
  telemetry.info(direction === 'up' ? 'applied' : 'reverted', { run, version: ref.version, alone: true });
  telemetry.measure(direction === 'up' ? 'MigrationsApplied' : 'MigrationsReverted', 1);
  return { status: 'done', unseen: null };

  /** One of ours at work; that the next statement was seen there is kept where nothing else can tell that it ran. */
  async function running(): Promise<Waiting | null> {
    const progress = await activeProgress(ports);
    if (progress === null) return null;
    const next = section.statements[statementsDone];
    if (next?.judge?.by === 'repeat') await recordSeen(ports, { ...at, index: statementsDone });
    return { for: progress, sent: false };
  }

  /** Statement after statement; null when all are done, else what has to be waited for. */
  async function forward(): Promise<Waiting | null> {
    for (const [index, statement] of [...section.statements.entries()].slice(statementsDone)) {
      if (index > statementsDone && clock.now() - beganAt > callBudgetMs)
        return { for: `${section.statements.length - index} statements to come`, sent: false };
      const waiting = await advanceStatement(ports, { ...at, index, statement });
      if (waiting !== null) return waiting;
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
  const head = `${active.kind} runs for ${active.ageSeconds} s${phase}`;
  return active.waitsFor.length === 0 ? head : sessionsText(`${head}; it waits for:`, active.waitsFor);
};
