import { type ErrorCode, LockkeeperError } from '../errors/index.ts';
import type { StatementFailure } from '../ledger/standing.ts';
import type { Judge, ManifestMigration, ManifestStatement } from '../migration/manifest.ts';
import { describeFailure } from './describe-failure.ts';
import type { Ports } from './ports.ts';

/** One statement of a migration outside a transaction, and where it stands. */
export interface AloneStatement {
  readonly token: number;
  readonly run: string;
  readonly version: string;
  readonly direction: 'up' | 'down';
  /** As this manifest has it; undefined for a stored down of an older changelog. */
  readonly migration: ManifestMigration | undefined;
  readonly comment: string;
  readonly index: number;
  readonly statement: ManifestStatement;
  /** How long the step has been on its way. */
  readonly ageMs: number;
}

/** A build that broke off is begun again this often by one run, then a person has to look. */
const attempts = 3;

const unclear = new Set<ErrorCode>(['OutcomeUnknown', 'StatementTimedOut', 'DatabaseUnavailable']);
const isUnclear = (error: unknown): boolean => error instanceof LockkeeperError && unclear.has(error.code);

/** Brings one statement as far as one call can: null when it is done, else what has to be waited for. Called only while none of ours runs. */
export const advanceStatement = async (ports: Ports, at: AloneStatement): Promise<string | null> => {
  const { ledger } = ports;
  const { judge } = at.statement;
  if (judge === undefined) return transactional(ports, at);
  const sent = await ledger.intents({ run: at.run, version: at.version, index: at.index });
  switch (await ledger.judge(judge)) {
    case 'done':
      return done(ports, at, sent > 0 ? at.ageMs : 0);
    case 'repeat':
      // Sent, and gone from pg_stat_activity: VACUUM and its like change neither schema nor rows, so their end is enough.
      return sent > 0 ? done(ports, at, at.ageMs) : send(ports, at);
    case 'invalid':
      return (await clearBroken(ports, at, judge, sent)) ?? send(ports, at);
    case 'open':
      return send(ports, at);
    default:
      throw new Error('unreachable');
  }
};

/** A statement that can run in a transaction goes through the ledger, so its progress commits with it. */
const transactional = async ({ ledger, manifest }: Ports, at: AloneStatement): Promise<null> => {
  const { token, run, version, index, comment } = at;
  const failure = await ledger.runStatement({
    token,
    run,
    version,
    index,
    comment,
    lockTimeoutMs: manifest.settings.lockTimeoutMs,
  });
  if (failure) throw failed(at, failure);
  return null;
};

const done = async ({ ledger }: Ports, { token, run, version, index }: AloneStatement, ms: number): Promise<null> => {
  await ledger.statementDone({ token, run, version, index, rows: 0, ms });
  return null;
};

/** Takes away what a broken attempt left; null when that is done. @throws LockkeeperError `IndexInvalid` when it broke off too often */
const clearBroken = async (
  { ledger, telemetry }: Ports,
  at: AloneStatement,
  judge: Judge,
  sent: number,
): Promise<string | null> => {
  if (judge.by === 'partition-detached') return null; // sending it again, FINALIZE included, is the remedy
  if (judge.by !== 'index-valid') return null;
  const { quotedName } = await ledger.indexState(judge.table, judge.index);
  if (quotedName === null) return null;
  if (sent >= attempts) {
    throw new LockkeeperError('IndexInvalid', `index ${quotedName} is invalid after ${sent} attempts to build it`, {
      details: { version: at.version },
    });
  }
  telemetry.info('dropping an invalid index', { run: at.run, version: at.version, index: judge.index });
  return sendAlone(ledger, `DROP INDEX CONCURRENTLY IF EXISTS ${quotedName}`, at.comment);
};

/** Null when the reply was clear. */
const sendAlone = async (ledger: Ports['ledger'], sql: string, comment: string): Promise<string | null> => {
  try {
    await ledger.startAlone({ sql, comment });
    return null;
  } catch (error) {
    if (!isUnclear(error)) throw error;
    return 'the statement was sent and may be running';
  }
};

