import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LockkeeperError } from '../../lib/errors/index.ts';
import type { Database } from '../../lib/ledger/database.ts';
import { Ledger } from '../../lib/ledger/ledger.ts';
import { migrationOf, runArn } from '../support/ledger-case.ts';
import { openPgDatabase, type PgDatabase } from '../support/pg-database.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const migrations = [
  migrationOf(1, { up: ['create table a(i int)', 'insert into a values (1)'], down: ['drop table a'] }),
  migrationOf(2, { up: ['insert into a values (2)', 'select pg_sleep(0.01)'], down: ['delete from a where i = 2'] }),
  migrationOf(3, {
    up: [
      'create table p(i int primary key)',
      'create table c(i int references p deferrable initially deferred)',
      'insert into c values (7)',
      'insert into p values (7)',
    ],
    down: ['drop table c', 'drop table p'],
  }),
  migrationOf(4, {
    up: ['insert into a select i + 10 from a', 'select pg_sleep(0.01)'],
    down: ['delete from a where i > 10'],
    verify: ['select count(*) = 4 from a'],
  }),
  migrationOf(5, {
    up: ['alter table a add column t text', "update a set t = 'x'"],
    down: ['alter table a drop column t'],
  }),
  migrationOf(6, { up: ['insert into a values (6)'], down: ['delete from a where i = 6'] }),
];

/** What goes wrong at one call: its request lost, its reply lost, or its backend killed so many milliseconds after it began. */
type Fault = { readonly kind: 'request' | 'reply' } | { readonly kind: 'kill'; readonly afterMs: number };
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom('request', 'reply') }),
  fc.record({ kind: fc.constant('kill'), afterMs: fc.integer({ min: 0, max: 40 }) }),
);

const lost = (): LockkeeperError => new LockkeeperError('OutcomeUnknown', 'lost');

/** A database whose n-th calls meet the faults given; null is a good call. */
const faulty = (database: PgDatabase, faults: readonly (Fault | null)[]): Database => {
  let call = 0;
  return {
    async query(sql, parameters, options) {
      const now = faults[call++] ?? null;
      if (now?.kind === 'request') throw lost();
      if (now?.kind !== 'kill') {
        const rows = await database.query(sql, parameters, options);
        if (now) throw lost();
        return rows;
      }
      const timer = setTimeout(() => {
        void database
          .query(
            "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%lockkeeper%' AND pid <> pg_backend_pid()",
          )
          .catch(() => undefined);
      }, now.afterMs);
      try {
        return await database.query(sql, parameters, options);
      } finally {
        clearTimeout(timer);
      }
    },
  };
};

/** Begins again, as often as it takes, with nothing in mind but the ledger. */
const persist = async <T>(step: () => Promise<T>): Promise<T> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof LockkeeperError) || error.code !== 'OutcomeUnknown' || attempt > 40) throw error;
    }
  }
};

const request = (token: number, run: string) => ({
  token,
  run,
  comment: 'r',
  options: { lockTimeoutMs: 900, budgetMs: 25 },
});

const migrate = async (ledger: Ledger): Promise<void> => {
  const run = runArn('up');
  await persist(() => ledger.install());
  const acquired = await persist(() => ledger.acquire({ run, direction: 'up', begun: {} }));
  if (!acquired.taken) throw new Error('held');
  for (;;) {
    const { differences } = await persist(() => ledger.read(migrations, null));
    const pending = differences.map(({ version, revision }) => ({
      revision,
      migration: migrations.find((each) => each.version === version) ?? migrationOf(0, { up: [] }),
    }));
    if (pending.length === 0) break;
    const { stop } = await persist(() => ledger.apply({ ...request(acquired.token, run), migrations: pending }));
    expect(['budget', 'busy', null]).toContain(stop);
  }
  await persist(() => ledger.endRun({ token: acquired.token, run, verdict: 'done', detail: {} }));
};

const rollBack = async (ledger: Ledger): Promise<void> => {
  const run = runArn('down');
  const acquired = await persist(() =>
    ledger.acquire({ run, direction: 'down', begun: {}, goal: { kind: 'steps', steps: 4 } }),
  );
  if (!acquired.taken) throw new Error('held');
  for (;;) {
    const { entries } = await persist(() => ledger.readRollback({ kind: 'begun', run }, run));
    if (entries.length === 0) break;
    const { stop } = await persist(() =>
      ledger.revert({
        ...request(acquired.token, run),
        migrations: entries.map(({ version, revision }) => ({ version, revision })),
      }),
    );
    expect(['budget', 'busy', null]).toContain(stop);
  }
  await persist(() => ledger.endRun({ token: acquired.token, run, verdict: 'done', detail: {} }));
};

const state = async (database: PgDatabase): Promise<unknown> => {
  // A backend killed at the very end may be noticed only now; a read is safe to repeat.
  const read = (sql: string) => database.query(sql).catch(() => database.query(sql));
  const ledger = await read(
    "SELECT concat_ws(' ', version, revision, state, rows::text, run, reverted_run) AS l FROM lockkeeper.migration ORDER BY version",
  );
  const events = await read(
    "SELECT concat_ws(' ', kind, version, detail->>'rows') AS l FROM lockkeeper.event WHERE kind <> 'installed' ORDER BY id",
  );
  const data = await read('SELECT CAST(a AS text) AS l FROM a ORDER BY i');
  return [ledger, events, data].map((rows) => rows.map(({ l }) => l));
};

const version = (n: number): string => String(20250101000000 + n);
const [up, down] = [runArn('up'), runArn('down')];
const unbroken = [
  [
    `${version(1)} 1 applied {0,1} ${up}`,
    `${version(2)} 1 applied {1,1} ${up}`,
    `${version(3)} 2 reverted {0,0,1,1} ${up} ${down}`,
    `${version(4)} 2 reverted {2,1} ${up} ${down}`,
    `${version(5)} 2 reverted {0,4} ${up} ${down}`,
    `${version(6)} 2 reverted {1} ${up} ${down}`,
  ],
  [
    'begun',
    `applied ${version(1)} 1`,
    `applied ${version(2)} 2`,
    `applied ${version(3)} 2`,
    `applied ${version(4)} 3`,
    `applied ${version(5)} 4`,
    `applied ${version(6)} 1`,
    'ended',
    'begun',
    `reverted ${version(6)} 1`,
    `reverted ${version(5)} 0`,
    `reverted ${version(4)} 2`,
    `reverted ${version(3)} 0`,
    'ended',
  ],
  ['(1)', '(2)'],
];

test('a run up and a run down, cut at any calls, end with the ledger, the events and the data of an unbroken one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fault, { freq: 2 }), { maxLength: 24 }), async (faults) => {
      const database = openPgDatabase(await server.createDatabase());
      try {
        const ledger = new Ledger(faulty(database, faults), 'lockkeeper');
        await migrate(ledger);
        await rollBack(ledger);
        expect(await state(database)).toEqual(unbroken);
      } finally {
        await database.end();
      }
    }),
    { numRuns: 25, examples: [[[]]], interruptAfterTimeLimit: 20_000 },
  );
});
