import { expect, test } from 'vitest';
import type { LockkeeperError } from '../../lib/errors/index.ts';
import { compileFile, compileUp } from '../support/compile.ts';

const errorOf = (compile: () => unknown): LockkeeperError => {
  try {
    compile();
  } catch (error) {
    return error as LockkeeperError;
  }
  throw new Error('nothing was refused');
};

const own =
  'each runs in a transaction of its own with its ledger row; only one BEGIN … COMMIT around a whole section is accepted, and dropped';
const ledger = "lockkeeper is Lockkeeper's own schema, a migration may not name it";

test.each([
  ['BEGIN; SELECT 1', `BEGIN is not for a migration: ${own}`],
  ['SELECT 1; COMMIT', `COMMIT is not for a migration: ${own}`],
  ['BEGIN; SELECT 1; COMMIT; SELECT 2', `BEGIN is not for a migration: ${own}`],
  ['BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT', `BEGIN is not for a migration: ${own}`],
  ['BEGIN; SELECT 1; COMMIT AND CHAIN', `BEGIN is not for a migration: ${own}`],
  ['BEGIN; SELECT 1; ROLLBACK', `BEGIN is not for a migration: ${own}`],
  ['SAVEPOINT a', `SAVEPOINT is not for a migration: ${own}`],
  ['ROLLBACK TO a', `ROLLBACK TO is not for a migration: ${own}`],
  ['SET search_path = a', 'SET search_path outlives the migration; write SET LOCAL search_path'],
  ['SET SESSION a.b = 1', 'SET a.b outlives the migration; write SET LOCAL a.b'],
  [
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'SET SESSION CHARACTERISTICS outlives the migration; take it out',
  ],
  [
    'SET TRANSACTION READ ONLY',
    'SET TRANSACTION comes too late, the transaction has begun with the ledger row; take it out',
  ],
  ['RESET search_path', 'RESET search_path reaches beyond the migration; use SET LOCAL, which ends with it'],
  [
    'DECLARE c CURSOR WITH HOLD FOR SELECT 1',
    'DECLARE … WITH HOLD leaves a cursor in a session that others use; leave WITH HOLD out',
  ],
  [
    'ALTER ROLE CURRENT_USER SET default_transaction_read_only = on',
    "ALTER ROLE … SET default_transaction_read_only would hold for the next run as well; name the application's role instead: ALTER ROLE app SET default_transaction_read_only",
  ],
  [
    'ALTER ROLE ALL IN DATABASE d SET role = app',
    "ALTER ROLE … SET role would hold for the next run as well; name the application's role instead: ALTER ROLE app SET role",
  ],
  [
    'ALTER DATABASE d SET search_path = s',
    "ALTER DATABASE … SET search_path would hold for the next run as well; name the application's role instead: ALTER ROLE app SET search_path",
  ],
  ['RESET ALL', 'RESET ALL reaches beyond the migration; use SET LOCAL, which ends with it'],
  [
    'SET LOCAL ROLE a',
    'SET ROLE would write the ledger as another role; grant the rights to the migrating role, or use ALTER … OWNER TO',
  ],
  [
    'RESET ROLE',
    'SET ROLE would write the ledger as another role; grant the rights to the migrating role, or use ALTER … OWNER TO',
  ],
  [
    'SET LOCAL SESSION AUTHORIZATION a',
    'SET SESSION AUTHORIZATION would write the ledger as another role; grant the rights to the migrating role, or use ALTER … OWNER TO',
  ],
  [
    "SELECT set_config('a.b', 'c', false)",
    'set_config(…, false) outlives the migration; give true as its third argument',
  ],
  [
    "SELECT pg_catalog.set_config('a.b', 'c', a) FROM b",
    'set_config(…, false) outlives the migration; give true as its third argument',
  ],
  [
    "SELECT set_config('role', 'c', true)",
    "set_config('role', …) would write the ledger as another role; grant the rights to the migrating role",
  ],
  [
    'COPY a FROM STDIN',
    'COPY … FROM STDIN has no client to read from; write INSERT statements instead, and take its data out',
  ],
  ['COPY a TO STDOUT', 'COPY … TO STDOUT has no client to write to; take it out'],
  ['CREATE DATABASE a', 'CREATE DATABASE concerns the whole server and cannot be taken back; run it by hand'],
  ['DROP DATABASE a', 'DROP DATABASE concerns the whole server and cannot be taken back; run it by hand'],
  [
    "CREATE TABLESPACE a LOCATION '/b'",
    'CREATE TABLESPACE concerns the whole server and cannot be taken back; run it by hand',
  ],
  ['DROP TABLESPACE a', 'DROP TABLESPACE concerns the whole server and cannot be taken back; run it by hand'],
  [
    "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c",
    'CREATE SUBSCRIPTION concerns the whole server and cannot be taken back; run it by hand',
  ],
  ['DROP SUBSCRIPTION a', 'DROP SUBSCRIPTION concerns the whole server and cannot be taken back; run it by hand'],
  ['ALTER SYSTEM SET a = b', 'ALTER SYSTEM concerns the whole server and cannot be taken back; run it by hand'],
  ['LISTEN a', 'LISTEN belongs to a session, and a migration has none of its own; take it out'],
  ['UNLISTEN a', 'UNLISTEN belongs to a session, and a migration has none of its own; take it out'],
  ['PREPARE a AS SELECT 1', 'PREPARE outlives the migration in a session that others use; write the statement itself'],
  ['EXECUTE a', 'EXECUTE runs a prepared statement, which a migration cannot have; write the statement itself'],
  ['DEALLOCATE a', 'DEALLOCATE belongs to a session, and a migration has none of its own; take it out'],
  ['DISCARD ALL', 'DISCARD clears a session that others use; take it out'],
  ["LOAD 'a'", 'LOAD changes one session only; use shared_preload_libraries in the parameter group'],
  ['VACUUM a', "VACUUM cannot run in a transaction; write transaction:false behind the section's marker"],
  [
    'CREATE INDEX CONCURRENTLY i ON a (b)',
    "CREATE INDEX CONCURRENTLY cannot run in a transaction; write transaction:false behind the section's marker",
  ],
  [
    'CREATE INDEX CONCURRENTLY ON a (b)',
    'CREATE INDEX CONCURRENTLY without a name cannot be looked for in the catalogue; name the index',
  ],
  [
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (b)',
    'IF NOT EXISTS hides an invalid index that an interrupted build left behind; leave it out, Lockkeeper looks for the index itself',
  ],
])('refuses %s', (sql, message) => {
  const { code, message: found } = errorOf(() => compileUp(`${sql};`));
  expect(code).toBe('StatementRefused');
  expect(found.split('\n')[0]).toMatch(/^20251016120000-try-it\.sql:2:\d+: /);
  expect(found.split('\n')[0]?.replace(/^\S+ /, '')).toBe(message);
});

