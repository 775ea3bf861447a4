import { expect, test } from 'vitest';
import { lossesOf } from '../support/losses.ts';

const f = `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM old; RETURN 1; END $$;`;

test.each([
  [
    'CREATE TABLE a () PARTITION BY RANGE (d); ALTER TABLE a ATTACH PARTITION old DEFAULT; DROP TABLE a',
    'none, none, data',
  ],
  ['CREATE TABLE a (); ALTER TABLE old INHERIT a; DELETE FROM a', 'none, none, data'],
  ['CREATE TABLE a (); CREATE TABLE c () INHERITS (a); DELETE FROM a; DROP TABLE a CASCADE', 'none, none, none, none'],
  ['CREATE SCHEMA s; ALTER TABLE old SET SCHEMA s; DROP SCHEMA s CASCADE', 'none, none, data'],
  ['CREATE SCHEMA s; ALTER TABLE old SET SCHEMA s; DROP TABLE s.old', 'none, none, data'],
  [
    'CREATE TABLE a (); ALTER TABLE x.old SET SCHEMA pub; ALTER TABLE pub.old RENAME TO a; DROP TABLE a',
    'none, none, none, data',
  ],
  ['CREATE TABLE a (); ALTER SCHEMA old RENAME TO s; DROP TABLE s.a', 'none, none, data'],
  ['CREATE SCHEMA s; DROP SCHEMA s; ALTER SCHEMA old RENAME TO s; DROP SCHEMA s CASCADE', 'none, none, none, data'],
  [
    'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE old ADD COLUMN r int REFERENCES a ON DELETE CASCADE; DELETE FROM a',
    'none, none, data',
  ],
  [
    'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE old ADD FOREIGN KEY (r) REFERENCES a ON UPDATE SET NULL; UPDATE a SET id = 2',
    'none, none, data',
  ],
  [
    'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE old ADD COLUMN r int REFERENCES a; DELETE FROM a; TRUNCATE a CASCADE',
    'none, none, none, data',
  ],
  ['CREATE TABLE a (); CREATE RULE r AS ON DELETE TO a DO ALSO DELETE FROM old; DELETE FROM a', 'none, none, data'],
  [
    'CREATE TABLE a (); CREATE RULE r AS ON INSERT TO a DO INSTEAD DELETE FROM old; INSERT INTO a VALUES (1)',
    'none, none, data',
  ],
  [
    `CREATE TABLE a (); ${f} CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f(); INSERT INTO a VALUES (1)`,
    'none, none, none, data',
  ],
  [
    'CREATE TABLE a (); CREATE TRIGGER t AFTER DELETE ON a EXECUTE FUNCTION unseen(); DELETE FROM a',
    'none, none, unknown',
  ],
  [
    'CREATE TABLE a (v text) PARTITION BY RANGE (v); ALTER TABLE a ATTACH PARTITION old DEFAULT; UPDATE a SET v = 1',
    'none, none, data',
  ],
])('old rows that come to something new are old: %s', (sql, losses) => {
  expect(lossesOf(sql)).toBe(losses);
});

test.each([
  ["CREATE TABLE a (); SELECT set_config('search_path', 'other', true); DROP TABLE a", 'none, none, data'],
  [
    "CREATE TABLE a (); DO $$ BEGIN PERFORM set_config('search_path', 'other', true); END $$; DROP TABLE a",
    'none, none, data',
  ],
  ['CREATE TABLE a (); DO $$ BEGIN SET LOCAL search_path = other; END $$; DROP TABLE a', 'none, none, data'],
  ['CREATE TABLE a (); SET LOCAL search_path = other; DELETE FROM a', 'none, none, data'],
  ['SET LOCAL search_path = s; CREATE TABLE a (); DROP TABLE s.a', 'none, none, data'],
  ['SET LOCAL search_path = s; CREATE TABLE a (); DROP TABLE a', 'none, none, none'],
  ['CREATE TABLE s.a (); SET LOCAL search_path = other; DROP TABLE s.a', 'none, none, none'],
  [
    "CREATE FUNCTION g() RETURNS void LANGUAGE sql AS $$ SELECT set_config('search_path', 'other', true) $$; CREATE TABLE a (); SELECT g(); DROP TABLE a",
    'none, none, none, data',
  ],
  ['CREATE TABLE a (); SELECT unseen(); DROP TABLE a', 'none, unknown, data'],
  ['CREATE TEMP TABLE a (); DROP TABLE a; DROP TABLE a', 'none, none, data'],
  ['CREATE TEMP TABLE a (); DELETE FROM a', 'none, none'],
  ['-- alone\nCREATE TEMP TABLE a (); DROP TABLE a', 'none, data'],
  ['-- alone\nCREATE TABLE pg_temp.a (); DROP TABLE a', 'none, data'],
  ['CREATE TEMP TABLE a (); CREATE TABLE public.a (); DROP TABLE a; DROP TABLE a', 'none, none, none, data'],
])('a name may come to mean something old: %s', (sql, losses) => {
  expect(lossesOf(sql)).toBe(losses);
});

