import type { Manifest } from '../../lib/migration/manifest.ts';
import { manifestOf, migration } from '../support/changelog.ts';

/** Versions of the reference run, and what each is there for. */
export const versions = {
  tables: '20250101000100',
  once: '20250101000200',
  deferred: '20250101000300',
  alone: '20250101000400',
  destroys: '20250101000500',
  last: '20250101000600',
} as const;

const settings = {
  lockTimeoutMs: 400,
  migrateLeaseWaitSeconds: 600,
  rollbackLeaseWaitSeconds: 600,
  longTransactionSeconds: 1,
} as const;

const tables = migration(
  `CREATE TABLE app.account (id int PRIMARY KEY, note text, legacy text);
INSERT INTO app.account SELECT n, 'note', 'kept ' || n FROM generate_series(1, 3) n;
CREATE TABLE app.entry (what text NOT NULL, account int NOT NULL);`,
  `DROP TABLE app.entry;
DROP TABLE app.account;`,
);

const once = migration(
  `INSERT INTO app.entry VALUES ('once', 1);
INSERT INTO app.tally SELECT 'once up' FROM harness.pass();
SELECT harness.leave_behind();`,
  `DELETE FROM app.entry WHERE what = 'once';
INSERT INTO app.tally SELECT 'once down' FROM harness.pass();`,
);

const deferred = migration(
  `ALTER TABLE app.entry ADD CONSTRAINT entry_account_fkey FOREIGN KEY (account) REFERENCES app.account DEFERRABLE INITIALLY DEFERRED;
INSERT INTO app.entry VALUES ('before its account', 4);
INSERT INTO app.account VALUES (4, 'late', 'kept 4');`,
  `ALTER TABLE app.entry DROP CONSTRAINT entry_account_fkey;
DELETE FROM app.entry WHERE account = 4;
DELETE FROM app.account WHERE id = 4;`,
);

const alone = `-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY account_note_idx ON app.account (note);
INSERT INTO app.tally SELECT 'alone up' FROM harness.pass();

-- migrate:down transaction:false
INSERT INTO app.tally SELECT 'alone down' FROM harness.pass();
DROP INDEX CONCURRENTLY app.account_note_idx;
`;

const destroys = migration(
  'ALTER TABLE app.account DROP COLUMN legacy;',
  'ALTER TABLE app.account ADD COLUMN legacy text;',
);
const last = migration(`INSERT INTO app.entry VALUES ('last', 2);`, `DELETE FROM app.entry WHERE what = 'last';`);

const good = [tables, once, deferred, alone, destroys, last];

/** The same run with one of its migrations wrong: what has to be reported, and taken back. */
const wrong = {
  deferred: migration(
    `ALTER TABLE app.entry ADD CONSTRAINT entry_account_fkey FOREIGN KEY (account) REFERENCES app.account DEFERRABLE INITIALLY DEFERRED;
INSERT INTO app.entry VALUES ('of nobody', 99);`,
    'ALTER TABLE app.entry DROP CONSTRAINT entry_account_fkey;',
  ),
  canceled: migration(
    `INSERT INTO app.entry VALUES ('canceled', 1);
SELECT harness.raise('57014');`,
    `DELETE FROM app.entry WHERE what = 'canceled';`,
  ),
  asserted: migration(
    `INSERT INTO app.entry VALUES ('asserted', 1);
SELECT harness.raise('P0004');`,
    `DELETE FROM app.entry WHERE what = 'asserted';`,
  ),
  /** It turns on its own row in the ledger, which no analysis can see. */
  meddling: migration(
    `INSERT INTO app.entry VALUES ('meddled', 1);
SELECT harness.meddle('20250101000300');`,
    `DELETE FROM app.entry WHERE what = 'meddled';`,
  ),
  /** It fails the first time only: the second time would succeed, after "failed" was said. */
  once: migration(
    `INSERT INTO app.entry VALUES ('failed once', 1);
SELECT harness.fail_once();`,
    `DELETE FROM app.entry WHERE what = 'failed once';`,
  ),
} as const;

export type ChangelogName = 'good' | `wrong-${keyof typeof wrong}`;

/** Where each wrong migration fails. */
export const phaseOf: Readonly<Record<Exclude<ChangelogName, 'good'>, string>> = {
  'wrong-deferred': 'constraints',
  'wrong-canceled': 'run',
  'wrong-asserted': 'run',
  'wrong-meddling': 'complete',
  'wrong-once': 'run',
};

export const changelogNames: readonly string[] = ['good', ...Object.keys(wrong).map((name) => `wrong-${name}`)];

/** Migrations of each changelog by name; in a wrong one, the third is the one that fails. */
export const changelogs: Readonly<Record<ChangelogName, Manifest>> = {
  good: manifestOf(good, settings),
  'wrong-deferred': manifestOf(good.with(2, wrong.deferred), settings),
  'wrong-canceled': manifestOf(good.with(2, wrong.canceled), settings),
  'wrong-asserted': manifestOf(good.with(2, wrong.asserted), settings),
  'wrong-meddling': manifestOf(good.with(2, wrong.meddling), settings),
  'wrong-once': manifestOf(good.with(2, wrong.once), settings),
};

/**
 * What stands in the database before any migration. `pass` holds whoever calls it while the gate is closed, and takes no cancellation:
 * so a statement can be made to run on for as long as a schedule wants.
 */
export const groundwork = `
create schema app;
create table app.tally (what text not null);
create schema harness;
create table harness.gate (closed boolean not null);
insert into harness.gate values (false);
create function harness.pass() returns void language plpgsql volatile as $f$
begin
  for i in 1..400 loop
    exit when not (select g.closed from harness.gate g);
    begin perform pg_sleep(0.005); exception when query_canceled then null; end;
  end loop;
end $f$;
create function harness.leave_behind() returns void language plpgsql as $f$
begin
  perform set_config('statement_timeout', '1ms', false);
end $f$;
create sequence harness.tries;
create function harness.fail_once() returns void language plpgsql as $f$
begin
  if nextval('harness.tries') = 1 then raise exception 'raised the first time'; end if;
end $f$;
create function harness.meddle(p_version text) returns void language plpgsql as $f$
begin
  execute 'update lockkeeper.migration set revision = revision + 1 where version = $1' using p_version;
end $f$;
create function harness.raise(p_state text) returns void language plpgsql as $f$
begin
  raise exception using errcode = p_state, message = 'raised on purpose';
end $f$;
`;
