import { describe, expect, test } from 'vitest';
import { compileManifest, loadParser } from '../../lib/analysis/index.ts';
import { changelogOf, migrationFactsSchema, parseMigration, runSettingsSchema } from '../../lib/migration/index.ts';
import { lockText, lossText } from '../../lib/workflow/plan-words.ts';

await loadParser();

const fileOf = (up: string, down: string): string =>
  `-- migrate:up${/CONCURRENTLY|VACUUM/.test(up) ? ' transaction:false' : ''}\n${up}\n-- migrate:down\n${down}\n`;

/** Facts of the last of several migrations, as the manifest has them. */
const factsAfter = (before: readonly string[], up: string, down = 'SELECT 1;') => {
  const migrations = [...before.map((sql) => [sql, 'SELECT 1;'] as const), [up, down] as const].map(
    ([upSql, downSql], at) => {
      const { migration, findings } = parseMigration(`2026010100000${at}-step.sql`, fileOf(upSql, downSql));
      if (migration === null) throw findings[0];
      return migration;
    },
  );
  const facts = compileManifest(changelogOf(migrations), runSettingsSchema.parse({})).migrations.at(-1)?.facts;
  return migrationFactsSchema.parse(facts);
};
const locksOf = (before: readonly string[], up: string): string[] => factsAfter(before, up).up.locks.map(lockText);
const lossesOf = (before: readonly string[], up: string): string[] => factsAfter(before, up).up.losses.map(lossText);

const users = 'CREATE TABLE app.users (id int PRIMARY KEY, email varchar(100), fax text);';
const orders = 'CREATE TABLE app.orders (id int, user_id int);';

describe('what a section locks', () => {
  test('a type change is judged by the type that an earlier migration gave the column', () => {
    expect(locksOf([users], 'ALTER TABLE app.users ALTER email TYPE varchar(200);')).toEqual([
      'blocks every read and write of app.users for a moment',
    ]);
    expect(locksOf([users], 'ALTER TABLE app.users ALTER id TYPE bigint;')).toEqual([
      'blocks every read and write of app.users while the table is rewritten',
    ]);
  });

  test('a lock lasts as long as the work that follows it in its transaction', () => {
    expect(
      locksOf([users, orders], 'ALTER TABLE app.users ADD note text; CREATE INDEX i ON app.orders (user_id);'),
    ).toEqual([
      'blocks every read and write of app.users while an index of app.orders is built',
      'blocks every write to app.orders while an index is built',
    ]);
    expect(
      locksOf([users, orders], 'CREATE INDEX i ON app.orders (user_id); ALTER TABLE app.users ADD note text;'),
    ).toEqual([
      'blocks every write to app.orders while an index is built',
      'blocks every read and write of app.users for a moment',
    ]);
  });

  test('a stronger lock that is short stands beside a weaker one that is long', () => {
    expect(locksOf([orders], 'CREATE INDEX i ON app.orders (user_id); ALTER TABLE app.orders ADD note text;')).toEqual([
      'blocks every write to app.orders while an index is built',
      'blocks every read and write of app.orders for a moment',
    ]);
  });

  test('what nobody waits for is not told, and a concurrent build blocks neither reads nor writes', () => {
    expect(locksOf([], users)).toEqual([]);
    expect(locksOf([orders], 'INSERT INTO app.orders VALUES (1, 1);')).toEqual([]);
    expect(locksOf([orders], 'CREATE INDEX CONCURRENTLY i ON app.orders (user_id);')).toEqual([
      'reads and writes of app.orders go on; vacuum and schema changes wait while an index is built',
    ]);
  });

  test('six are kept, the worst, and the others are counted', () => {
    const tables = Array.from({ length: 9 }, (_, at) => `CREATE TABLE app.t${at} (id int);`);
    const { locks, moreLocks } = factsAfter(
      [tables.join('\n')],
      [
        ...Array.from({ length: 9 }, (_, at) => `ALTER TABLE app.t${at} ADD a int;`),
        'ALTER TABLE app.t8 ALTER id TYPE bigint;',
      ].join('\n'),
    ).up;
    expect([locks.length, moreLocks, locks.at(0)?.duration]).toEqual([6, 3, 'rewrite']);
  });
});

describe('what a section loses', () => {
  test.each([
    ['ALTER TABLE app.users DROP fax;', ['drops column app.users.fax with what is in it']],
    ['ALTER TABLE app.users DROP fax, ADD note text;', ['drops column app.users.fax with what is in it']],
    ['DROP TABLE app.users;', ['drops table app.users with what is in it']],
    ['TRUNCATE app.users, app.orders;', ['empties app.orders', 'empties app.users']],
    ['DELETE FROM app.users WHERE fax IS NULL;', ['deletes rows of app.users']],
    ["UPDATE app.users SET fax = '';", ['overwrites values of app.users']],
    [
      'ALTER TABLE app.users ALTER email TYPE varchar(10);',
      ['changes the type, and so may change values, of app.users.email'],
    ],
    ["DO $$ BEGIN EXECUTE current_setting('a.b'); END $$;", ['cannot be told: DO, line 2']],
    ['DO $$ BEGIN DELETE FROM app.users; END $$;', ['deletes rows of app.users']],
    ['DROP INDEX IF EXISTS app.i;', []],
  ])('%s', (up, losses) => {
    expect(lossesOf([users, orders], up)).toEqual(losses);
  });

  test('a down loses what was written since, and that is told apart from what was there before', () => {
    const down = 'DROP TABLE app.users; ALTER TABLE app.orders DROP user_id;';
    expect(factsAfter([orders], users, down).down?.losses.map(lossText)).toEqual([
      'drops column app.orders.user_id with what is in it',
      'drops table app.users with what was written since the up',
    ]);
  });
});
