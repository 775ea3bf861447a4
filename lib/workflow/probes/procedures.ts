import { exactly, outcome, outcomeMeanwhile, type Probe, type ProbeGround, quoted, value } from './probe.ts';

/** Makes a procedure of the probe's schema. */
const create = ({ database, schema }: ProbeGround, head: string, body: string): Promise<unknown> =>
  database.query(`CREATE PROCEDURE ${schema}.${head} LANGUAGE plpgsql AS ${quoted(body)}`);

/** What a procedure may do within one CALL. */
export const procedures: readonly Probe[] = [
  {
    name: 'commit-inside-call',
    tries: 'calls a procedure that commits a row and then fails',
    expected: 'the row stays',
    otherwise: { by: 'lockkeeper', means: 'each migration is applied by a call of its own: runs of many take longer' },
    look: async (ground) => {
      const { database, schema } = ground;
      await database.query(`CREATE TABLE ${schema}.committed (n integer)`);
      await create(
        ground,
        'commits()',
        `begin insert into ${schema}.committed values (1); commit; raise exception 'after the commit'; end`,
      );
      const met = await outcome(database.query(`CALL ${schema}.commits()`));
      const rows = await value(ground, `SELECT count(*) AS value FROM ${schema}.committed`);
      return exactly('the row stays')(met === 'SQLSTATE P0001' && rows === '1' ? 'the row stays' : met);
    },
  },
  {
    name: 'inout-row',
    tries: 'calls a procedure with an INOUT argument',
    expected: 'its row comes back',
    otherwise: { by: 'lockkeeper', means: 'each migration is applied by a call of its own: runs of many take longer' },
    look: async (ground) => {
      await create(ground, 'answers(inout result text)', "begin result := 'answered'; end");
      const found = await value(ground, `CALL ${ground.schema}.answers(NULL)`);
      return exactly('its row comes back')(found === 'answered' ? 'its row comes back' : found);
    },
  },
  {
    name: 'lock-timeout',
    tries: 'sets lock_timeout within a procedure that then waits for a lock',
    expected: 'SQLSTATE 55P03',
    otherwise: {
      by: 'operator',
      means: 'a migration would wait for a lock without bound and hold up traffic behind it; report it',
    },
    look: async (ground) => {
      const { database, schema } = ground;
      await database.query(`CREATE TABLE ${schema}.locked (n integer)`);
      await create(
        ground,
        'holds()',
        `begin lock table ${schema}.locked in access exclusive mode; perform pg_sleep(1.5); end`,
      );
      await create(
        ground,
        'waits()',
        `begin perform set_config('lock_timeout', '50ms', true); lock table ${schema}.locked in access share mode; end`,
      );
      const holding = outcomeMeanwhile(database.query(`CALL ${schema}.holds()`));
      try {
        for (let tries = 0; tries < 10; tries += 1) {
          const held = await value(
            ground,
            `SELECT count(*) AS value FROM pg_catalog.pg_locks l WHERE l.relation = to_regclass(${quoted(`${schema}.locked`)}) AND l.granted`,
          );
          if (held !== '0') return exactly('SQLSTATE 55P03')(await outcome(database.query(`CALL ${schema}.waits()`)));
          await database.query('SELECT CAST(pg_sleep(0.05) AS text) AS slept');
        }
        return { holds: null, found: 'no lock was there to wait for' };
      } finally {
        await holding;
      }
    },
  },
  {
    name: 'deferred-constraint',
    tries: 'breaks a deferred constraint in one statement',
    expected: 'SQLSTATE 23503',
    otherwise: {
      by: 'lockkeeper',
      means: 'constraints are checked within each migration, before its transaction ends',
    },
    look: async (ground) => {
      const { database, schema } = ground;
      await database.query(`CREATE TABLE ${schema}.parent (id integer PRIMARY KEY)`);
      await database.query(
        `CREATE TABLE ${schema}.child (id integer REFERENCES ${schema}.parent DEFERRABLE INITIALLY DEFERRED)`,
      );
      return exactly('SQLSTATE 23503')(await outcome(database.query(`INSERT INTO ${schema}.child VALUES (1)`)));
    },
  },
];

/** Statements that PostgreSQL refuses within a transaction block. */
export const outsideTransactions: readonly Probe[] = [
  {
    name: 'index-concurrently',
    tries: 'builds an index CONCURRENTLY',
    expected: 'a valid index',
    otherwise: {
      by: 'operator',
      means: 'migrations with CONCURRENTLY fail; build their indexes within a transaction, in a quiet hour',
    },
    look: async (ground) => {
      const { database, schema } = ground;
      await database.query(`CREATE TABLE ${schema}.indexed (n integer)`);
      const met = await outcome(database.query(`CREATE INDEX CONCURRENTLY indexed_n ON ${schema}.indexed (n)`));
      if (met !== 'done') return { holds: false, found: met };
      const valid = await value(
        ground,
        `SELECT i.indisvalid AS value FROM pg_catalog.pg_index i WHERE i.indexrelid = to_regclass(${quoted(`${schema}.indexed_n`)})`,
      );
      return exactly('a valid index')(valid === 'true' ? 'a valid index' : 'an invalid index');
    },
  },
  {
    name: 'vacuum',
    tries: 'runs VACUUM',
    expected: 'done',
    otherwise: { by: 'operator', means: 'migrations with VACUUM fail; leave it to autovacuum' },
    look: async ({ database, schema }) => {
      await database.query(`CREATE TABLE ${schema}.swept (n integer)`);
      return exactly('done')(await outcome(database.query(`VACUUM ${schema}.swept`)));
    },
  },
];
