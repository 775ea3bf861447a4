import { type Json, LockkeeperError } from '../errors/index.ts';
import type { Judge, ManifestMigration, QualifiedName } from '../migration/manifest.ts';
import type { Session } from './activity.ts';
import {
  type AloneClaim,
  type AloneRequest,
  beginAlone,
  type BeginAloneRequest,
  recorded,
  type Sends,
  sends,
  type StatementAt,
} from './alone.ts';
import { indexState, type IndexState, judged, type Judged } from './catalogue.ts';
import type { Database } from './database.ts';
import { readEntries, readHistory, type LedgerEntry } from './history.ts';
import { keepFindings, type LedgerCalls, ledgerCalls } from './ledger-calls.ts';
import { sqlstateOf, stopError, unfitSession } from './ledger-errors.ts';
import { type LockHolder, lockHolders, type LockHoldersRequest } from './lock-holders.ts';
import { readRollbackStanding, readStanding } from './reading.ts';
import type { Finding } from './routines.ts';
import {
  activeStatements,
  type ActiveStatement,
  type BuildProgress,
  cancelStatements,
  indexProgress,
  longTransactions,
} from './sessions.ts';
import { unfitBySetting } from './session-defaults.ts';
import { installStatement } from './sql/install.ts';
import type {
  AcquireResult,
  BatchResult,
  EventKind,
  KnownMigration,
  LedgerEvent,
  PlannedRollback,
  RollbackGoal,
  RollbackStanding,
  RunSummary,
  SnapshotRecord,
  Standing,
  StatementFailure,
} from './standing.ts';
import { storedMigration, type StepsRequest, takeOne, takeSteps } from './steps.ts';

type Detail = { readonly [key: string]: Json | undefined };

export interface AcquireRequest {
  readonly run: string;
  readonly direction: 'up' | 'down';
  /** Goes into the `begun` event. */
  readonly begun: Detail;
  /** Rollback: what to revert, resolved when the lease is taken. */
  readonly goal?: RollbackGoal;
  /** Rollback: refuse to revert more than this plan showed. Without it the goal alone counts. */
  readonly planned?: PlannedRollback | null;
  /** Takes over the lease from a holder found dead, if it still has exactly this token. */
  readonly expectedToken?: number;
}

export interface EndRunRequest {
  readonly run: string;
  readonly verdict: 'done' | 'failed' | 'aborted';
  readonly detail: Detail;
  readonly lockTimeoutMs?: number;
}

type LockBound = { readonly lockTimeoutMs: number; readonly comment?: string };

/**
 * What has happened to a database, kept in that database. Each method is one call unless it says otherwise, and throws besides what it names
 * what `Database` throws, and `LedgerAbsent` where no ledger, or one older than this code, is installed. Where procedures are of no use (`Routines`),
 * `apply` and `revert` are a call for each migration, and a write throws `SessionUnfit` when sessions do not begin READ COMMITTED, READ WRITE.
 */
export class Ledger {
  readonly #calls: LedgerCalls;

  /** `schema`: a lower-case identifier, as the settings allow it. */
  constructor(database: Database, schema: string) {
    this.#calls = ledgerCalls(database, schema);
  }

  /** Installs the ledger or brings it up to this code's version; nothing when it is there. @throws LockkeeperError `LedgerNewer` · `LockTimeout` · `SessionUnfit` */
  async install(): Promise<void> {
    try {
      await this.#calls.rows(installStatement(this.#calls.schema));
    } catch (error) {
      throw sqlstateOf(error) === '2D000' ? unfitSession(error) : error;
    }
  }