const send = async (ports: Ports, at: AloneStatement): Promise<string | null> => {
  const { ledger, clock } = ports;
  const blocked = await longTransactions(ports, at);
  if (blocked !== null) return blocked;
  const { token, run, version, index, statement } = at;
  await ledger.recordEvent({ kind: 'intent', token, run, version, detail: { statement: index, kind: statement.kind } });
  const sentAt = clock.now();
  try {
    const waitsFor = await sendAlone(ledger, statement.sql, at.comment);
    if (waitsFor !== null) return waitsFor;
  } catch (error) {
    const duplicate = await duplicateOf(ports, at, error);
    if (duplicate === 'runs') return 'a late call of the same statement is running';
    if (duplicate === null) throw await refused(ports, at, error);
  }
  const { judge } = statement;
  if (judge && !['done', 'repeat'].includes(await ledger.judge(judge)))
    return 'the catalogue does not show it as done yet';
  return done(ports, at, clock.now() - sentAt);
};

/**
 * Whether a refusal comes of a call of ours that was thought lost and got there first: an index that was absent a moment ago "already exists".
 * The catalogue says whether it is done by now; while it runs, what it builds is invalid and not to be dropped.
 */
const duplicateOf = async (
  { ledger }: Ports,
  { statement: { judge } }: AloneStatement,
  error: unknown,
): Promise<'done' | 'runs' | null> => {
  if (!(error instanceof LockkeeperError) || error.code !== 'StatementFailed') return null;
  if (judge === undefined || judge.by === 'repeat') return null;
  if ((await ledger.activity('')).length > 0) return 'runs';
  return (await ledger.judge(judge)) === 'done' ? 'done' : null;
};

/** A concurrent build waits for every older snapshot in its database, so long transactions are waited for before it begins. */
const longTransactions = async ({ ledger, manifest }: Ports, at: AloneStatement): Promise<string | null> => {
  if (at.statement.judge?.by === 'repeat') return null;
  const { longTransactionSeconds, longTransactionWaitSeconds } = manifest.settings;
  const open = await ledger.longTransactions(longTransactionSeconds);
  if (open.length === 0) return null;
  const who = open
    .map(
      ({ pid, ageSeconds, application }) =>
        `pid ${pid} (${ageSeconds} s${application === '' ? '' : `, ${application}`})`,
    )
    .join(', ');
  if (at.ageMs > longTransactionWaitSeconds * 1000) {
    throw new LockkeeperError(
      'LongTransaction',
      `${at.statement.kind} in ${at.version} would wait for transactions that do not end: ${who}`,
      {
        details: { version: at.version, pids: open.map(({ pid }) => pid) },
      },
    );
  }
  return `waits for long transactions: ${who}`;
};

/** What a refused statement means; an index it left invalid is dropped first. */
const refused = async (ports: Ports, at: AloneStatement, error: unknown): Promise<unknown> => {
  if (!(error instanceof LockkeeperError) || error.code !== 'StatementFailed') return error;
  const { judge } = at.statement;
  if (judge?.by === 'index-valid' && (await ports.ledger.judge(judge)) === 'invalid')
    await clearBroken(ports, at, judge, 0);
  const { token, run, version, index } = at;
  const text = (key: string): string | null => (typeof error.details[key] === 'string' ? error.details[key] : null);
  const failure: StatementFailure = {
    version,
    statement: index,
    phase: 'run',
    sqlstate: text('sqlstate') ?? '',
    message: error.message,
    hint: text('hint'),
    schema: null,
    table: null,
    column: null,
    constraint: null,
  };
  await ports.ledger.failAlone({ token, run, version, failure });
  return failed(at, failure, error);
};

const failed = (
  { migration, direction, version }: AloneStatement,
  failure: StatementFailure,
  cause?: unknown,
): LockkeeperError =>
  new LockkeeperError('StatementAloneFailed', describeFailure(failure, migration, direction), {
    details: { version, sqlstate: failure.sqlstate },
    cause,
  });
