import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint, fax text);';

/** What has a rule of its own, which says more. */
const told = new Set(['TRUNCATE CASCADE', 'DROP DATABASE']);

export const dataDestroyed: Rule = {
  id: 'data-destroyed',
  group: 'loss',
  severity: 'warning',
  title: 'rows or values are gone for good',
  effect:
    'The down cannot give back what was in it. Lockkeeper takes a snapshot first, as the settings say, and names it in the ledger; the way back to the rows is Restore.',
  instead:
    'Drop in a migration of its own, after the code no longer reads or writes it for a while; rename or revoke first to see whether somebody does. Say that it is meant with `-- lockkeeper:allow data-destroyed <reason>`.',
  source: 'https://www.postgresql.org/docs/17/ddl-alter.html#DDL-ALTER-REMOVING-A-COLUMN',
  sections: ['up'],
  bad: [
    { before, up: 'DROP TABLE users;' },
    { before, up: 'ALTER TABLE users DROP COLUMN fax;' },
    { before, up: 'TRUNCATE users;' },
  ],
  good: [
    { before, up: 'CREATE TABLE scratch (id bigint);\nDROP TABLE scratch;' },
    { before, up: 'CREATE INDEX i ON users (id);\nDROP INDEX i;' },
  ],
  ask: ({ facts, statement: { node } }) => {
    if (facts.loss !== 'data' || facts.lossOf !== 'old' || (facts.class !== 'ddl' && !('TruncateStmt' in node)))
      return [];
    if (told.has(facts.kind)) return [];
    const object = facts.objects.find(
      ({ role, isNew }) => (role === 'dropped' || role === 'written' || role === 'altered') && !isNew,
    );
    const what =
      object === undefined ? '' : ` of ${sqlName(object)}${object.part === undefined ? '' : `.${object.part}`}`;
    return [
      {
        message: `${facts.kind}${what} loses what is in it; a down cannot bring it back`,
        remedy: 'say that it is meant: -- lockkeeper:allow data-destroyed <reason>; a snapshot is taken first',
      },
    ];
  },
};
