import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { installStatement, Ledger } from '../../lib/ledger/index.ts';
import { openPgDatabase, type PgDatabase } from '../support/pg-database.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let url: string;
let database: PgDatabase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await server.createDatabase();
  database = openPgDatabase(url);
});
afterEach(() => database.end());

const count = async (sql: string): Promise<unknown> =>
  (await database.query(`SELECT count(*) AS n FROM ${sql}`))[0]?.['n'];

test('the whole ledger is one statement that the Data API takes', () => {
  const statement = installStatement('a'.repeat(48));
  expect(statement.length).toBeLessThan(65_536);
  // outside of quoted text, comments and casts there is nothing that looks like a parameter
  expect(statement.replaceAll(/'(?:[^']|'')*'/g, '')).toBe('DO ');
});

test('a database without a ledger says so, for each way to ask', async () => {
  const ledger = new Ledger(database, 'lockkeeper');
  const absent = { code: 'LedgerAbsent' };
  await expect(ledger.read([], null)).rejects.toMatchObject(absent);
  await expect(ledger.readRollback({ kind: 'all' }, null)).rejects.toMatchObject(absent);
  await expect(ledger.acquire({ run: 'arn:r', direction: 'up', begun: {} })).rejects.toMatchObject(absent);
  await expect(ledger.history(5)).rejects.toMatchObject(absent);
  await expect(ledger.entries()).rejects.toMatchObject(absent);
});

test('is installed by one call, and again without an effect', async () => {
  const ledger = new Ledger(database, 'lockkeeper');
  await ledger.install();
  await ledger.install();
  expect(database.sent).toHaveLength(2);
  expect(await ledger.read([], null)).toEqual({
    lease: { token: 1, holder: null, since: null },
    runEnded: false,
    readOnly: false,
    appliedCount: 0,
    lastApplied: null,
    differences: [],
    snapshots: [],
  });
  expect(await ledger.history(10)).toMatchObject([
    { kind: 'installed', run: null, detail: { version: 4, from: null } },
  ]);
});

test('eight installers at once end well and leave one ledger', async () => {
  const databases = Array.from({ length: 8 }, (_, n) =>
    openPgDatabase(url, n % 2 ? ["set default_transaction_isolation = 'serializable'"] : []),
  );
  await Promise.all(databases.map((each) => new Ledger(each, 'lockkeeper').install()));
  await Promise.all(databases.map((each) => each.end()));
  expect(await count('lockkeeper.lease')).toBe(1);
  expect(await count("lockkeeper.event WHERE kind = 'installed'")).toBe(1);
});

test('two services share a database under names of their own, a reserved word too', async () => {
  const [one, two] = [new Ledger(database, 'user'), new Ledger(database, 'shop_ledger')];
  await one.install();
  await two.install();
  expect(await one.acquire({ run: 'arn:one', direction: 'up', begun: {} })).toEqual({ taken: true, token: 2 });
  expect((await two.read([], null)).lease.holder).toBe(null);
});

test('an older ledger is brought up in place and keeps what it holds', async () => {
  const ledger = new Ledger(database, 'lockkeeper');
  await ledger.install();
  await ledger.acquire({ run: 'arn:r', direction: 'up', begun: {} });
  await database.query('UPDATE lockkeeper.installation SET version = 0');
  await database.query(
    "CREATE OR REPLACE FUNCTION lockkeeper.read_standing(p_version integer, p_known jsonb, p_run text) RETURNS SETOF text LANGUAGE sql AS 'select ''{\"installed\":0}'''",
  );
  await database.query(
    "CREATE FUNCTION lockkeeper.of_an_older_version(integer) RETURNS integer LANGUAGE sql AS 'select 1'",
  );
  await database.query('DROP PROCEDURE lockkeeper.take_steps');
  await expect(ledger.read([], null)).rejects.toMatchObject({
    code: 'LedgerAbsent',
    details: { installed: 0 },
    message: 'the ledger in schema lockkeeper has version 0, this code knows 4',
  });
  await ledger.install();
  expect((await ledger.read([], null)).lease).toMatchObject({ token: 2, holder: 'arn:r' });
  expect(await count("pg_proc WHERE proname = 'of_an_older_version'")).toBe(0);
  expect(await ledger.history(1)).toMatchObject([{ kind: 'installed', detail: { from: 0, version: 4 } }]);
});

test('a newer ledger is refused by install and by read, and left as it is', async () => {
  const ledger = new Ledger(database, 'lockkeeper');
  await ledger.install();
  await database.query('UPDATE lockkeeper.installation SET version = 9');
  await database.query(
    "CREATE OR REPLACE FUNCTION lockkeeper.read_standing(p_version integer, p_known jsonb, p_run text) RETURNS SETOF text LANGUAGE sql AS 'select ''{\"installed\":9}'''",
  );
  const newer = { code: 'LedgerNewer', message: 'the ledger in schema lockkeeper has version 9, this code knows 4' };
  await expect(ledger.install()).rejects.toMatchObject(newer);
  await expect(ledger.read([], null)).rejects.toMatchObject(newer);
  expect(await count('lockkeeper.installation WHERE version = 9')).toBe(1);
});

test('a schema made beforehand is enough for a role that may not make one', async () => {
  await database.query('CREATE ROLE migrator LOGIN');
  await database.query('CREATE SCHEMA lockkeeper AUTHORIZATION migrator');
  const theirs = openPgDatabase(url, ['set session authorization migrator']);
  try {
    const ledger = new Ledger(theirs, 'lockkeeper');
    await ledger.install();
    expect(await ledger.acquire({ run: 'arn:r', direction: 'up', begun: {} })).toEqual({ taken: true, token: 2 });
  } finally {
    await theirs.end();
    await database.query('DROP OWNED BY migrator');
    await database.query('DROP ROLE migrator');
  }
});
