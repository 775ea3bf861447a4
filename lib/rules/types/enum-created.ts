import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

export const enumCreated: Rule = {
  id: 'enum-created',
  group: 'types',
  severity: 'notice',
  title: 'an enum type',
  effect:
    'Values can be added, and nothing else: to take one away, or to put them in another order, every column of the type is written anew.',
  instead: 'A table of the values with a foreign key, or `text` with a CHECK: both can be changed online.',
  source: 'https://www.postgresql.org/docs/17/datatype-enum.html',
  sections: ['up'],
  bad: [{ before: '', up: "CREATE TYPE mood AS ENUM ('sad', 'glad');" }],
  good: [{ before: '', up: 'CREATE TABLE moods (name text PRIMARY KEY);' }],
  ask: ({ statement: { node } }) => {
    if (!('CreateEnumStmt' in node)) return [];
    const words = (node.CreateEnumStmt.typeName ?? []).flatMap((word) =>
      'String' in word ? [word.String.sval ?? ''] : [],
    );
    const values = (node.CreateEnumStmt.vals ?? []).flatMap((value) =>
      'String' in value ? [`('${(value.String.sval ?? '').replaceAll("'", "''")}')`] : [],
    );
    const name = sqlName({ schema: words.at(-2) ?? null, name: words.at(-1) ?? '' });
    return [
      {
        message: `values of the enum ${name} cannot be taken away again`,
        remedy: [
          `CREATE TABLE ${name} (name text PRIMARY KEY);`,
          ...(values.length === 0 ? [] : [`INSERT INTO ${name} VALUES ${values.join(', ')};`]),
          `-- and in the columns: text REFERENCES ${name} (name)`,
        ].join('\n'),
      },
    ];
  },
};
