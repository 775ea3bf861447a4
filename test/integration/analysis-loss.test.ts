import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advance, factsOf, loadParser, RunningSchema } from '../../lib/analysis/index.ts';
import { parseScript } from '../../lib/analysis/parse.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

/** What was there before: every row has a mark of its own in `v`, so that a lost value can be missed. */
const setUp = `
  CREATE SCHEMA s;
  CREATE TABLE old (id int PRIMARY KEY, r int, v varchar(20));
  CREATE TABLE kin (id int, v text);
  CREATE TABLE s.n (id int, v text);
  CREATE TABLE parted (id int, v text) PARTITION BY RANGE (id);
  CREATE TABLE parted_one PARTITION OF parted FOR VALUES FROM (1) TO (100);
  INSERT INTO old VALUES (1, 1, 'mark-old-1'), (2, 1, 'mark-old-2');
  INSERT INTO kin VALUES (1, 'mark-kin-1');
  INSERT INTO s.n VALUES (1, 'mark-s-1');
  INSERT INTO parted VALUES (1, 'mark-parted-1');
  CREATE FUNCTION drain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.kin; RETURN 1; END $$;
  CREATE FUNCTION counts() RETURNS int LANGUAGE sql AS $$ SELECT count(*)::int FROM public.kin $$;
  CREATE FUNCTION drain_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.kin; RETURN NULL; END $$;
`;

/** One name that is free or becomes so, one that holds old rows: every statement of a script speaks of these two. */
const [first, second] = ['«first»', '«second»'];
const name = fc.constantFrom(first, second);
const bare = fc.constantFrom('kin', 'n', 'm');
const pairs = fc.tuple(fc.constantFrom('m', 'm', 'n', 's.m'), fc.constantFrom('kin', 'kin', 's.n', 'parted'));

/** Something new. */
const making = fc.oneof(
  name.map((a) => `CREATE TABLE ${a} (id int PRIMARY KEY, v text)`),
  name.map((a) => `CREATE TABLE ${a} (id int, v text) PARTITION BY RANGE (id)`),
  name.map((a) => `CREATE TABLE IF NOT EXISTS ${a} (id int, v text)`),
  bare.map((a) => `CREATE TEMP TABLE ${a} (id int, v text)`),
  fc.tuple(name, name).map(([a, b]) => `CREATE TABLE ${a} AS SELECT * FROM ${b}`),
  name.map((a) => `ALTER TABLE ${a} ADD COLUMN w text`),
  fc.constantFrom('CREATE SCHEMA t', 'CREATE TABLE t.kin (id int, v text)'),
);

/** Old and new change places, or rows come to hang together. */
const mixing = fc.oneof(
  fc.tuple(name, bare).map(([a, b]) => `ALTER TABLE ${a} RENAME TO ${b}`),
  fc.tuple(name, fc.constantFrom('s', 'public', 't')).map(([a, b]) => `ALTER TABLE ${a} SET SCHEMA ${b}`),
  fc.tuple(name, name).map(([a, b]) => `ALTER TABLE ${a} INHERIT ${b}`),
  fc.tuple(name, name).map(([a, b]) => `ALTER TABLE ${a} ATTACH PARTITION ${b} FOR VALUES FROM (1) TO (50)`),
  fc.tuple(name, name).map(([a, b]) => `ALTER TABLE ${a} DETACH PARTITION ${b}`),
  fc.tuple(name, name).map(([a, b]) => `INSERT INTO ${a} (id, v) SELECT id, v FROM ${b}`),
  fc.tuple(name, name).map(([a, b]) => `ALTER TABLE ${a} ADD FOREIGN KEY (id) REFERENCES ${b} (id) ON DELETE CASCADE`),
  name.map((a) => `ALTER TABLE ${a} RENAME COLUMN v TO w`),
  name.map((a) => `CREATE RULE r AS ON INSERT TO ${a} DO ALSO DELETE FROM public.old`),
  name.map((a) => `CREATE TRIGGER g AFTER INSERT ON ${a} EXECUTE FUNCTION drain_rows()`),
  fc.constantFrom(
    'ALTER SCHEMA s RENAME TO t',
    'ALTER SCHEMA t RENAME TO s',
    'SET LOCAL search_path = s, public',
    'SET LOCAL search_path = public',
    'SET LOCAL search_path = t, s, public',
    "SELECT set_config('search_path', 's, public', true)",
    "DO $$ BEGIN PERFORM set_config('search_path', 's, public', true); END $$",
    'DO $$ BEGIN ALTER TABLE kin RENAME TO m; END $$',
    'CREATE VIEW w AS SELECT drain()',
    'SELECT counts()',
  ),
);

