import { alteredTable, partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { nextMigration, outsideTransaction } from '../steps.ts';
import { lockWords, nameOf, sqlName } from '../words.ts';

const before = 'CREATE TABLE log (at date) PARTITION BY RANGE (at);\nCREATE TABLE log_2024 (at date);';
const attach = "ALTER TABLE log ATTACH PARTITION log_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";

export const partitionAttachedWithScan: Rule = {
  id: 'partition-attached-with-scan',
  group: 'locks',
  severity: 'error',
  title: 'a partition is attached without a CHECK that proves its bounds',
  effect:
    '`ATTACH PARTITION` takes ACCESS EXCLUSIVE on the new partition and reads all its rows, unless a valid CHECK already says what the bounds say; and builds each index of the parent that it lacks. Where the table has a default partition, that one is shut and read as well, and so it is by `CREATE TABLE … PARTITION OF`.',
  instead:
    'Add that CHECK `NOT VALID`, validate it in the next migration, then attach, which is instant, and drop the CHECK.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION',
  sections: ['up', 'down'],
  bad: [
    { before, up: attach },
    { before: `${before}\nCREATE INDEX log_at ON log (at);`, up: attach },
    {
      before: `${before}\nCREATE TABLE log_other PARTITION OF log DEFAULT;`,
      up: "CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
    },
  ],
  good: [
    {
      before: `${before}\nALTER TABLE log_2024 ADD CONSTRAINT log_2024_bounds CHECK (at IS NOT NULL AND at >= '2024-01-01' AND at < '2025-01-01');`,
      up: attach,
    },
    { before, up: "CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');" },
    {
      before: 'CREATE TABLE log (at date) PARTITION BY RANGE (at);',
      up: `CREATE TABLE log_2024 (at date);\n${attach}`,
    },
  ],
  ask: (at) => {
    const table = alteredTable(at);
    const { node } = at.statement;
    const create = 'CreateStmt' in node && node.CreateStmt.partbound !== undefined;
    const attached = partsUnderLock(at, 'ATTACH PARTITION').flatMap(
      ({
        part: {
          node: { def },
        },
      }) => (def !== undefined && 'PartitionCmd' in def ? [def.PartitionCmd.name?.relname ?? ''] : []),
    );
    if (!create && (table === null || attached.length === 0)) return [];
    const what = create ? 'CREATE TABLE … PARTITION OF' : 'ATTACH PARTITION';
    return at.facts.locks
      .filter(({ mode, duration }) => mode === 'ACCESS EXCLUSIVE' && duration !== 'instant')
      .map((lock) => {
        const isDefault = !attached.includes(lock.object.name);
        const partition = sqlName(lock.object);
        const name = nameOf([lock.object.name], 'bounds');
        const check = isDefault ? '<none of the rows is of the new partition>' : '<the bounds, with IS NOT NULL>';
        return {
          message: `${what} ${lockWords(lock)}${isDefault ? ', to see that the default partition has no row of the new one' : ''}`,
          remedy:
            lock.duration === 'build'
              ? outsideTransaction(
                  at,
                  `CREATE INDEX CONCURRENTLY … ON ${partition} (…); -- each index and key that the parent has and it lacks`,
                )
              : [
                  `ALTER TABLE ${partition} ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID;`,
                  nextMigration(at),
                  `ALTER TABLE ${partition} VALIDATE CONSTRAINT ${name};`,
                  `${nextMigration(at)}: ${isDefault ? 'this statement' : 'attach it'}, and drop the CHECK`,
                ].join('\n'),
        };
      });
  },
};
