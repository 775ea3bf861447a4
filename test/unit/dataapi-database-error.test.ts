import { expect, test } from 'vitest';
import { parseDatabaseError } from '../../lib/dataapi/database-error.ts';

test('message, position and SQLSTATE are read from the right', () => {
  expect(
    parseDatabaseError('ERROR: relation "no_such_table_xyz" does not exist; Position: 15; SQLState: 42P01'),
  ).toEqual({ message: 'relation "no_such_table_xyz" does not exist', sqlstate: '42P01', hint: null, position: 15 });
});

test('a colon and a semicolon in the message stay in the message', () => {
  expect(parseDatabaseError('ERROR: operator does not exist: a; b: c; SQLState: 42883')?.message).toBe(
    'operator does not exist: a; b: c',
  );
});

test('a hint is kept', () => {
  expect(
    parseDatabaseError(
      'ERROR: operator does not exist: integer = text; Hint: No operator matches the given name.; Position: 36; SQLState: 42883',
    ),
  ).toEqual({
    message: 'operator does not exist: integer = text',
    sqlstate: '42883',
    hint: 'No operator matches the given name.',
    position: 36,
  });
});

test('the hint behind a detail that names objects is kept, the detail is not', () => {
  expect(
    parseDatabaseError(
      'ERROR: cannot drop table a because other objects depend on it; Detail: view v depends on table a; Hint: Use DROP ... CASCADE to drop the dependent objects too.; SQLState: 2BP01',
    ),
  ).toEqual({
    message: 'cannot drop table a because other objects depend on it',
    sqlstate: '2BP01',
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    position: null,
  });
});

test.each([
  ['a plain one', 'Detail: Key (t)=(SECRET) already exists.'],
  ['one that pretends to be a hint', 'Detail: Key (t)=(x; Hint: SECRET) already exists.'],
  ['one that pretends to be a position', 'Detail: Key (t)=(SECRET; Position: 1) already exists.'],
  ['one that pretends to be a context', 'Detail: Key (t)=(SECRET; Where: SECRET) already exists.; Where: SECRET'],
  ['one over two lines', 'Detail: Failing row contains (\nSECRET).'],
])('a row value in a detail is dropped: %s', (_, detail) => {
  const said = parseDatabaseError(
    `ERROR: duplicate key value violates unique constraint "k"; ${detail}; SQLState: 23505`,
  );
  expect(said).toEqual({
    message: 'duplicate key value violates unique constraint "k"',
    sqlstate: '23505',
    hint: null,
    position: null,
  });
});

test('the context is dropped, also where its text repeats the mark', () => {
  expect(
    parseDatabaseError(
      'ERROR: boom; Hint: try; Where: SQL statement "SELECT 1"; Where: line 3; Position: 4; SQLState: P0001',
    ),
  ).toEqual({ message: 'boom', sqlstate: 'P0001', hint: 'try', position: 4 });
});

test('a message over several lines is kept whole', () => {
  expect(parseDatabaseError('ERROR: one\ntwo; SQLState: P0001')?.message).toBe('one\ntwo');
});

test('a text without an SQLSTATE tells nothing', () => {
  expect(parseDatabaseError('Database returned SQL Exception')).toBeNull();
  expect(parseDatabaseError('ERROR: x; SQLState: 42P01 and more')).toBeNull();
});