/** Something goes. */
const losing = fc.oneof(
  name.map((a) => `DROP TABLE ${a}`),
  name.map((a) => `DROP TABLE ${a} CASCADE`),
  name.map((a) => `DELETE FROM ${a}`),
  name.map((a) => `TRUNCATE ${a} CASCADE`),
  name.map((a) => `UPDATE ${a} SET v = 'gone'`),
  name.map((a) => `UPDATE ${a} SET w = 'gone'`),
  name.map((a) => `ALTER TABLE ${a} DROP COLUMN w`),
  name.map((a) => `INSERT INTO ${a} (id) VALUES (7)`),
  name.map((a) => `ALTER TABLE ${a} ALTER v TYPE char(3) USING v::char(3)`),
  fc.constantFrom(
    'DROP SCHEMA t CASCADE',
    'DROP SCHEMA s CASCADE',
    'DO $$ BEGIN CREATE TABLE m (id int, v text); DROP TABLE m; END $$',
    'DO $$ BEGIN IF false THEN CREATE TABLE n (id int); END IF; DROP TABLE IF EXISTS n; END $$',
    "DO $$ BEGIN EXECUTE 'DELETE FROM kin'; END $$",
    'SELECT * FROM w',
    'SELECT 1 WHERE drain() = 2',
  ),
);

const script = fc
  .tuple(
    pairs,
    fc.array(making, { minLength: 1, maxLength: 2 }),
    fc.array(mixing, { minLength: 1, maxLength: 3 }),
    fc.array(losing, { minLength: 1, maxLength: 3 }),
  )
  .map(([[free, old], ...parts]) => parts.flat().map((sql) => sql.replaceAll(first, free).replaceAll(second, old)));

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

/** The marks that can still be read anywhere in a table. */
const marks = async (): Promise<readonly string[]> => {
  const { rows } = await client.query<{ mark: string }>(`
    SELECT DISTINCT m[1] AS mark FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace,
      LATERAL regexp_matches(query_to_xml(format('SELECT * FROM ONLY %I.%I', nspname, relname), true, false, '')::text, 'mark-[a-z]+-[0-9]', 'g') m
    WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') AND NOT pg_is_other_temp_schema(n.oid)
      AND nspname NOT LIKE 'pg_toast%' ORDER BY 1`);
  return rows.map(({ mark }) => mark);
};

/** Runs what the server accepts of it in one transaction; answers the statements that ran, and after which marks were gone. */
const played = async (statements: readonly string[]) => {
  const ran: { readonly sql: string; readonly lost: readonly string[] }[] = [];
  await client.query('BEGIN');
  try {
    let before = await marks();
    for (const sql of statements) {
      await client.query('SAVEPOINT one');
      try {
        await client.query(sql);
      } catch {
        await client.query('ROLLBACK TO one');
        continue;
      }
      const after = await marks();
      ran.push({ sql, lost: before.filter((mark) => !after.includes(mark)) });
      before = after;
    }
    return ran;
  } finally {
    await client.query('ROLLBACK');
  }
};

/** Copies outlive their origin: a mark may go later than the row that was lost. */
const copies = /AS SELECT|INSERT INTO \S+ \(id, v\)/;

/** What the analysis says of the statements, as the up of one migration; with and without knowing what was there. */
const claimed = (statements: readonly string[], isKnown: boolean): readonly string[] => {
  const schema = new RunningSchema();
  const run = (sql: string): string => {
    const [only] = parsed(sql);
    if (only === undefined) throw new Error('nothing parsed');
    const facts = factsOf(only.node, sql, schema);
    advance(schema, only.node, sql, facts);
    return facts.loss;
  };
  schema.beginUp(true);
  if (isKnown) for (const { startByte, endByte } of parsed(setUp)) run(setUp.slice(startByte, endByte ?? undefined));
  schema.beginUp(true);
  return statements.map(run);
};

test('what the analysis says loses nothing loses nothing on a server', async () => {
  await fc.assert(
    fc.asyncProperty(script, fc.boolean(), async (all, isKnown) => {
      const ran = await played(all);
      if (ran.every(({ lost }) => lost.length === 0)) return;
      const losses = claimed(
        ran.map(({ sql }) => sql),
        isKnown,
      );
      const isSaid = (at: number): boolean => losses[at] === 'data' || losses[at] === 'unknown';
      const wrong = ran.filter(({ lost }, at) => {
        if (lost.length === 0 || isSaid(at)) return false;
        const isCopied = ran.slice(0, at).some(({ sql }) => copies.test(sql));
        return !isCopied || !ran.slice(0, at).some((_, earlier) => isSaid(earlier));
      });
      expect({ wrong, ran, losses, isKnown }).toMatchObject({ wrong: [] });
    }),
    { numRuns: Number(process.env['LOCKKEEPER_RUNS'] ?? 400), seed: 20_261_123 },
  );
}, 60_000);
