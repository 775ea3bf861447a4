import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../lib/analysis/index.ts';
import { type Example, rules } from '../../lib/rules/index.ts';
import { foundIn, foundInDown } from '../support/ask-rules.ts';

beforeAll(loadParser);

/** The migrations that a remedy in SQL asks for; null for an instruction, or where words stand for what only the author knows. */
const stepsOf = (remedy: string): { readonly up: string; readonly transaction: boolean }[] | null => {
  if (!/^(--|[A-Z]{3,})/.test(remedy) || /<|…/.test(remedy)) return null;
  return remedy.split(/^-- (?:and )?in (?:the next|a new) migration.*$/m).map((step) => ({
    up: step,
    transaction: !/^-- (?:migrate:\w+ transaction:false|outside a transaction)$/m.test(step),
  }));
};

/** What the rule still finds when each step is a migration of its own. */
const foundAgain = (id: string, { before, file }: Example, remedy: string): string[] => {
  const found: string[] = [];
  let ground = before;
  for (const { up, transaction } of stepsOf(remedy) ?? []) {
    const example = { before: ground, up, transaction, ...(file === undefined ? {} : { file }) };
    found.push(...foundIn(example).flatMap(({ rule, message }) => (rule === id ? [message] : [])));
    ground = `${ground}\n${up}`;
  }
  return found;
};

const cases = rules.flatMap((rule) =>
  rule.bad.flatMap((example) => [
    [rule.id, example.up, example] as const,
    ...('file' in example
      ? []
      : [[rule.id, `${example.up} -- of a migration`, { ...example, file: '20260101000000-add-things.sql' }] as const]),
  ]),
);

describe('what a finding offers as SQL is SQL that its rule lets pass', () => {
  test.each(cases)('%s: %s', (id, _, example) => {
    for (const { rule, remedy } of foundIn(example))
      if (rule === id) expect(foundAgain(id, example, remedy)).toEqual([]);
  });
});

const remedyOf = (id: string, up: string, before = '', more: Partial<Example> = {}): string | undefined =>
  foundIn({ before, up, file: '20260101000000-add-things.sql', ...more }).find(({ rule }) => rule === id)?.remedy;

