import { expect, test } from 'vitest';
import type { StatementFailure } from '../../lib/ledger/standing.ts';
import { describeFailure } from '../../lib/workflow/describe-failure.ts';
import { sampleMigration } from '../support/sample-manifest.ts';

const failure = (message: string, rest: Partial<StatementFailure> = {}): StatementFailure => ({
  version: '20260101000000',
  statement: 0,
  phase: 'run',
  sqlstate: '42704',
  message,
  hint: null,
  schema: null,
  table: null,
  column: null,
  constraint: null,
  ...rest,
});

test('a failing up is shown with its line and a caret under the whole name, not under a part of another word', () => {
  const migration = sampleMigration('20260101000000', { sql: 'INSERT INTO users VALUES (u)' });
  expect(describeFailure(failure('column "u" does not exist'), migration, 'up').split('\n')).toEqual([
    '20260101000000-sample.sql:2: column "u" does not exist (SQLSTATE 42704)',
    '  INSERT INTO users VALUES (u)',
    '                            ^',
  ]);
});

const shown = (sql: string): string | undefined =>
  describeFailure(failure('refused'), sampleMigration('20260101000000', { sql }), 'up').split('\n')[1];

test('what stands in string literals is not shown, also where the literal goes on behind the line', () => {
  expect(shown("ALTER ROLE nobody PASSWORD 'hunter2'")).toBe("  ALTER ROLE nobody PASSWORD '…'");
  expect(shown("INSERT INTO t VALUES ('it''s', 'a\nb')")).toBe("  INSERT INTO t VALUES ('…', '…'");
  expect(shown('INSERT INTO card VALUES (4111111111111111, $$k3y$$)')).toBe('  INSERT INTO card VALUES (…, $$…$$)');
});

test('a failing down names its statement and shows nothing of the file, which may have changed since', () => {
  const migration = sampleMigration('20260101000000', { sql: 'CREATE TABLE t ()' });
  expect(describeFailure(failure('table "t" does not exist'), migration, 'down')).toBe(
    '20260101000000-sample.sql, statement 1 of the stored down: table "t" does not exist (SQLSTATE 42704)',
  );
});
