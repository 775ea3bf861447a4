import { LockkeeperError } from '../errors/index.ts';
import type { Sends } from '../ledger/alone.ts';
import type { Judged } from '../ledger/catalogue.ts';
import type { StatementFailure } from '../ledger/standing.ts';
import type { Judge, ManifestMigration, ManifestStatement, QualifiedName } from '../migration/manifest.ts';
import type { Unseen } from './actions.ts';
import { describeFailure } from './describe-failure.ts';
import { namingHolders } from './lock-timeout.ts';
import { waitForLongTransactions } from './long-transactions.ts';
import type { Ports } from './ports.ts';
import { brokenOff, isUnclear, sentTooOften } from './unseen.ts';

/** One statement of a migration outside a transaction, and where it stands. */
export interface AloneStatement {
  readonly token: number;
  readonly run: string;
  readonly version: string;
  readonly revision: number;
  readonly direction: 'up' | 'down';
  /** As this manifest has it; undefined for a stored down of an older changelog. */
  readonly migration: ManifestMigration | undefined;
  readonly comment: string;
  readonly index: number;
  readonly statement: ManifestStatement;
  /** How long the step has been on its way. */
  readonly ageMs: number;
  readonly unseen: Unseen | null;
}

/** What a statement waits for. `sent`: it was sent, and its end was not seen. */
export interface Waiting {
  readonly for: string;
  readonly sent: boolean;
}

/** A build that broke off is begun again this often by one run, then a person has to look. */
const attempts = 3;

const sentAndOpen: Waiting = { for: 'the statement was sent and may be running', sent: true };

/**
 * Brings one statement as far as one call can: null when it is done, else what has to be waited for. Called only while none of ours runs.
 *
 * The catalogue can speak for a statement only when it said something else before anybody sent it: an index of that name may be another one,
 * and one that is to be dropped may never have been there. So it is asked first and the answer recorded with the first intent; where it cannot speak,
 * the statement is sent until PostgreSQL answers. The way back from an up that is half done is the exception: what it did not come to make is not there.
 */
export const advanceStatement = async (ports: Ports, at: AloneStatement): Promise<Waiting | null> => {
  const { ledger } = ports;
  const { judge } = at.statement;
  if (judge === undefined) return transactional(ports, at);
  const judged = await ledger.judge(judge);
  const sends = await ledger.sends(at);
  const { before, own, seen } = sends;
  if (sends.halfUp && judged === 'done') return lateCall(ports, sends) ?? done(ports, at, 0);
  if (before === null) return (sends.halfUp ? null : lateCall(ports, sends)) ?? send(ports, at, judge, judged);
  if (judged === 'repeat') return seen ? done(ports, at, at.ageMs) : send(ports, at, judge, before);
  if (before !== 'open') return send(ports, at, judge, before);
  if (judged === 'done') return done(ports, at, at.ageMs);
  if (judged === 'open') return send(ports, at, judge, before);
  if (judge.by === 'partition-detached') return send(ports, at, judge, before, finalize(judge));
  return (await clearBroken(ports, at, judge, own)) ?? send(ports, at, judge, before);
};

/** Nothing inside a statement outside a transaction can look at the token, so a call of an ended run that went the other way is given the time in which it can still arrive. */
const lateCall = ({ clock, lateCallMs }: Ports, { openSinceMs }: Sends): Waiting | null => {
  const leftMs = openSinceMs === null ? 0 : openSinceMs + lateCallMs - clock.now();
  if (leftMs <= 0) return null;
  return { for: `a call of the run before can still arrive for ${Math.ceil(leftMs / 1000)} s`, sent: false };
};

const quoted = ({ schema, name }: QualifiedName): string =>
  [schema, name].flatMap((part) => (part === null ? [] : [`"${part.replaceAll('"', '""')}"`])).join('.');

/** Ends a concurrent detach that broke off (https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION). */
const finalize = ({ table, partition }: Extract<Judge, { by: 'partition-detached' }>): string =>
  `ALTER TABLE ${quoted(table)} DETACH PARTITION ${quoted(partition)} FINALIZE`;

/** Keeps that a statement was seen at work, once for each send: VACUUM and its like change neither schema nor rows, so to be seen and gone is their end. */
export const recordSeen = async ({ ledger }: Ports, at: Omit<AloneStatement, 'statement'>): Promise<void> => {
  const { token, run, version, revision, index, comment } = at;
  if ((await ledger.activity(comment)).length === 0 || (await ledger.sends(at)).seen) return;
  await ledger.recordEvent({ kind: 'seen', token, run, version, detail: { statement: index, revision } });
};

/** A statement that can run in a transaction goes through the ledger, so its progress commits with it. */
const transactional = async (ports: Ports, at: AloneStatement): Promise<Waiting | null> => {
  const { ledger, manifest } = ports;
  const { token, run, version, index, comment } = at;
  const { lockTimeoutMs } = manifest.settings;
  refuseAnother(at);
  if (at.direction === 'down' && index === 0) {
    const sends = await ledger.sends(at);
    const late = sends.halfUp ? lateCall(ports, sends) : null;
    if (late !== null) return late;
  }
  try {
    const failure = await ledger.runStatement({ token, run, version, index, comment, lockTimeoutMs });
    if (failure) throw failed(at, failure);
    return null;
  } catch (error) {
    if (!isUnclear(error)) throw await namingHolders(ports, error, [at.statement.sql]);
    return sentAndOpen;
  }
};

