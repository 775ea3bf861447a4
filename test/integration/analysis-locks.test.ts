import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advance, factsOf, type Lock, loadParser, pgLocksMode, RunningSchema } from '../../lib/analysis/index.ts';
import { parseScript } from '../../lib/analysis/parse.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

const setUp = `
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE DOMAIN plain_domain AS int;
  CREATE DOMAIN checked_domain AS int CHECK (value > 0);
  CREATE TABLE parent (id int PRIMARY KEY, code int UNIQUE);
  CREATE TABLE t (
    id int PRIMARY KEY, a int, b varchar(10), c numeric(8,2), d text, e timestamp(3), f char(5), m mood,
    p int CONSTRAINT t_p_fkey REFERENCES parent (id), n int NOT NULL, j json, k bigint, dom checked_domain);
  CREATE TABLE other (id int);
  CREATE TABLE counted (id serial, n int GENERATED ALWAYS AS IDENTITY);
  CREATE INDEX t_a_idx ON t (a);
  CREATE UNIQUE INDEX t_code_idx ON t (n);
  CREATE UNIQUE INDEX t_k_idx ON t (k);
  ALTER TABLE t ADD CONSTRAINT a_not_null CHECK (a IS NOT NULL);
  ALTER TABLE t ADD CONSTRAINT t_d_check CHECK (d <> '') NOT VALID;
  ALTER TABLE t ADD CONSTRAINT t_p_second FOREIGN KEY (p) REFERENCES parent (id) NOT VALID;
  CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
  CREATE TABLE parted_one PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE loose (id int, day date);
  CREATE TABLE base (id int);
  CREATE TABLE child (id int);
  CREATE TABLE heir () INHERITS (base);
  CREATE VIEW v AS SELECT id FROM t;
  CREATE MATERIALIZED VIEW mv AS SELECT id FROM t;
  CREATE UNIQUE INDEX mv_id ON mv (id);
  CREATE SEQUENCE s;
  CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE FUNCTION one() RETURNS int LANGUAGE sql STABLE AS $$ SELECT 1 $$;
  CREATE FUNCTION any_number() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
  CREATE TRIGGER t_noop BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noop();
  CREATE POLICY t_policy ON t USING (true);
  CREATE STATISTICS t_stats ON a, k FROM t;
  CREATE SCHEMA elsewhere;
`;

