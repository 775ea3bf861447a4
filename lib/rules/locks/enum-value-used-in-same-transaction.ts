import type { Rule } from '../rule.ts';
import { identifier } from '../words.ts';

const before = "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE people (mood mood);";

export const enumValueUsedInSameTransaction: Rule = {
  id: 'enum-value-used-in-same-transaction',
  group: 'locks',
  severity: 'error',
  title: 'a new enum value is used in the transaction that adds it',
  effect: 'PostgreSQL refuses it: "unsafe use of new value". The migration fails, whatever the data.',
  instead: 'Use the value in the next migration.',
  source: 'https://www.postgresql.org/docs/17/sql-altertype.html#id-1.9.3.42.7',
  sections: ['up', 'down'],
  bad: [{ before, up: "ALTER TYPE mood ADD VALUE 'glad';\nINSERT INTO people VALUES ('glad');" }],
  good: [
    { before: `${before}\nALTER TYPE mood ADD VALUE 'glad';`, up: "INSERT INTO people VALUES ('glad');" },
    { before, up: "ALTER TYPE mood ADD VALUE 'glad';\nINSERT INTO people VALUES ('sad');" },
    {
      before: '',
      up: "CREATE TYPE mood AS ENUM ('sad');\nALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE p (m mood DEFAULT 'glad');",
    },
  ],
  ask: ({ earlier, transaction, schema, statement: { sql } }) => {
    const added = earlier.flatMap((known) => {
      const { node } = known.statement;
      if (known.transaction !== transaction || !('AlterEnumStmt' in node) || node.AlterEnumStmt.oldVal !== undefined)
        return [];
      const names = (node.AlterEnumStmt.typeName ?? []).flatMap((word) =>
        'String' in word ? [word.String.sval ?? ''] : [],
      );
      const name = names.at(-1) ?? '';
      const type = { schema: names.length > 1 ? (names.at(-2) ?? null) : null, name };
      return schema.typeAge(type) === 'new' ? [] : [{ name, value: node.AlterEnumStmt.newVal ?? '' }];
    });
    return added
      .filter(({ value }) => sql.includes(`'${value.replaceAll("'", "''")}'`) && !/^\s*ALTER\s+TYPE\b/i.test(sql))
      .map(({ name, value }) => ({
        message: `the value '${value}' of ${identifier(name)} was added in this transaction and cannot be used in it`,
        remedy: 'put this statement into the next migration',
      }));
  },
};