/** @throws LockkeeperError `StepBrokenOff` */
const refuseAnother = ({ unseen, version }: AloneStatement): void => {
  if (sentTooOften(unseen, version)) throw brokenOff(unseen, version);
};

const done = async ({ ledger }: Ports, { token, run, version, index }: AloneStatement, ms: number): Promise<null> => {
  await ledger.statementDone({ token, run, version, index, rows: 0, ms });
  return null;
};

/**
 * Takes away what a broken attempt left; null when that is done. Under the token, since nobody could take back a DROP INDEX CONCURRENTLY
 * of a function whose run has ended: it would meet the index that the next run built.
 * @throws LockkeeperError `IndexInvalid` when it broke off too often · `LockTimeout` · `LeaseLost`
 */
const clearBroken = async (ports: Ports, at: AloneStatement, judge: Judge, own: number): Promise<Waiting | null> => {
  if (judge.by !== 'index-valid') return null;
  const { ledger, telemetry, manifest } = ports;
  const { token, run, version } = at;
  const { quotedName } = await ledger.indexState(judge.table, judge.index);
  if (quotedName === null) return null;
  if (own >= attempts) {
    throw new LockkeeperError('IndexInvalid', `index ${quotedName} is invalid after ${own} attempts to build it`, {
      details: { version },
    });
  }
  telemetry.info('dropping an invalid index', { run, version, index: judge.index });
  try {
    await ledger.dropInvalid({
      token,
      run,
      version,
      index: quotedName,
      lockTimeoutMs: manifest.settings.lockTimeoutMs,
    });
    return null;
  } catch (error) {
    if (!isUnclear(error)) throw await namingHolders(ports, error, [at.statement.sql]);
    return sentAndOpen;
  }
};

/** Null when the reply was clear. */
const sendAlone = async (ledger: Ports['ledger'], sql: string, comment: string): Promise<Waiting | null> => {
  try {
    await ledger.startAlone({ sql, comment });
    return null;
  } catch (error) {
    if (!isUnclear(error)) throw error;
    return sentAndOpen;
  }
};

const send = async (
  ports: Ports,
  at: AloneStatement,
  judge: Judge,
  before: Judged,
  sql = at.statement.sql,
): Promise<Waiting | null> => {
  const { ledger, clock } = ports;
  refuseAnother(at);
  const blocked = judge.by === 'repeat' ? null : await waitForLongTransactions(ports, at);
  if (blocked !== null) return { for: blocked, sent: false };
  const { token, run, version, revision, index, statement } = at;
  const detail = { statement: index, revision, kind: statement.kind, before, atMs: clock.now() };
  await ledger.recordEvent({ kind: 'intent', token, run, version, detail });
  const sentAt = clock.now();
  try {
    const waiting = await sendAlone(ledger, sql, at.comment);
    if (waiting !== null) return waiting;
  } catch (error) {
    return afterRefusal(ports, at, judge, before, error);
  }
  if (!['done', 'repeat'].includes(await ledger.judge(judge)))
    return { for: 'the catalogue does not show it as done yet', sent: true };
  return done(ports, at, clock.now() - sentAt);
};

/** What a call of ours that was thought lost and got there first makes of this one: "already exists", "does not exist". */
const thereOrGone = new Set(['42P07', '42704', '42P01', '55000']);
/** Somebody cancelled it, as the finisher of a run that was stopped does: no further statement follows, the next run clears what is left. */
const cancelled = '57014';
/** Refused for what other sessions did: lock timeout, deadlock, serialization. Worth another try. */
const passing = new Set(['55P03', '40P01', '40001']);

const sqlstateOf = (error: unknown): string | null => {
  if (!(error instanceof LockkeeperError) || error.code !== 'StatementFailed') return null;
  return typeof error.details['sqlstate'] === 'string' ? error.details['sqlstate'] : '';
};

/** What a refusal means. While a call of ours still runs, what it builds is invalid and not to be dropped. */
const afterRefusal = async (
  ports: Ports,
  at: AloneStatement,
  judge: Judge,
  before: Judged,
  error: unknown,
): Promise<Waiting | null> => {
  const { ledger, telemetry } = ports;
  const sqlstate = sqlstateOf(error);
  if (sqlstate === null) throw error;
  if (before === 'open') {
    if ((await ledger.activity('')).length > 0)
      return { for: 'a late call of the same statement is running', sent: false };
    const judged = await ledger.judge(judge);
    if (judged === 'done') return done(ports, at, at.ageMs);
    if (judged === 'invalid' && thereOrGone.has(sqlstate)) return { for: 'a late call of it broke off', sent: true };
    if (judged === 'invalid' && sqlstate !== cancelled) await clearBroken(ports, at, judge, 0);
  }
  if (passing.has(sqlstate)) {
    telemetry.measure('LockWaits', 1);
    return { for: `${at.statement.kind} met a lock (${sqlstate}) and is sent again`, sent: true };
  }
  throw await refused(ports, at, sqlstate, error as LockkeeperError);
};

const refused = async (
  { ledger }: Ports,
  at: AloneStatement,
  sqlstate: string,
  error: LockkeeperError,
): Promise<LockkeeperError> => {
  const { token, run, version, index } = at;
  const hint = error.details['hint'];
  const failure: StatementFailure = {
    version,
    statement: index,
    phase: 'run',
    sqlstate,
    message: error.message,
    hint: typeof hint === 'string' ? hint : null,
    schema: null,
    table: null,
    column: null,
    constraint: null,
  };
  await ledger.failAlone({ token, run, version, failure });
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
