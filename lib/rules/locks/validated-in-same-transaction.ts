import { alteredTable, partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { nextMigration } from '../steps.ts';
import { identifier, sqlName } from '../words.ts';

const before = 'CREATE TABLE accounts (balance bigint);';
const add = 'ALTER TABLE accounts ADD CONSTRAINT positive CHECK (balance >= 0) NOT VALID;';
const validate = 'ALTER TABLE accounts VALIDATE CONSTRAINT positive;';

export const validatedInSameTransaction: Rule = {
  id: 'validated-in-same-transaction',
  group: 'locks',
  severity: 'error',
  title: 'a constraint is validated in the transaction that added it',
  effect:
    'The strong lock of `ADD CONSTRAINT` is held until the transaction ends, so the table stands still while `VALIDATE` reads every row: `NOT VALID` has won nothing.',
  instead: 'Validate it in the next migration.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  sections: ['up', 'down'],
  bad: [{ before, up: `${add}\n${validate}` }],
  good: [
    { before: `${before}\n${add}`, up: validate },
    { before, up: `${add}\n${validate}`, transaction: false },
  ],
  ask: (at) =>
    partsUnderLock(at, 'VALIDATE CONSTRAINT').flatMap(({ part, table }) => {
      const name = part.node.name ?? '';
      const added = at.earlier.some(
        (known) =>
          known.transaction === at.transaction &&
          alteredTable({ ...at, ...known })?.name === table.name &&
          known.facts.objects.some(
            ({ role, kind, part: of }) => role === 'created' && kind === 'constraint' && of === name,
          ),
      );
      if (!added) return [];
      return [
        {
          message: `${identifier(name)} is validated under the lock on ${sqlName(table)} that adding it took: who waits for that lock waits until every row is read`,
          remedy: `${nextMigration(at).replace('and ', '')}\nALTER TABLE ${sqlName(table)} VALIDATE CONSTRAINT ${identifier(name)};`,
        },
      ];
    }),
};
