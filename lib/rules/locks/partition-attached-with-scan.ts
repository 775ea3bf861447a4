import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { nextMigration } from '../steps.ts';
import { lockWords, nameOf, sqlName } from '../words.ts';

const before = 'CREATE TABLE log (at date) PARTITION BY RANGE (at);\nCREATE TABLE log_2024 (at date);';
const attach = "ALTER TABLE log ATTACH PARTITION log_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";

export const partitionAttachedWithScan: Rule = {
  id: 'partition-attached-with-scan',
  group: 'locks',
  severity: 'error',
  title: 'a partition is attached without a CHECK that proves its bounds',
  effect:
    '`ATTACH PARTITION` takes ACCESS EXCLUSIVE on the new partition and reads all its rows, unless a valid CHECK already says what the bounds say.',
  instead:
    'Add that CHECK `NOT VALID`, validate it in the next migration, then attach, which is instant, and drop the CHECK.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION',
  sections: ['up', 'down'],
  bad: [{ before, up: attach }],
  good: [
    {
      before: `${before}\nALTER TABLE log_2024 ADD CONSTRAINT log_2024_bounds CHECK (at IS NOT NULL AND at >= '2024-01-01' AND at < '2025-01-01');`,
      up: attach,
    },
    {
      before: 'CREATE TABLE log (at date) PARTITION BY RANGE (at);',
      up: `CREATE TABLE log_2024 (at date);\n${attach}`,
    },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ATTACH PARTITION').flatMap(({ part }) => {
      const { def } = part.node;
      if (def === undefined || !('PartitionCmd' in def)) return [];
      const { schemaname = null, relname = '' } = def.PartitionCmd.name ?? {};
      const partition = { schema: schemaname, name: relname };
      const lock = at.facts.locks.find(
        ({ object, duration }) => duration === 'scan' && object.name === relname && object.schema === schemaname,
      );
      if (lock === undefined) return [];
      const name = nameOf([relname], 'bounds');
      return [
        {
          message: `ATTACH PARTITION ${lockWords(lock)}`,
          remedy: [
            `ALTER TABLE ${sqlName(partition)} ADD CONSTRAINT ${name} CHECK (<the bounds, with IS NOT NULL>) NOT VALID;`,
            nextMigration(at),
            `ALTER TABLE ${sqlName(partition)} VALIDATE CONSTRAINT ${name};`,
            '-- and in the one after it: attach it, and drop the CHECK',
          ].join('\n'),
        },
      ];
    }),
};
