import pg from 'pg';
import { persistently } from './server.ts';
import type { World } from './world.ts';

/** What holds statements up in a world: a gate that migrations pass, and sessions of somebody else with locks and snapshots. */
export class Holdups {
  readonly #world: World;
  #gate: pg.Client | undefined;
  readonly #strangers = new Set<pg.Client>();
  /** A foreign transaction that a build would have to wait for; `told`: a run had the chance to see it. */
  elder: { told: boolean } | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Disconnects the gate and the strangers, so that the database can be copied. */
  async release(): Promise<void> {
    for (const stranger of this.#strangers) await stranger.end().catch(() => undefined);
    this.#strangers.clear();
    await this.#gate?.end().catch(() => undefined);
    this.#gate = undefined;
  }

  #gateClient = async (): Promise<pg.Client> => {
    if (this.#gate) return this.#gate;
    const client = new pg.Client({ connectionString: this.#world.url, application_name: 'gate' });
    client.on('error', () => undefined);
    await client.connect();
    return (this.#gate = client);
  };

  /** Keeps the statement that is about to be sent from ending, until `until` or for so many milliseconds. */
  async holdStatement(sql: string, until: Promise<unknown>, ms = 300): Promise<void> {
    const outdoors = new Promise((resolve) => setTimeout(resolve, ms));
    const over = Promise.race([until, outdoors, this.#world.ended]);
    if (/CREATE INDEX CONCURRENTLY/.test(sql)) {
      const blocker = new pg.Client({ connectionString: this.#world.url, application_name: 'blocker' });
      blocker.on('error', () => undefined);
      await blocker.connect();
      await blocker.query('begin; lock table app.account in row exclusive mode');
      this.#world.trace('world', 'a transaction holds up the build');
      this.#world.afterwards(
        over
          .then(() => blocker.end().catch(() => undefined))
          .then(() => this.#world.trace('world', 'the transaction is gone')),
      );
      return;
    }
    const close = async (closed: boolean): Promise<void> => {
      await this.#world.checker.inTurn(async () =>
        persistently(
          async () => (await this.#gateClient()).query('update harness.gate set closed = $1', [closed]),
          () => (this.#gate = undefined),
        ),
      );
      this.#world.trace('world', closed ? 'statements of the migration run on from here' : 'they may end now');
    };
    await close(true);
    this.#world.afterwards(over.then(() => close(false)));
  }

  /** A statement of the run ends only once the change of token that follows waits for it; what it commits from then on is one step at most. */
  async holdUntilAwaited(sql: string, run: string): Promise<void> {
    const waits = async (): Promise<boolean> => {
      const { rows } = await this.#world.options.server.query(
        "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock' and query like '%transact%'",
        [this.#world.database],
      );
      return rows.length > 0;
    };
    const steps = async (): Promise<number> => {
      const { events } = await this.#world.checker.look();
      return events.filter((event) => event.run === run && event.kind === 'applied').length;
    };
    const awaited = (async () => {
      for (let look = 0; look < 60; look++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (!(await waits())) continue;
        const before = await steps();
        this.#world.afterwards(
          this.#world.ended.then(async () => {
            const more = (await steps()) - before;
            if (more > 1)
              this.#world.checker.report(
                'I7',
                `${more} steps were committed while the end of their run waited`,
                'at the end',
              );
          }),
        );
        return;
      }
    })();
    await this.holdStatement(sql, awaited, 1500);
  }

  /** Somebody else writes to a table; reports a statement of ours that waits for that much longer than its lock_timeout. */
  async holdLock(sql: string, until: Promise<unknown>): Promise<void> {
    if (/CONCURRENTLY/.test(sql)) return;
    const blocker = await this.#stranger('begin; lock table app.account in row exclusive mode');
    if (blocker === null) return;
    const over = new AbortController();
    const outdoors = new Promise((resolve) => setTimeout(resolve, 1500));
    const release = Promise.race([until, this.#world.ended, outdoors]).then(() => over.abort());
    const watch = async (): Promise<void> => {
      for (let look = 0; look < 20 && !over.signal.aborted; look++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const { rows } = await this.#world.options.server.query(
          "select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and l.waitstart < clock_timestamp() - interval '1 second' and a.datname = $1 and a.application_name like 'r%' and a.query !~ 'CONCURRENTLY'",
          [this.#world.database],
        );
        if (rows.length > 0)
          this.#world.checker.report(
            'I8',
            'a statement of ours waits for a lock longer than its bound',
            'while it is held',
          );
      }
      await blocker.end().catch(() => undefined);
    };
    this.#world.afterwards(release, watch());
  }

  /** Somebody else's transaction that a build has to wait for: a second old now, open for 40 s as the machines see time. */
  async holdSnapshot(seen: Promise<unknown>): Promise<void> {
    const elder = await this.#stranger('begin; select txid_current()');
    if (elder === null) return;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const opened = { told: false };
    this.elder = opened;
    void seen.then(() => (opened.told = true));
    const outdoors = new Promise((resolve) => setTimeout(resolve, 1500));
    const gone = Promise.race([this.#world.clock.sleep(40_000), outdoors, this.#world.ended]).then(async () => {
      this.elder = undefined;
      await elder.end().catch(() => undefined);
      this.#world.trace('world', 'the old transaction is gone');
    });
    this.#world.afterwards(gone);
  }

  /** A session of nobody's; null when the statement is refused: what it is about is not there. */
  #stranger = async (sql: string): Promise<pg.Client | null> => {
    const client = new pg.Client({ connectionString: this.#world.url, application_name: 'blocker' });
    client.on('error', () => undefined);
    await client.connect();
    this.#strangers.add(client);
    try {
      await client.query(sql);
      return client;
    } catch {
      await client.end().catch(() => undefined);
      return null;
    }
  };
}
