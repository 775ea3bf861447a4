import type pg from 'pg';
import { Session } from './session.ts';

/** What is left to chance, each by a stream of its own, so that neither moves the other. */
export interface Chances {
  /** Which idle session a call gets: from 0 to 1. */
  readonly session: () => number;
  /** Whether a session keeps what a call left in it. */
  readonly keeps: () => boolean;
}

/** The sessions of one database of a cluster. Which idle one a call gets, and what it finds there, is left to chance. */
export class SessionPool {
  readonly #config: pg.ClientConfig;
  readonly #limit: number;
  readonly #ready: number;
  readonly #chances: Chances;
  readonly #idle: Session[] = [];
  readonly #all = new Set<Session>();
  readonly #waiting: (() => void)[] = [];
  readonly #returning = new Set<Promise<void>>();
  #opening = 0;
  #closed = false;
  #draining: (() => void)[] | null = null;
  #lastDrain: Promise<unknown> = Promise.resolve();

  constructor(
    config: pg.ClientConfig,
    { limit, ready }: { readonly limit: number; readonly ready: number },
    chances: Chances,
  ) {
    this.#config = config;
    this.#limit = limit;
    this.#ready = Math.min(ready, limit);
    this.#chances = chances;
  }

  /**
   * Calls one after the other meet the same sessions with the same chances: what is being given back is waited for.
   * @throws pg's error when a connection cannot be had
   */
  async acquire(): Promise<Session> {
    for (;;) {
      while (this.#returning.size > 0) await Promise.all(this.#returning);
      while (this.#idle.length > 0) {
        const [session] = this.#idle.splice(Math.floor(this.#chances.session() * this.#idle.length), 1);
        if (!session!.ended) return session!;
      }
      if (this.#draining === null && this.#all.size + this.#opening < this.#limit) {
        const [session] = await Promise.all([this.#open(), this.#openSpare()]);
        return session;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #openSpare(): Promise<void> {
    if (this.#all.size + this.#opening >= this.#ready) return;
    await this.#open().then(
      (spare) => this.release(spare),
      () => {},
    );
  }

  async #open(): Promise<Session> {
    this.#opening += 1;
    try {
      const session = await Session.open(this.#config, (ended) => this.#forget(ended));
      if (this.#closed) {
        await session.end();
        throw new Error('the pool was closed meanwhile');
      }
      this.#all.add(session);
      this.#opening -= 1;
      return session;
    } catch (error) {
      this.#opening -= 1;
      this.#wake();
      throw error;
    }
  }

  /** Whether a call or a transaction holds a session. */
  get busy(): boolean {
    return this.#opening > 0 || this.#all.size > this.#idle.length;
  }

  #forget(session: Session): void {
    this.#all.delete(session);
    const at = this.#idle.indexOf(session);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#wake();
  }

  /** Gives a session back once what it ran has ended; an open transaction is rolled back, other state taken back or kept. */
  release(session: Session): Promise<void> {
    const returned = this.#giveBack(session).finally(() => this.#returning.delete(returned));
    this.#returning.add(returned);
    return returned;
  }

  async #giveBack(session: Session): Promise<void> {
    if (!session.ended) await session.reset(this.#chances.keeps).catch(() => session.end());
    if (session.ended || this.#draining !== null) {
      await session.end();
      return this.#forget(session);
    }
    this.#idle.push(session);
    this.#wake();
  }

  #wake(): void {
    this.#waiting.shift()?.();
    if (this.#draining === null || this.#all.size + this.#opening > 0) return;
    for (const done of this.#draining.splice(0)) done();
  }

  /** Runs `work` while no session is open; sessions in use are waited for, calls and other drains wait meanwhile. */
  drained<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastDrain.then(() => this.#drain(work));
    this.#lastDrain = turn.catch(() => {});
    return turn;
  }

  async #drain<T>(work: () => Promise<T>): Promise<T> {
    this.#draining = [];
    try {
      const empty = new Promise<void>((resolve) => this.#draining!.push(resolve));
      await Promise.all(this.#idle.splice(0).map(async (session) => session.end().then(() => this.#forget(session))));
      this.#wake();
      await empty;
      return await work();
    } finally {
      this.#draining = null;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Cancels what a backend runs, or ends the backend, from a session of its own. */
  async signal(pid: number, how: 'cancel' | 'terminate'): Promise<void> {
    const session = await Session.open(this.#config, () => {});
    try {
      await session.run(`SELECT pg_${how}_backend(${pid})`);
    } finally {
      await session.end();
    }
  }

  /** Ends every session, in use or not, and opens none any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((session) => session.end()));
  }
}