test.each([
  'SELECT f()',
  'SELECT 1 WHERE f() > 0',
  'INSERT INTO a SELECT f()',
  'INSERT INTO a VALUES (f())',
  'INSERT INTO a VALUES (1) RETURNING f()',
  'INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET b = f()',
  'MERGE INTO a USING b ON a.c = b.c WHEN NOT MATCHED THEN INSERT VALUES (f())',
  'MERGE INTO a USING b ON f() = 1 WHEN NOT MATCHED THEN DO NOTHING',
  'WITH x AS (SELECT f()) SELECT * FROM x',
  'CREATE TABLE x AS SELECT f()',
  'CREATE MATERIALIZED VIEW x AS SELECT f()',
  'SELECT f() INTO x',
  'ALTER TABLE a ADD COLUMN x int DEFAULT f()',
  'ALTER TABLE a ADD CHECK (f() > b)',
  'ALTER TABLE a ADD COLUMN x int CHECK (f() > 0)',
  'ALTER TABLE a ALTER b TYPE text USING f()::text',
  'CREATE INDEX i ON a ((f()))',
  'CREATE INDEX i ON a (b) WHERE f() = 1',
  'CALL f()',
  'EXPLAIN ANALYZE SELECT f()',
  'COPY (SELECT f()) TO PROGRAM $$cat$$',
  'DO $$ BEGIN PERFORM f(); END $$',
  'DO $$ DECLARE a int[]; BEGIN a[f()] := 1; END $$',
  'DO $$ DECLARE a int := f(); BEGIN END $$',
  'DO $$ BEGIN IF f() = 1 THEN NULL; END IF; END $$',
  'DO $$ BEGIN WHILE f() = 1 LOOP NULL; END LOOP; END $$',
  'DO $$ BEGIN FOR i IN 1..f() LOOP NULL; END LOOP; END $$',
  'DO $$ DECLARE r record; BEGIN FOR r IN SELECT f() LOOP NULL; END LOOP; END $$',
  'DO $$ DECLARE x int; BEGIN FOREACH x IN ARRAY ARRAY[f()] LOOP NULL; END LOOP; END $$',
  "DO $$ BEGIN RAISE NOTICE '%', f(); END $$",
  'DO $$ BEGIN ASSERT f() = 1; END $$',
  'DO $$ BEGIN CASE f() WHEN 1 THEN NULL; END CASE; END $$',
  'DO $$ BEGIN CASE 1 WHEN f() THEN NULL; END CASE; END $$',
  "DO $$ BEGIN EXECUTE 'SELECT $1' USING f(); END $$",
  "DO $$ BEGIN EXECUTE 'SELECT f()'; END $$",
  'DO $$ DECLARE c CURSOR FOR SELECT f(); BEGIN OPEN c; END $$',
  'DO $$ DECLARE c refcursor; BEGIN OPEN c FOR SELECT f(); END $$',
  'DO $$ DECLARE c CURSOR (n int) FOR SELECT n; BEGIN OPEN c (f()); END $$',
  'DO $$ DECLARE c CURSOR (n int) FOR SELECT n; r record; BEGIN FOR r IN c (f()) LOOP NULL; END LOOP; END $$',
  'DO $$ BEGIN LOOP EXIT WHEN f() = 1; END LOOP; END $$',
  'DO $$ BEGIN RAISE EXCEPTION USING message = f()::text; END $$',
  'DO $$ BEGIN CALL f(); END $$',
  'DO $$ BEGIN NULL; EXCEPTION WHEN OTHERS THEN PERFORM f(); END $$',
])('a function that deletes old rows is found in %s', (sql) => {
  expect(lossesOf(`${f} ${sql}`)).toBe('none, data');
});

