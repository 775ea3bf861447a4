import { resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest, ManifestSection } from '../../lib/migration/index.ts';
import { builtInFunctions } from '../../lib/analysis/facts/built-in-functions.ts';
import { compileProject } from '../../lib/project/index.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let client: pg.Client;
let manifest: Manifest;

beforeAll(async () => {
  manifest = await compileProject(resolve(import.meta.dirname, '../..'));
  server = await startTestServer();
  client = new pg.Client({ connectionString: await server.createDatabase() });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

const run = async ({ transactional, statements }: ManifestSection): Promise<void> => {
  if (transactional) await client.query('BEGIN');
  for (const { sql } of statements) await client.query(sql);
  if (transactional) await client.query('COMMIT');
};

/** Runs all up sections and answers what each verify query said. */
const goUp = async (): Promise<unknown[]> => {
  const answers: unknown[] = [];
  for (const { up, verify } of manifest.migrations) {
    await run(up);
    for (const { sql } of verify) answers.push(...(await client.query({ text: sql, rowMode: 'array' })).rows.flat());
  }
  return answers;
};

const tables = async (): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'shop' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
};

test('the example goes up, down and up again on PostgreSQL, and verifies each time', async () => {
  const verified = Array.from({ length: 7 }, () => true);
  expect(await goUp()).toEqual(verified);
  const first = await tables();
  expect(first).toContain('orders.total_cents');
  expect(first).not.toContain('customers.fax');
  for (const { down } of manifest.migrations.toReversed()) if (down !== null) await run(down);
  expect(await tables()).toEqual([]);
  expect(await goUp()).toEqual(verified);
  expect(await tables()).toEqual(first);
});

test('the trigger of the example keeps the total of an order', async () => {
  const { rows } = await client.query<{ total: string }>(`
    WITH customer AS (INSERT INTO shop.customers (email, full_name) VALUES ('a@example.com', 'A') RETURNING id)
    INSERT INTO shop.orders (customer_id) SELECT id FROM customer RETURNING id AS total`);
  const order = rows[0]?.total;
  await client.query(
    `INSERT INTO shop.order_lines (order_id, line, product_id, quantity, price_cents)
     SELECT $1, row_number() OVER (ORDER BY id), id, 2, price_cents FROM shop.products`,
    [order],
  );
  const total = async () => (await client.query('SELECT total_cents FROM shop.orders')).rows;
  expect(await total()).toEqual([{ total_cents: '26080' }]);
  await client.query('DELETE FROM shop.order_lines WHERE line > 1');
  expect(await total()).toEqual([{ total_cents: '4900' }]);
});

test('the example shows each kind of migration', () => {
  const kinds = manifest.migrations.flatMap(({ up }) => up.statements.map(({ kind, loss }) => `${kind}: ${loss}`));
  expect([...new Set(kinds)]).toEqual([
    'CREATE SCHEMA: none',
    'CREATE TABLE: none',
    'CREATE INDEX: none',
    'INSERT: none',
    'CREATE TYPE: none',
    'ALTER TABLE ADD COLUMN: none',
    'CREATE UNIQUE INDEX CONCURRENTLY: none',
    'ALTER TABLE ADD CONSTRAINT: none',
    'ALTER TABLE VALIDATE CONSTRAINT: none',
    'CREATE FUNCTION: none',
    'CREATE TRIGGER: none',
    'CREATE INDEX CONCURRENTLY: none',
    'ALTER TABLE DROP COLUMN: data',
  ]);
});

test('the functions that the analysis takes for harmless are those of the server', async () => {
  const { rows } = await client.query<{ name: string }>(`
    SELECT DISTINCT proname AS name FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND NOT (ARRAY['internal'::regtype::oid, 'cstring'::regtype::oid] && (proargtypes::oid[] || prorettype))`);
  expect([...builtInFunctions].toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
});