  /** Keeps what was found of the service in front of this database; reads and runs go by it. Safe to repeat. */
  remember(findings: readonly Finding[]): Promise<void> {
    return keepFindings(this.#calls.rows, this.#calls.quoted, findings);
  }

  /** `run`: whose snapshots to answer. @throws LockkeeperError `LedgerNewer` */
  read(known: readonly KnownMigration[], run: string | null): Promise<Standing> {
    return readStanding(this.#calls, known, run);
  }

  /** @throws LockkeeperError `LedgerNewer` */
  readRollback(goal: RollbackGoal, run: string | null): Promise<RollbackStanding> {
    return readRollbackStanding(this.#calls, goal, run);
  }

  /** Takes the lease if it is free, or `expectedToken` names it; safe to repeat. @throws LockkeeperError `LockTimeout` while a call of the old holder runs · `RunEnded` · `PlanChanged` */
  async acquire(request: AcquireRequest): Promise<AcquireResult> {
    const answer = (await this.#calls.transact('acquire', request)) as AcquireResult | { readonly stop: string };
    if ('stop' in answer) throw new LockkeeperError('RunEnded', `the execution ${request.run} has ended already`);
    return answer;
  }

  /**
   * Applies transactional migrations, each in a transaction of its own together with its ledger row. Safe to repeat: what is applied answers `already`.
   * `revision` is that of the row the caller read, 0 for none.
   */
  apply(
    request: StepsRequest & {
      readonly migrations: readonly { readonly migration: ManifestMigration; readonly revision: number }[];
    },
  ): Promise<BatchResult> {
    const steps = request.migrations.map(({ migration, revision }) => ({ ...storedMigration(migration), revision }));
    return takeSteps(this.#calls, 'apply', request, steps);
  }

  /**
   * Reverts applied entries in the order given, with the downs that were stored. Safe to repeat.
   * @throws LockkeeperError `LedgerTampered` · `MigrationIrreversible`; what came before in the list is reverted
   */
  revert(
    request: StepsRequest & { readonly migrations: readonly { readonly version: string; readonly revision: number }[] },
  ): Promise<BatchResult> {
    return takeSteps(this.#calls, 'revert', request, request.migrations);
  }

  /**
   * Claims a migration that runs outside a transaction, or goes on with one on its way: that of this run, or of one that ended. For a down one more
   * call reads the stored section.
   * @throws LockkeeperError `LeaseLost` · `MigrationAltered` · `LedgerTampered` · `MigrationIrreversible` · `LockTimeout`
   */
  beginAlone(request: BeginAloneRequest): Promise<AloneClaim> {
    return beginAlone(this.#calls, request);
  }

  /** Sends a statement that cannot run in a transaction, with its leading comment. It goes on in the database when the Data API's 45 s are over. */
  async startAlone(request: { readonly sql: string; readonly comment: string }): Promise<void> {
    await this.#calls.rows(
      `${this.#calls.leading(request.comment)} ${request.sql}`,
      {},
      { continueAfterTimeout: true },
    );
  }

  /**
   * Runs one transactional statement of a section outside a transaction, exactly once: its progress commits with it. Null when it is done, now or before.
   * @throws LockkeeperError `LockTimeout` (taken back) · `LeaseLost`
   */
  runStatement({
    comment,
    ...request
  }: AloneRequest & LockBound & { readonly index: number }): Promise<StatementFailure | null> {
    return takeOne(
      this.#calls,
      'statement',
      { ...request, comment: comment ?? defaultComment(request) },
      { version: request.version, index: request.index },
    );
  }

  /** Why something that runs outside a transaction cannot run where sessions begin read only, with the setting and how to undo it. */
  async readOnlySessions(version: string): Promise<LockkeeperError> {
    const refusal = new Error(`${version} runs outside a transaction, and sessions begin read only`);
    return (
      (await unfitBySetting(this.#calls.database, '25006', refusal)) ??
      new LockkeeperError('SessionUnfit', refusal.message, { details: { version } })
    );
  }

  /** What is recorded of sends of this statement outside a transaction. */
  sends(request: StatementAt & { readonly run: string }): Promise<Sends> {
    return sends(this.#calls, request);
  }

  /** Records that a statement outside a transaction is done; safe to repeat. @throws LockkeeperError `LeaseLost` */
  statementDone(
    request: AloneRequest & { readonly index: number; readonly rows: number; readonly ms: number },
  ): Promise<void> {
    return recorded(this.#calls, 'statement_done', request, request.version);
  }

  /**
   * Drops an index that is invalid; safe to repeat, nothing once it is valid or gone. `index`: as SQL writes it, with its schema.
   * @throws LockkeeperError `LockTimeout` · `LeaseLost`
   */
  dropInvalid(request: AloneRequest & { readonly index: string; readonly lockTimeoutMs: number }): Promise<void> {
    return recorded(this.#calls, 'drop_invalid', request, request.version);
  }

  /** Runs the verify queries of an up and sets the entry applied or reverted; null when that is done, now or before. @throws LockkeeperError `LockTimeout` · `LeaseLost` */
  completeAlone({ comment, ...request }: AloneRequest & LockBound): Promise<StatementFailure | null> {
    return takeOne(
      this.#calls,
      'complete',
      { ...request, comment: comment ?? defaultComment(request) },
      { version: request.version },
    );
  }

  /** Records why a statement outside a transaction failed. The entry stays on its way. @throws LockkeeperError `LeaseLost` */
  failAlone({ failure, ...request }: AloneRequest & { readonly failure: StatementFailure }): Promise<void> {
    return recorded(this.#calls, 'record_event', { ...request, kind: 'failed', detail: failure }, request.version);
  }

  /** Once for each identifier. @throws LockkeeperError `LeaseLost` */
  recordSnapshot({
    snapshot,
    ...request
  }: Omit<AloneRequest, 'version'> & { readonly snapshot: SnapshotRecord }): Promise<void> {
    return recorded(
      this.#calls,
      'record_event',
      { ...request, version: snapshot.version, kind: 'snapshot', detail: snapshot },
      snapshot.version,
    );
  }

  /** With a token, only while that is the lease's. @throws LockkeeperError `LeaseLost` */
  recordEvent(event: {
    readonly kind: EventKind;
    readonly run: string;
    readonly token: number | null;
    readonly version: string | null;
    readonly detail: Detail;
  }): Promise<void> {
    return recorded(this.#calls, 'record_event', event, event.version);
  }

  /**
   * Ends a run: changes the token, so that no call of the run can commit any more, releases the lease, then sums up. Safe to repeat.
   * With `token: null` it ends whatever the run holds, and answers null when it holds nothing.
   * @throws LockkeeperError `LockTimeout` while a call still runs with the token · `LeaseLost` when another run took over
   */
  endRun(request: EndRunRequest & { readonly token: number }): Promise<RunSummary>;
  endRun(request: EndRunRequest & { readonly token: null }): Promise<RunSummary | null>;
  async endRun(request: EndRunRequest & { readonly token: number | null }): Promise<RunSummary | null> {
    const answer = (await this.#calls.transact('end_run', request)) as RunSummary | { readonly stop: string } | null;
    if (answer !== null && 'stop' in answer) throw stopError(answer.stop, null);
    return answer;
  }

  /** Whether a call with this token is in the middle of a step; false between two steps, where a repeat does no harm. */
  async isCallRunning(token: number): Promise<boolean> {
    return (await this.#calls.transact('is_call_running', { token })) as boolean;
  }

  /** Statements of ours still active whose leading comment begins with `comment`, the oldest first; `''` for any run's. */
  activity(comment: string): Promise<readonly ActiveStatement[]> {
    return activeStatements(this.#calls, comment);
  }

  /** Cancels what `activity` named, where it still is ours; answers how many. */
  cancel(pids: readonly number[]): Promise<number> {
    return cancelStatements(this.#calls, pids);
  }

  /** What a concurrent build would have to wait for, the oldest first, at most 50. */
  longTransactions(olderThanSeconds: number): Promise<readonly Session[]> {
    return longTransactions(this.#calls, olderThanSeconds);
  }

  /** Who may have held the lock that statements waited for in vain. */
  lockHolders(request: LockHoldersRequest): Promise<readonly LockHolder[]> {
    return lockHolders(this.#calls, request);
  }

  indexState(table: QualifiedName, index: string): Promise<IndexState> {
    return indexState(this.#calls, table, index);
  }

  /** What the catalogue says of a statement outside a transaction; no call for `repeat`. */
  judge(judge: Judge): Promise<Judged> {
    return judged(this.#calls, judge);
  }

  indexProgress(): Promise<readonly BuildProgress[]> {
    return indexProgress(this.#calls);
  }

  /** Newest first, at most 1,000; without the lists of what rollbacks set out to revert. */
  history(limit: number): Promise<readonly LedgerEvent[]> {
    return readHistory(this.#calls, limit);
  }

  /** Every entry in version order; one call for each thousand. */
  entries(): Promise<readonly LedgerEntry[]> {
    return readEntries(this.#calls);
  }
}

const defaultComment = ({ run, version }: { readonly run: string; readonly version: string }): string =>
  `${run.split(':').at(-1)} ${version}`;
