import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advance, factsOf, type Lock, loadParser, pgLocksMode, RunningSchema } from '../../lib/analysis/index.ts';
import { parseScript } from '../../lib/analysis/parse.ts';
import { lockedSetUp as setUp } from '../support/locked-schema.ts';
import { lockedStatements as statements } from '../support/locked-statements.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let client: pg.Client;

beforeAll(async () => {
  await loadParser();
  server = await startTestServer();
  client = new pg.Client({ connectionString: await server.createDatabase() });
  await client.connect();
  await client.query(setUp);
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

const parsed = (sql: string) => {
  const script = parseScript(sql);
  if ('message' in script) throw new Error(script.message);
  return script;
};

/** The schema as the migrations before would have made it, and the facts of the statement in a section of its own. */
const claimed = (sql: string) => {
  const schema = new RunningSchema();
  schema.beginUp(true, true);
  for (const { node, startByte, endByte } of parsed(setUp)) {
    const text = setUp.slice(startByte, endByte ?? undefined);
    advance(schema, node, text, factsOf(node, text, schema));
  }
  // the server's TimeZone is UTC, as in the Data API's sessions
  schema.beginUp(true, true);
  const [statement] = parsed(sql);
  if (statement === undefined) throw new Error('nothing parsed');
  return factsOf(statement.node, sql, schema);
};

interface Seen {
  readonly name: string;
  readonly mode: string;
  readonly kind: string;
}

const strength = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** Relations that were there before, with the strongest lock that the statement took, and those written anew. */
const observed = async (sql: string) => {
  await client.query('BEGIN');
  try {
    const before = await client.query<{ oid: string; relname: string; relkind: string; node: string }>(
      `SELECT c.oid::text, relname, relkind, relfilenode::text AS node FROM pg_class c
       JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'`,
    );
    await client.query('COMMIT; BEGIN');
    await client.query(sql);
    const locks = await client.query<{ relation: string; mode: string }>(
      `SELECT relation::text, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'`,
    );
    const after = await client.query<{ oid: string; node: string }>(
      'SELECT oid::text, relfilenode::text AS node FROM pg_class',
    );
    const seen = new Map<string, Seen>();
    for (const { relation, mode } of locks.rows) {
      const known = before.rows.find(({ oid }) => oid === relation);
      if (known === undefined || strength.indexOf(mode) <= strength.indexOf(seen.get(known.relname)?.mode ?? ''))
        continue;
      seen.set(known.relname, { name: known.relname, mode, kind: known.relkind });
    }
    const rewritten = before.rows
      .filter(({ oid, node }) => after.rows.some((each) => each.oid === oid && each.node !== node))
      .filter(({ relkind }) => relkind === 'r' || relkind === 'm')
      .map(({ relname }) => relname);
    return { locks: [...seen.values()], rewritten };
  } finally {
    await client.query('ROLLBACK');
  }
};

const shown = (locks: readonly Lock[], isNamed: (name: string) => boolean): string[] =>
  locks
    .filter(({ object }) => object.kind !== 'index' || isNamed(object.name))
    .map(({ object, mode }) => `${object.name} ${pgLocksMode(mode)}`)
    .toSorted();

test.each(statements)('claims the locks that the server takes: %s', async (sql) => {
  const { locks, objects } = claimed(sql);
  const seen = await observed(sql);
  // indexes are locked along with their tables by nearly everything; they count where the statement names one
  const isNamed = (name: string): boolean => objects.some((object) => object.name === name && object.kind === 'index');
  const taken = seen.locks.filter(({ kind, name }) => !['i', 'I'].includes(kind) || isNamed(name));
  expect(shown(locks, isNamed)).toEqual(taken.map(({ name, mode }) => `${name} ${mode}`).toSorted());
  // TRUNCATE gives the table new files, too, but writes no row
  const written = locks.filter(({ duration }) => duration === 'rewrite').map(({ object }) => object.name);
  if (!sql.startsWith('TRUNCATE')) expect(written.toSorted()).toEqual(seen.rewritten.toSorted());
});
