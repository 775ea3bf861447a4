import type { Rule } from '../rule.ts';
import { identifier } from '../words.ts';

const twice = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, at) => names.indexOf(name) !== at)),
];

const targets = (list: unknown): string[] =>
  Array.isArray(list)
    ? list.flatMap((each: { ResTarget?: { name?: string; indirection?: unknown } }) =>
        each.ResTarget?.name !== undefined && each.ResTarget.indirection === undefined ? [each.ResTarget.name] : [],
      )
    : [];

const listsOf = (node: object): string[][] => {
  if ('UpdateStmt' in node) return [targets((node.UpdateStmt as { targetList?: unknown }).targetList)];
  if ('InsertStmt' in node) {
    const { cols, onConflictClause } = node.InsertStmt as {
      cols?: unknown;
      onConflictClause?: { targetList?: unknown };
    };
    return [targets(cols), targets(onConflictClause?.targetList)];
  }
  if ('MergeStmt' in node)
    return (
      (node.MergeStmt as { mergeWhenClauses?: { MergeWhenClause?: { targetList?: unknown } }[] }).mergeWhenClauses ?? []
    ).map((clause) => targets(clause.MergeWhenClause?.targetList));
  if ('CreateStmt' in node)
    return [
      ((node.CreateStmt as { tableElts?: { ColumnDef?: { colname?: string } }[] }).tableElts ?? []).flatMap(
        (each) => each.ColumnDef?.colname ?? [],
      ),
    ];
  return [];
};

export const columnAssignedTwice: Rule = {
  id: 'column-assigned-twice',
  group: 'discipline',
  severity: 'error',
  title: 'a column is named twice in one list',
  effect:
    'PostgreSQL refuses it: "multiple assignments to same column", "column specified more than once". The migration fails, whatever the data.',
  instead: 'Name it once.',
  source: 'https://www.postgresql.org/docs/17/sql-update.html',
  sections: ['up', 'down'],
  bad: [
    { before: 'CREATE TABLE t (a int, b int);', up: 'UPDATE t SET a = 1, a = 2 WHERE b = 1;' },
    { before: 'CREATE TABLE t (a int, b int);', up: 'INSERT INTO t (a, a) VALUES (1, 2);' },
    { before: '', up: 'CREATE TABLE t (a int, a text);' },
  ],
  good: [{ before: 'CREATE TABLE t (a int, b int);', up: 'UPDATE t SET a = 1, b = 2 WHERE b = 1;' }],
  ask: ({ statement: { node } }) =>
    listsOf(node)
      .flatMap(twice)
      .map((name) => ({
        message: `column ${identifier(name)} is named twice, which PostgreSQL refuses`,
        remedy: 'name it once',
      })),
};