test.each([
  'SELECT * FROM lockkeeper.migration',
  'INSERT INTO lockkeeper.event DEFAULT VALUES',
  'SELECT lockkeeper.apply_pending()',
  "SELECT 'lockkeeper.lease'::regclass",
  'DROP TABLE lockkeeper.lease',
  'DROP SCHEMA lockkeeper CASCADE',
  'DROP FUNCTION lockkeeper.apply()',
  'DROP TRIGGER a ON lockkeeper.lease',
  'CREATE TABLE lockkeeper.a ()',
  'CREATE TABLE a (b lockkeeper.state)',
  'CREATE VIEW a AS SELECT * FROM lockkeeper.event',
  'CREATE FUNCTION lockkeeper.a() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  'CREATE FUNCTION a() RETURNS void LANGUAGE sql AS $$ DELETE FROM lockkeeper.lease $$',
  'CREATE SCHEMA lockkeeper',
  'CREATE TYPE lockkeeper.a AS ENUM ()',
  'ALTER TABLE "lockkeeper".lease ADD a int',
  'ALTER TABLE a SET SCHEMA lockkeeper',
  'ALTER SCHEMA lockkeeper RENAME TO a',
  'ALTER SCHEMA a RENAME TO lockkeeper',
  'ALTER SCHEMA lockkeeper OWNER TO a',
  'GRANT USAGE ON SCHEMA lockkeeper TO a',
  'GRANT ALL ON ALL TABLES IN SCHEMA lockkeeper TO a',
  "COMMENT ON TABLE lockkeeper.lease IS ''",
  'SET LOCAL search_path = a, lockkeeper',
  "SELECT set_config('search_path', 'a, lockkeeper', true)",
  'ALTER DEFAULT PRIVILEGES IN SCHEMA lockkeeper GRANT SELECT ON TABLES TO a',
  'CREATE EXTENSION a SCHEMA lockkeeper',
  'IMPORT FOREIGN SCHEMA a FROM SERVER b INTO lockkeeper',
  'DO $$ BEGIN DELETE FROM lockkeeper.lease; END $$',
  'DO $$ BEGIN DELETE FROM "lockkeeper" /* ours */ . lease; END $$',
  "DO $$ BEGIN EXECUTE 'DELETE FROM lockkeeper.lease'; END $$",
  "DO $$ BEGIN EXECUTE 'SELECT lockkeeper.acquire(1)'; END $$",
  'DO $$ BEGIN EXECUTE $a$DELETE FROM lockkeeper.migration$a$; END $$',
])('refuses the ledger in: %s', (sql) => {
  expect(errorOf(() => compileUp(`${sql};`)).message).toBe(`20251016120000-try-it.sql:2:1: ${ledger}`);
});

