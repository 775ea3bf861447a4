import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { SessionPool } from './pool.ts';
import { databaseError, ServiceError, transactionNotFound } from './service-error.ts';
import type { Session } from './session.ts';

/** Without a call a transaction is rolled back: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_BeginTransaction.html */
const idleLimitMs = 3 * 60_000;
/** However busy, it ends after a day (same page). */
const ageLimitMs = 24 * 60 * 60_000;

export interface Transaction {
  readonly id: string;
  readonly cluster: Cluster;
  readonly pool: SessionPool;
  readonly session: Session;
}

interface Kept extends Transaction {
  busy: boolean;
  unidle: () => void;
  readonly unage: () => void;
}

/** The open transactions, each with a session of its own. */
export class Transactions {
  readonly #clock: Clock;
  readonly #open = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(cluster: Cluster, pool: SessionPool, session: Session): string {
    const id = randomBytes(96).toString('base64url');
    const end = (): void => void this.#expire(id);
    this.#open.set(id, {
      id,
      cluster,
      pool,
      session,
      busy: false,
      unidle: this.#clock.after(idleLimitMs, end),
      unage: this.#clock.after(ageLimitMs, end),
    });
    return id;
  }

  /**
   * Holds the transaction for one call. `release` gives it back once its statement has ended, and forgets it when the
   * statement ended it.
   * @throws ServiceError when it is unknown or its last statement still runs
   */
  hold(
    id: string,
    cluster: Cluster,
    missing = transactionNotFound(id),
  ): { transaction: Transaction; release: () => void } {
    const kept = this.#open.get(id);
    if (kept === undefined || kept.cluster !== cluster) throw missing;
    if (kept.busy) throw databaseError('Transaction is still running a query');
    kept.busy = true;
    kept.unidle();
    return {
      transaction: kept,
      release: () => {
        kept.busy = false;
        if (kept.session.ended || kept.session.transactionStatus === 'I') void this.#forget(kept);
        else kept.unidle = this.#clock.after(idleLimitMs, () => void this.#expire(id));
      },
    };
  }

  /** The error of CommitTransaction and RollbackTransaction for an id they do not know. */
  static readonly notFound = (id: string): ServiceError =>
    new ServiceError('NotFoundException', 404, `Transaction ${id} is not found`);

  async #expire(id: string): Promise<void> {
    const kept = this.#open.get(id);
    if (kept === undefined) return;
    if (kept.busy) await kept.pool.signal(kept.session.pid, 'terminate').catch(() => {});
    await this.#forget(kept);
  }

  /** Its session's reset rolls back what is open. */
  async #forget(kept: Kept): Promise<void> {
    this.#open.delete(kept.id);
    kept.unidle();
    kept.unage();
    await kept.pool.release(kept.session);
  }

  /** Rolls back those that no call holds. */
  async rollbackIdle(pool: SessionPool): Promise<void> {
    await Promise.all(
      [...this.#open.values()].filter((kept) => kept.pool === pool && !kept.busy).map((kept) => this.#forget(kept)),
    );
  }
}