test.each([
  ['CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT f() $$; SELECT g()', 'none, none, data'],
  ['CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT f(); END; SELECT g()', 'none, none, data'],
  ['CREATE FUNCTION g() RETURNS int LANGUAGE sql RETURN f(); SELECT g()', 'none, none, data'],
  ['CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN g(); END $$; SELECT g()', 'none, none, none'],
  [
    'CREATE FUNCTION lower(m mood) RETURNS int LANGUAGE sql AS $$ SELECT f() $$; SELECT lower(b) FROM a',
    'none, none, data',
  ],
  ['CREATE OPERATOR === (leftarg = int, rightarg = int, function = f); SELECT 1 === 2', 'none, none, data'],
  ['CREATE AGGREGATE g(int) (sfunc = f, stype = int); SELECT g(b) FROM a', 'none, none, data'],
  ['CREATE CAST (mood AS int) WITH FUNCTION f(mood); SELECT b::int FROM a', 'none, none, data'],
  ['SELECT 1 OPERATOR(s.+) 2', 'none, unknown'],
  ['SELECT 1 OPERATOR(pg_catalog.+) 2', 'none, none'],
  ['CREATE VIEW v AS SELECT f(); SELECT * FROM v', 'none, none, data'],
  ['CREATE TABLE a (b int DEFAULT f()); INSERT INTO a DEFAULT VALUES', 'none, none, data'],
  ['CREATE TABLE a (b int CHECK (f() > b)); INSERT INTO a VALUES (1)', 'none, none, data'],
  [
    'CREATE DOMAIN d AS int CHECK (f() > value); CREATE TABLE a (b d); INSERT INTO a VALUES (1)',
    'none, none, none, data',
  ],
  ['CREATE DOMAIN d AS int; ALTER DOMAIN d ADD CHECK (f() > value)', 'none, none, data'],
  ['CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); CREATE TABLE a ()', 'none, none, data'],
  ['ALTER TABLE a ADD CONSTRAINT c CHECK (f() > b) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT c', 'none, none, data'],
])('a function that deletes old rows is found behind %s', (sql, losses) => {
  expect(lossesOf(`${f} ${sql}`)).toBe(losses);
});

test.each([
  'DO $$ DECLARE a int[]; BEGIN SELECT 1 INTO a[f()]; END $$',
  'DO $$ DECLARE a int[]; BEGIN GET DIAGNOSTICS a[f()] = ROW_COUNT; END $$',
])('a body that PL/pgSQL itself would refuse is unknown: %s', (sql) => {
  expect(lossesOf(`${f} ${sql}`)).toBe('none, unknown');
});

test.each([
  ['SELECT uuid_generate_v4(), public.gen_random_bytes(4), a.b + 1, now()::date FROM a', 'none'],
  ['CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT count(*) FROM old $$; SELECT g()', 'none, none'],
  ["SELECT pg_logical_slot_get_changes('s', NULL, NULL)", 'data'],
  ["SELECT query_to_xml('DELETE FROM old', true, true, '')", 'unknown'],
  ["SELECT setval('s', 1)", 'data'],
  ["SELECT setval(pg_get_serial_sequence('a', 'id'), 1)", 'data'],
  ["CREATE TABLE a (id serial); SELECT setval('a_id_seq', 100)", 'none, none'],
  ["CREATE TABLE a (id serial); SELECT setval(pg_get_serial_sequence('a', 'id'), 100)", 'none, none'],
  ['CREATE SEQUENCE s; ALTER SEQUENCE s RESTART', 'none, none'],
  ['ALTER TABLE a ALTER id RESTART', 'data'],
  ['DROP EXTENSION hstore CASCADE', 'data'],
  ['DROP FUNCTION g() CASCADE', 'data'],
  ['CREATE TYPE m AS ENUM (); ALTER TABLE old ALTER c TYPE m USING c::m; DROP TYPE m CASCADE', 'none, data, data'],
])('%s loses: %s', (sql, losses) => {
  expect(lossesOf(sql)).toBe(losses);
});