test.each([
  'SET LOCAL search_path = a',
  'SET CONSTRAINTS ALL DEFERRED',
  "SELECT set_config('a.b', 'c', true)",
  'NOTIFY a',
  "COPY a FROM '/b'",
  'CREATE TABLE lockkeeper ()',
  "INSERT INTO a VALUES ('the lockkeeper. Nobody else')",
  "INSERT INTO a VALUES ('lockkeeper.com')",
  "CREATE FUNCTION a() RETURNS void LANGUAGE sql AS $$ SELECT 'lockkeeper.com' -- not lockkeeper.lease\n $$",
  "DO $$ BEGIN PERFORM 'see lockkeeper.com' /* lockkeeper.event */; END $$",
  'ALTER DATABASE a SET b = c',
])('accepts %s', (sql) => {
  expect(compileUp(`${sql};`)).toHaveLength(1);
});

test('drops one outer BEGIN and COMMIT', () => {
  expect(compileUp('BEGIN;\nSELECT 1;\nSELECT 2;\nEND;').map(({ sql, line }) => `${line} ${sql}`)).toEqual([
    '3 SELECT 1',
    '4 SELECT 2',
  ]);
});

test('keeps no BEGIN outside a transaction', () => {
  expect(errorOf(() => compileUp('BEGIN; VACUUM a; COMMIT;', ' transaction:false')).code).toBe('StatementRefused');
});

test.each([
  [
    'DO $$\nBEGIN\n  COMMIT;\nEND $$',
    ":4: COMMIT or ROLLBACK in a DO block cannot run in the migration's transaction; take it out",
  ],
  ['DO $$\nBEGIN\n  SET a.b = 1;\nEND $$', ':4: in a DO block: SET a.b outlives the migration; write SET LOCAL a.b'],
  [
    "DO $$\nBEGIN\n\n  PERFORM set_config('a.b', 'c', false);\nEND $$",
    ':5: in a DO block: set_config(…, false) outlives the migration; give true as its third argument',
  ],
])('looks into a DO block: %j', (sql, message) => {
  expect(errorOf(() => compileUp(`${sql};`)).message).toBe(`20251016120000-try-it.sql${message}`);
});

test.each([
  ['CREATE INDEX CONCURRENTLY i ON a (b) WHERE c[1:2] IS NULL', 'StatementRefused'],
  ['CREATE INDEX CONCURRENTLY i ON a (b) WHERE c = $$ :name $$', 'StatementRefused'],
  [`CREATE INDEX CONCURRENTLY i ON a (b) WHERE c = '${'x'.repeat(65_000)}'`, 'StatementTooLarge'],
  ['SET LOCAL a.b = 1', 'StatementRefused'],
])('refuses outside a transaction what the Data API would misread: %.60s', (sql, code) => {
  expect(errorOf(() => compileUp(`${sql};`, ' transaction:false')).code).toBe(code);
});

test('a cast and a quoted colon are no parameters', () => {
  const sql = `CREATE INDEX CONCURRENTLY i ON a ((b::text)) WHERE c = ':name'`;
  expect(compileUp(`${sql};`, ' transaction:false')[0]?.sql).toBe(sql);
});

test('a colon in a dollar quote is welcome in a transaction', () => {
  expect(compileUp('DO $$ DECLARE a int[]; b int[]; BEGIN a := b[1:2]; END $$;')).toHaveLength(1);
});

test('a syntax error has its line, its column and a caret below it', () => {
  const error = errorOf(() => compileUp("SELECT 'ü', '🦆';\n\n\tSELECT é FORM a b;"));
  expect(error.code).toBe('SqlSyntaxInvalid');
  expect(error.message.split('\n')).toEqual([
    '20251016120000-try-it.sql:4:16: syntax error at or near "a"',
    '   SELECT é FORM a b;',
    '                 ^',
  ]);
  expect(error.details).toMatchObject({ file: '20251016120000-try-it.sql', line: 4, column: 16 });
});

test('a statement that ends too early is shown where it ends', () => {
  expect(errorOf(() => compileUp('SELECT (1\n\n')).message.split('\n')).toEqual([
    '20251016120000-try-it.sql:2:10: syntax error at end of input',
    '  SELECT (1',
    '           ^',
  ]);
});