describe('a remedy', () => {
  test('keeps all that was written', () => {
    expect(
      remedyOf(
        'foreign-key-column-added',
        'ALTER TABLE a ADD COLUMN "order" numeric(8, 2) REFERENCES o (id) ON DELETE SET NULL, ADD COLUMN n int;',
        'CREATE TABLE a (id bigint); CREATE TABLE o (id numeric PRIMARY KEY);',
      ),
    ).toBe(
      [
        'ALTER TABLE a ADD COLUMN "order" numeric(8, 2), ADD COLUMN n int;',
        '-- and in the next migration',
        'ALTER TABLE a ADD CONSTRAINT a_order_fkey FOREIGN KEY ("order") REFERENCES o (id) ON DELETE SET NULL NOT VALID;',
        '-- and in the next migration',
        'ALTER TABLE a VALIDATE CONSTRAINT a_order_fkey;',
      ].join('\n'),
    );
    expect(
      remedyOf(
        'check-checked-under-lock',
        "ALTER TABLE a ADD CHECK (id > 0), ADD CONSTRAINT c CHECK (n <> ',');",
        'CREATE TABLE a (id bigint, n text);',
      ),
    ).toBe(
      [
        "ALTER TABLE a ADD CONSTRAINT a_check CHECK (id > 0) NOT VALID, ADD CONSTRAINT c CHECK (n <> ',') NOT VALID;",
        '-- and in the next migration',
        'ALTER TABLE a VALIDATE CONSTRAINT a_check;',
        'ALTER TABLE a VALIDATE CONSTRAINT c;',
      ].join('\n'),
    );
    expect(
      remedyOf(
        'unique-built-under-lock',
        'ALTER TABLE a ADD UNIQUE NULLS NOT DISTINCT (n) INCLUDE (id) DEFERRABLE;',
        'CREATE TABLE a (id bigint, n text);',
      ),
    ).toBe(
      [
        '-- migrate:up transaction:false',
        'CREATE UNIQUE INDEX CONCURRENTLY a_n_key ON a (n) INCLUDE (id) NULLS NOT DISTINCT;',
        '-- and in the next migration',
        'ALTER TABLE a ADD CONSTRAINT a_n_key UNIQUE USING INDEX a_n_key DEFERRABLE;',
      ].join('\n'),
    );
    expect(
      remedyOf(
        'column-rewrites-table',
        "ALTER TABLE a ADD COLUMN k text NOT NULL DEFAULT md5(random()::text || ',');",
        'CREATE TABLE a (id bigint);',
      ),
    ).toBe(
      [
        'ALTER TABLE a ADD COLUMN k text;',
        "ALTER TABLE a ALTER COLUMN k SET DEFAULT md5(random()::text || ',');",
        '-- then fill the old rows in batches, in a migration of its own, and make it NOT NULL in a later one',
      ].join('\n'),
    );
    expect(
      remedyOf(
        'column-required',
        "ALTER TABLE a ADD COLUMN k text NOT NULL DEFAULT '', ADD COLUMN m text NOT NULL CHECK (m <> '');",
        'CREATE TABLE a (id bigint);',
      ),
    ).toMatch(/^ALTER TABLE a ADD COLUMN k text NOT NULL DEFAULT '', ADD COLUMN m text CHECK \(m <> ''\);\n/);
    expect(
      remedyOf(
        'truncate-cascades',
        'TRUNCATE a RESTART IDENTITY CASCADE;',
        'CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (a bigint REFERENCES a);',
      ),
    ).toBe('TRUNCATE a, b RESTART IDENTITY;');
  });

  test('names the section in which the statement stands', () => {
    const down = { before: 'CREATE TABLE t (a int);\nCREATE INDEX i ON t (a);' };
    const script = (sql: string) => foundInDown(down.before, sql);
    expect(script('DROP INDEX i;')).toBe('-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;');
    expect(script('CREATE INDEX j ON t (a);')).toBe(
      '-- migrate:down transaction:false\nCREATE INDEX CONCURRENTLY j ON t (a);',
    );
    expect(script('REINDEX TABLE t;')).toBe('-- migrate:down transaction:false\nREINDEX TABLE CONCURRENTLY t;');
    expect(script('ALTER TABLE t ADD CHECK (a > 0);')).toContain('\n-- and in a new migration, after the rollback\n');
  });

  test('sets what holds where the statement stands: SET LOCAL is for a transaction', () => {
    const before = 'CREATE TABLE t (a int);';
    const bare = (up: string, transaction: boolean): string | undefined =>
      foundIn({ before, up, transaction }).find(({ rule }) => rule === 'lock-timeout-missing')?.remedy;
    expect(bare('ALTER TABLE t ADD b int;', false)).toBe("SET lock_timeout = '1s';");
    expect(bare('ALTER TABLE t ADD b int;', true)).toBe("SET LOCAL lock_timeout = '1s';");
    expect(bare('BEGIN; ALTER TABLE t ADD b int; COMMIT;', false)).toBe("SET LOCAL lock_timeout = '1s';");
    expect(bare("SET LOCAL lock_timeout = '1s'; ALTER TABLE t ADD b int;", false)).toBe("SET lock_timeout = '1s';");
    expect(bare("SET lock_timeout = '1s'; RESET lock_timeout; ALTER TABLE t ADD b int;", false)).toBe(
      "SET lock_timeout = '1s';",
    );
    expect(bare('SET lock_timeout = 0; ALTER TABLE t ADD b int;', false)).toBe("SET lock_timeout = '1s';");
    expect(bare("SET lock_timeout = '1s'; ALTER TABLE t ADD b int;", false)).toBe(undefined);
    expect(bare("BEGIN; SET LOCAL lock_timeout = '1s'; ALTER TABLE t ADD b int; COMMIT;", false)).toBe(undefined);
  });

  test('is possible: an index without a name, several dropped at once, an index or a key of a partitioned table', () => {
    expect(
      remedyOf(
        'index-without-concurrently',
        'CREATE UNIQUE INDEX ON t (a, lower(b));',
        'CREATE TABLE t (a int, b text);',
      ),
    ).toBe('-- migrate:up transaction:false\nCREATE UNIQUE INDEX CONCURRENTLY t_a_lower_idx ON t (a, lower(b));');
    expect(
      remedyOf('index-without-concurrently', 'CREATE INDEX IF NOT EXISTS i ON t (a);', 'CREATE TABLE t (a int);'),
    ).toBe('-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);');
    expect(remedyOf('index-dropped-without-concurrently', 'DROP INDEX IF EXISTS i, s."J" CASCADE;')).toBe(
      '-- migrate:up transaction:false\nDROP INDEX CONCURRENTLY IF EXISTS i;\nDROP INDEX CONCURRENTLY IF EXISTS s."J";',
    );
    const parts =
      'CREATE TABLE p (a int) PARTITION BY LIST (a);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\nCREATE TABLE u (id int PRIMARY KEY);';
    expect(remedyOf('index-without-concurrently', 'CREATE INDEX i ON p (a);', parts)).toBe(
      [
        'CREATE INDEX i ON ONLY p (a);',
        '-- and in the next migration, for each partition',
        '-- migrate:up transaction:false',
        'CREATE INDEX CONCURRENTLY p1_idx ON p1 (a);',
        'ALTER INDEX i ATTACH PARTITION p1_idx;',
      ].join('\n'),
    );
    expect(
      remedyOf(
        'foreign-key-checked-under-lock',
        'ALTER TABLE p ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id);',
        parts,
      ),
    ).toBe(
      [
        'ALTER TABLE p1 ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id) NOT VALID;',
        '-- and in the next migration',
        'ALTER TABLE p1 VALIDATE CONSTRAINT f;',
        '-- and in the next migration',
        'ALTER TABLE p ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id);',
      ].join('\n'),
    );
  });
});