test.each([
  ['CREATE TABLE a (id int) -- down\nDROP TABLE a', 'none, data since'],
  ['ALTER TABLE old ADD COLUMN b int -- down\nALTER TABLE old DROP COLUMN b', 'none, data since'],
  ['CREATE SCHEMA s; CREATE TABLE s.a () -- down\nDROP SCHEMA s CASCADE', 'none, none, data since'],
  ['SELECT 1 -- down\nDROP TABLE a', 'none, data'],
  ['CREATE TABLE IF NOT EXISTS a () -- down\nDROP TABLE a', 'none, data'],
  [
    'CREATE TABLE a (); ALTER TABLE old ADD COLUMN r int REFERENCES a -- down\nALTER TABLE old DROP COLUMN r; DROP TABLE a',
    'none, none, data since, data since',
  ],
  // what the up took elsewhere is in the new table now
  ['CREATE TABLE a AS SELECT * FROM old; DROP TABLE old -- down\nDROP TABLE a', 'none, data, data'],
  ['CREATE TABLE a AS SELECT * FROM old -- down\nDROP TABLE a', 'none, data since'],
  ['CREATE TABLE a (); ALTER TABLE old RENAME TO b -- down\nDROP TABLE b', 'none, none, data'],
  ['CREATE TABLE a () -- down\nSET LOCAL search_path = other; DROP TABLE a', 'none, none, data'],
  [
    'CREATE TABLE a () PARTITION BY LIST (b); ALTER TABLE a ATTACH PARTITION old DEFAULT -- down\nDROP TABLE a',
    'none, none, data',
  ],
])('a down that takes back what the up made loses only what was written since: %s', (sql, losses) => {
  expect(lossesOf(sql)).toBe(losses);
});

test.each([
  ['int', 'bigint', 'none'],
  ['int', 'smallint', 'data'],
  ['int', 'numeric', 'none'],
  ['int', 'double precision', 'none'],
  ['bigint', 'double precision', 'data'],
  ['double precision', 'numeric', 'data'],
  ['real', 'double precision', 'none'],
  ['varchar(10)', 'varchar(20)', 'none'],
  ['varchar(20)', 'varchar(10)', 'data'],
  ['varchar(20)', 'text', 'none'],
  ['text', 'varchar(20)', 'data'],
  ['text', 'varchar', 'none'],
  ['char(5)', 'text', 'none'],
  ['numeric(8,2)', 'numeric(10,2)', 'none'],
  ['numeric(8,2)', 'numeric(10,3)', 'data'],
  ['numeric(8,2)', 'numeric', 'none'],
  ['numeric', 'numeric(8,2)', 'data'],
  ['timestamp', 'timestamptz', 'none'],
  ['timestamptz', 'timestamp', 'data'],
  ['timestamp', 'date', 'data'],
  ['date', 'timestamp', 'none'],
  ['timestamp(3)', 'timestamp', 'none'],
  ['timestamp', 'timestamp(3)', 'data'],
  ['json', 'jsonb', 'data'],
  ['uuid', 'text', 'none'],
  ['text', 'int', 'data'],
  ['text', 'citext', 'none'],
  ['int', 'text', 'none'],
  ['int[]', 'text', 'none'],
  ['int', 'int[]', 'data'],
  ['varchar(5)[]', 'text[]', 'none'],
])('%s that becomes %s loses: %s', (from, to, loss) => {
  expect(lossesOf(`CREATE TABLE a (b ${from})`, `ALTER TABLE a ALTER b TYPE ${to}`)).toBe(loss);
});

test('a column added to a parent is old where a child had it already', () => {
  expect(
    lossesOf(
      'CREATE TABLE p (a int); CREATE TABLE c (w int) INHERITS (p)',
      'ALTER TABLE p ADD COLUMN w int; UPDATE p SET w = 1',
    ),
  ).toBe('none, data');
});