const chain = (length: number): string =>
  `SELECT ${Array.from({ length }, () => '1').join(' + ')} FROM lockkeeper.event;`;

test('a long chain of operators is looked through, one that is too long is an error of the file', () => {
  expect(errorOf(() => compileUp(chain(4_000))).message).toBe(`20251016120000-try-it.sql:2:1: ${ledger}`);
  expect(errorOf(() => compileUp(chain(60_000))).message).toMatch(
    /^20251016120000-try-it.sql:2:1: nested too deeply for PostgreSQL's parser, expected some thousand levels at most\n/,
  );
  expect(compileUp('SELECT 1;')).toHaveLength(1);
});

test.each([
  [
    '\\connect a',
    ':2:1: \\connect is a command of psql, which the server does not know: it opens another connection; take it out, a migration stays in its database',
  ],
  [
    'COPY a FROM STDIN;\n1\t2\n\\.',
    ':2:1: COPY … FROM STDIN has no client to read from; write INSERT statements instead, and take its data out',
  ],
])('says of %j that psql alone knows it', (sql, message) => {
  expect(errorOf(() => compileUp(sql)).message.split('\n')[0]).toBe(`20251016120000-try-it.sql${message}`);
});

test.each([
  ['DELETE FROM a', 'DELETE is not a query, expected one SELECT'],
  ['SELECT 1, 2', 'the query answers 2 columns, expected one that is true'],
  ['SELECT true INTO a', 'SELECT INTO creates a table, expected a SELECT that only reads'],
  ['SELECT true FROM a FOR UPDATE', 'the query writes or locks rows, expected a SELECT that only reads'],
  [
    'WITH a AS (DELETE FROM b RETURNING 1) SELECT true',
    'the query writes or locks rows, expected a SELECT that only reads',
  ],
  ['SELECT lockkeeper.a()', ledger],
])('refuses %s as a verify query', (sql, message) => {
  const error = errorOf(() =>
    compileFile(`-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n-- migrate:verify\n${sql};\n`),
  );
  expect(`${error.code} ${error.message}`).toBe(`VerifyInvalid 20251016120000-try-it.sql:6:1: ${message}`);
});

test('refuses a migration that does not fit into a request, counted as it travels', () => {
  const quotes = '"'.repeat(1_000_000);
  const error = errorOf(() => compileUp(`SELECT '${quotes}';`));
  expect(error.code).toBe('MigrationTooLarge');
  expect(compileUp(`SELECT '${'x'.repeat(1_000_000)}';`)).toHaveLength(1);
});

test('all findings of a file are thrown together, in the order of its lines', () => {
  const error = errorOf(() => compileUp('VACUUM a;\nLISTEN b;\nSELECT 1;\nSET c = 1;'));
  expect(error.message.split('\n').map((line) => line.slice(26, 29))).toEqual(['2:1', '3:1', '5:1']);
  expect(error).toHaveProperty('findings.length', 3);
});

test.each([
  'ALTER ROLE app SET search_path = s',
  'ALTER ROLE CURRENT_USER RESET role',
  'ALTER DATABASE d SET work_mem = 1',
  'ALTER DATABASE d RESET ALL',
  'DECLARE c CURSOR FOR SELECT 1',
])('accepts %s', (sql) => {
  expect(compileUp(`${sql};`)).toHaveLength(1);
});

test.each([
  ['SELECT unseen()', 'the query calls a function whose body is not in the changelog'],
  ['SELECT drain() > 0', 'the query calls a function that changes something'],
  ['SELECT adds() > 0', 'the query calls a function that changes something'],
])('refuses %s as a verify query', (query, message) => {
  const up = `CREATE FUNCTION drain() RETURNS int LANGUAGE sql AS $$ DELETE FROM a; SELECT 1 $$;
    CREATE FUNCTION adds() RETURNS int LANGUAGE sql AS $$ INSERT INTO a VALUES (1); SELECT 1 $$;`;
  const error = errorOf(() =>
    compileFile(`-- migrate:up\n${up}\n-- migrate:down\nSELECT 2;\n-- migrate:verify\n${query};\n`),
  );
  expect(error.code).toBe('VerifyInvalid');
  expect(error.message).toContain(message);
});

test('a verify query may call a function of the changelog that only reads', () => {
  const up = 'CREATE FUNCTION counts() RETURNS int LANGUAGE sql AS $$ SELECT count(*) FROM a $$;';
  const { verify } = compileFile(
    `-- migrate:up\n${up}\n-- migrate:down\nSELECT 2;\n-- migrate:verify\nSELECT counts() > 0;\n`,
  );
  expect(verify).toHaveLength(1);
});
