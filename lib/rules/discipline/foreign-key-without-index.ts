import { constraintsBehind, type QualifiedName, type RunningSchema, type StatementAt } from '../../analysis/index.ts';
import type { Rule } from '../rule.ts';
import { outsideTransaction } from '../steps.ts';
import { identifier, nameOf, sqlName } from '../words.ts';

const before =
  'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);';

interface Key {
  readonly table: { readonly schema: string | null; readonly name: string };
  readonly columns: readonly string[];
  readonly location: number | undefined;
}

type Element = NonNullable<Parameters<typeof constraintsBehind>[0]['constraints']>[number];
const words = (nodes: readonly Element[] = []): string[] =>
  nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));

const tableOf = (relation: { schemaname?: string; relname?: string } = {}) => ({
  schema: relation.schemaname ?? null,
  name: relation.relname ?? '',
});

/** Foreign keys that a statement adds, and the unique keys that it makes beside them. */
const keysOf = ({ statement: { node } }: StatementAt): { keys: Key[]; indexed: string[][] } => {
  const keys: Key[] = [];
  const indexed: string[][] = [];
  const take = (table: Key['table'], element: Element): void => {
    if ('Constraint' in element) {
      const { contype, fk_attrs, keys: own, location } = element.Constraint;
      if (contype === 'CONSTR_FOREIGN') keys.push({ table, columns: words(fk_attrs), location });
      if (contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE') indexed.push(words(own));
    }
    if (!('ColumnDef' in element)) return;
    const column = element.ColumnDef.colname ?? '';
    for (const { contype, location } of constraintsBehind(element.ColumnDef)) {
      if (contype === 'CONSTR_FOREIGN') keys.push({ table, columns: [column], location });
      if (contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE') indexed.push([column]);
    }
  };
  if ('CreateStmt' in node)
    for (const element of node.CreateStmt.tableElts ?? []) take(tableOf(node.CreateStmt.relation), element);
  if ('AlterTableStmt' in node)
    for (const command of node.AlterTableStmt.cmds ?? []) {
      const def = 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
      if (def !== undefined) take(tableOf(node.AlterTableStmt.relation), def);
    }
  return { keys, indexed };
};

/** Columns that an index of the section's later statements leads with, on that table. */
const indexedLater = ({ section, index }: StatementAt, table: Key['table']): string[][] =>
  section.statements.slice(index + 1).flatMap(({ node }) => {
    if (
      !('IndexStmt' in node) ||
      node.IndexStmt.relation?.relname !== table.name ||
      node.IndexStmt.whereClause !== undefined
    )
      return [];
    return [
      (node.IndexStmt.indexParams ?? []).flatMap((each) => ('IndexElem' in each ? [each.IndexElem.name ?? ''] : [])),
    ];
  });

const leadingWith =
  (columns: readonly string[]) =>
  (found: readonly (string | null)[]): boolean =>
    columns.length > 0 && columns.every((column) => found.slice(0, columns.length).includes(column));

/** Asked long after the statement, so it holds on to nothing but names: a closure in `ask` would keep the whole section's tree. */
const indexedIn = (table: QualifiedName, columns: readonly string[]): ((schema: RunningSchema) => boolean) => {
  const leads = leadingWith(columns);
  return (schema) => schema.indexesOn(table).some((index) => !index.partial && leads(index.columns));
};

export const foreignKeyWithoutIndex: Rule = {
  id: 'foreign-key-without-index',
  group: 'discipline',
  severity: 'warning',
  title: 'a foreign key whose columns have no index',
  effect:
    'PostgreSQL looks for rows that refer to a row whenever that one is deleted or its key changes. Without an index on the referring columns each look reads the whole table, under a lock on the row.',
  instead: 'Build an index that begins with the columns, whole, not partial, before the foreign key.',
  source: 'https://www.postgresql.org/docs/17/ddl-constraints.html#DDL-CONSTRAINTS-FK',
  sections: ['up'],
  bad: [
    { before, up: 'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;' },
    { before, up: 'CREATE TABLE likes (user_id bigint REFERENCES users (id));' },
  ],
  good: [
    {
      before: `${before}\nCREATE INDEX posts_user ON posts (user_id, id);`,
      up: 'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;',
    },
    {
      before,
      up: 'CREATE TABLE likes (user_id bigint REFERENCES users (id));\nCREATE INDEX likes_user ON likes (user_id);',
    },
    { before, up: 'CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users (id));' },
  ],
  ask: (at) => {
    const { keys, indexed } = keysOf(at);
    return keys.flatMap(({ table, columns, location }) => {
      const leads = leadingWith(columns);
      const isIndexed = indexedIn(table, columns);
      if (isIndexed(at.schema) || indexed.some(leads) || indexedLater(at, table).some(leads)) return [];
      const list = columns.map(identifier).join(', ');
      const name = nameOf([table.name, ...columns], 'idx');
      // nobody waits for an index of a table that is being made
      const made = 'CreateStmt' in at.statement.node || at.schema.isUnseen(table);
      return [
        {
          ...(location === undefined ? {} : { location }),
          message: `no index of ${sqlName(table)} begins with ${list}: each DELETE of what it refers to reads the whole table`,
          unless: isIndexed,
          remedy: made
            ? `CREATE INDEX ${name} ON ${sqlName(table)} (${list});`
            : outsideTransaction(at, `CREATE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${list});`),
        },
      ];
    });
  },
};