/** One statement each; what is claimed is compared with the server, so no expectation is written here. */
const statements = `
  ALTER TABLE t ADD COLUMN x int
  ALTER TABLE t ADD COLUMN x int DEFAULT 5 NOT NULL
  ALTER TABLE t ADD COLUMN x timestamptz DEFAULT now()
  ALTER TABLE t ADD COLUMN x timestamptz DEFAULT clock_timestamp()
  ALTER TABLE t ADD COLUMN x int DEFAULT one()
  ALTER TABLE t ADD COLUMN x int DEFAULT any_number()
  ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()
  ALTER TABLE t ADD COLUMN x serial
  ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS IDENTITY
  ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a + 1) STORED
  ALTER TABLE t ADD COLUMN x plain_domain
  ALTER TABLE t ADD COLUMN x checked_domain
  ALTER TABLE t ADD COLUMN x int REFERENCES parent (id)
  ALTER TABLE t ADD COLUMN x int UNIQUE
  ALTER TABLE t DROP COLUMN b
  ALTER TABLE t DROP COLUMN p
  ALTER TABLE t ALTER b TYPE varchar(20)
  ALTER TABLE t ALTER b TYPE varchar(5)
  ALTER TABLE t ALTER b TYPE varchar
  ALTER TABLE t ALTER b TYPE text
  ALTER TABLE t ALTER d TYPE varchar
  ALTER TABLE t ALTER d TYPE varchar(50)
  ALTER TABLE t ALTER c TYPE numeric(10,2)
  ALTER TABLE t ALTER c TYPE numeric
  ALTER TABLE t ALTER c TYPE numeric(10,3)
  ALTER TABLE t ALTER a TYPE bigint
  ALTER TABLE t ALTER a TYPE plain_domain
  ALTER TABLE t ALTER a TYPE checked_domain
  ALTER TABLE t ALTER dom TYPE int
  ALTER TABLE t ALTER e TYPE timestamp
  ALTER TABLE t ALTER e TYPE timestamp(6)
  ALTER TABLE t ALTER e TYPE timestamp(1)
  ALTER TABLE t ALTER f TYPE char(8)
  ALTER TABLE t ALTER f TYPE text
  ALTER TABLE t ALTER m TYPE text
  ALTER TABLE t ALTER j TYPE jsonb
  ALTER TABLE t ALTER b TYPE text USING b::text
  ALTER TABLE t ALTER b TYPE text USING upper(b)
  ALTER TABLE t ALTER a SET DEFAULT 1
  ALTER TABLE t ALTER a DROP DEFAULT
  ALTER TABLE t ALTER a SET NOT NULL
  ALTER TABLE t ALTER k SET NOT NULL
  ALTER TABLE t ALTER n DROP NOT NULL
  ALTER TABLE t ALTER a SET STATISTICS 100
  ALTER TABLE t ALTER a SET (n_distinct = 5)
  ALTER TABLE t ALTER d SET STORAGE MAIN
  ALTER TABLE t ALTER d SET COMPRESSION pglz
  ALTER TABLE t ADD CONSTRAINT y CHECK (a > 0)
  ALTER TABLE t ADD CONSTRAINT y CHECK (a > 0) NOT VALID
  ALTER TABLE t ADD CONSTRAINT y UNIQUE (a)
  ALTER TABLE t ADD CONSTRAINT y UNIQUE USING INDEX t_code_idx
  ALTER TABLE t ADD CONSTRAINT y EXCLUDE (a WITH =)
  ALTER TABLE t ADD CONSTRAINT y FOREIGN KEY (a) REFERENCES parent (id)
  ALTER TABLE t ADD CONSTRAINT y FOREIGN KEY (a) REFERENCES parent (id) NOT VALID
  ALTER TABLE t ADD CONSTRAINT y FOREIGN KEY (a) REFERENCES parent (id) NOT VALID, ADD COLUMN x int
  ALTER TABLE t VALIDATE CONSTRAINT t_d_check
  ALTER TABLE t VALIDATE CONSTRAINT t_p_second
  ALTER TABLE t DROP CONSTRAINT a_not_null
  ALTER TABLE t DROP CONSTRAINT t_p_fkey
  ALTER TABLE t DROP CONSTRAINT t_pkey
  ALTER TABLE t RENAME CONSTRAINT a_not_null TO z
  ALTER TABLE t RENAME TO z
  ALTER TABLE t RENAME COLUMN a TO z
  ALTER TABLE t SET (fillfactor = 70)
  ALTER TABLE t SET (autovacuum_enabled = false)
  ALTER TABLE t SET UNLOGGED
  ALTER TABLE t SET SCHEMA elsewhere
  ALTER TABLE t OWNER TO CURRENT_USER
  ALTER TABLE t CLUSTER ON t_a_idx
  ALTER TABLE t REPLICA IDENTITY FULL
  ALTER TABLE t ENABLE ROW LEVEL SECURITY
  ALTER TABLE t DISABLE TRIGGER t_noop
  ALTER TABLE t ENABLE TRIGGER USER
  ALTER TABLE parted ADD COLUMN x int
  ALTER TABLE parted ATTACH PARTITION loose FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
  ALTER TABLE parted DETACH PARTITION parted_one
  ALTER TABLE child INHERIT base
  ALTER TABLE heir NO INHERIT base
  ALTER INDEX t_a_idx RENAME TO z
  ALTER INDEX t_a_idx SET (fillfactor = 70)
  CREATE TABLE z (id int REFERENCES parent (id))
  CREATE TABLE z (LIKE t)
  CREATE TABLE z PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
  CREATE TABLE z () INHERITS (base)
  CREATE TABLE z AS SELECT * FROM t
  CREATE INDEX z ON t (a)
  CREATE INDEX z ON parted (id)
  CREATE UNIQUE INDEX z ON t (a)
  CREATE VIEW z AS SELECT id FROM t
  CREATE OR REPLACE VIEW v AS SELECT id FROM t
  CREATE MATERIALIZED VIEW z AS SELECT id FROM t
  CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noop()
  CREATE RULE z AS ON DELETE TO t DO ALSO NOTIFY gone
  CREATE POLICY z ON t USING (true)
  ALTER POLICY t_policy ON t USING (false)
  CREATE STATISTICS z ON a, n FROM t
  CREATE PUBLICATION z FOR TABLE t
  CREATE SEQUENCE z OWNED BY t.a
  ALTER SEQUENCE s INCREMENT 2
  ALTER DOMAIN checked_domain ADD CONSTRAINT z CHECK (value > 1)
  ALTER DOMAIN checked_domain ADD CONSTRAINT z CHECK (value > 1) NOT VALID
  ALTER TYPE mood ADD VALUE 'calm'
  DROP TABLE t CASCADE
  DROP TABLE parent CASCADE
  DROP TABLE counted
  ALTER TABLE counted DROP COLUMN id
  DROP VIEW v CASCADE
  DROP TABLE parted
  DROP TABLE parted_one
  DROP INDEX t_a_idx
  DROP VIEW v
  DROP SEQUENCE s
  DROP TRIGGER t_noop ON t
  DROP POLICY t_policy ON t
  DROP STATISTICS t_stats
  TRUNCATE t
  TRUNCATE parent CASCADE
  REINDEX INDEX t_a_idx
  REINDEX TABLE t
  CLUSTER t USING t_a_idx
  ANALYZE t
  REFRESH MATERIALIZED VIEW mv
  REFRESH MATERIALIZED VIEW CONCURRENTLY mv
  LOCK TABLE t IN SHARE MODE
  LOCK TABLE t
  COMMENT ON TABLE t IS 'x'
  COMMENT ON COLUMN t.a IS 'x'
  COMMENT ON CONSTRAINT a_not_null ON t IS 'x'
  COMMENT ON INDEX t_a_idx IS 'x'
  GRANT SELECT ON t TO PUBLIC
  SELECT * FROM t
  SELECT * FROM v
  SELECT * FROM t FOR UPDATE
  INSERT INTO other SELECT id FROM t
  UPDATE t SET a = 1
  DELETE FROM other USING t WHERE t.id = other.id
  WITH gone AS (DELETE FROM other RETURNING id) INSERT INTO child SELECT id FROM gone
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

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
  schema.beginUp(true);
  for (const { node, startByte, endByte } of parsed(setUp)) {
    const text = setUp.slice(startByte, endByte ?? undefined);
    advance(schema, node, text, factsOf(node, text, schema));
  }
  schema.beginUp(true);
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
