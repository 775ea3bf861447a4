import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before =
  'CREATE TABLE users (id bigint, email text, name text);\nCREATE INDEX users_email_name ON users (email, name);';

export const indexRedundant: Rule = {
  id: 'index-redundant',
  group: 'discipline',
  severity: 'warning',
  title: 'another index begins with the same columns',
  effect: 'Each write keeps both up to date, and the cache holds both, while one serves the same queries.',
  instead: 'Use the index that is there; or drop the shorter one in a later migration.',
  source: 'https://www.postgresql.org/docs/17/indexes-multicolumn.html',
  sections: ['up'],
  bad: [{ before, up: 'CREATE INDEX CONCURRENTLY users_email ON users (email);', transaction: false }],
  good: [
    { before, up: 'CREATE INDEX CONCURRENTLY users_name ON users (name);', transaction: false },
    { before, up: 'CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);', transaction: false },
    { before, up: "CREATE INDEX CONCURRENTLY users_email ON users (email) WHERE name = 'x';", transaction: false },
  ],
  ask: ({ schema, statement: { node } }) => {
    if (!('IndexStmt' in node)) return [];
    const { relation, indexParams = [], unique, whereClause, accessMethod = 'btree', idxname } = node.IndexStmt;
    const plain = indexParams.flatMap((each) =>
      'IndexElem' in each &&
      each.IndexElem.name !== undefined &&
      each.IndexElem.ordering === 'SORTBY_DEFAULT' &&
      each.IndexElem.opclass === undefined
        ? [each.IndexElem.name]
        : [],
    );
    if (unique === true || whereClause !== undefined || accessMethod !== 'btree' || plain.length !== indexParams.length)
      return [];
    const table = { schema: relation?.schemaname ?? null, name: relation?.relname ?? '' };
    const twin = schema
      .indexesOn(table)
      .find(
        ({ method, partial, columns, name }) =>
          method === 'btree' &&
          !partial &&
          name.name !== idxname &&
          plain.every((column, at) => columns[at] === column),
      );
    if (twin === undefined) return [];
    return [
      {
        message: `index ${sqlName(twin.name)} on ${sqlName(table)} begins with ${plain.join(', ')}, too`,
        remedy: 'leave this one out; the other one serves the same queries',
      },
    ];
  },
};
