import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';
import { lockWithout, settingFor } from './lock-timeout-missing.ts';

const before = 'CREATE TABLE users (id bigint);';

export const statementTimeoutMissing: Rule = {
  id: 'statement-timeout-missing',
  group: 'locks',
  severity: 'notice',
  title: 'a strong lock is held without statement_timeout',
  effect:
    'Once it has its lock a statement keeps it as long as it takes, and whoever needs the table waits. Lockkeeper watches the age of a step and can stop it; bare SQL in other hands has nobody who does.',
  instead: 'Set `statement_timeout` to what the table may stand still.',
  source: 'https://www.postgresql.org/docs/17/runtime-config-client.html#GUC-STATEMENT-TIMEOUT',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE users ADD COLUMN email text;' }],
  good: [
    { before, up: "SET LOCAL statement_timeout = '5s';\nALTER TABLE users ADD COLUMN email text;" },
    { before, up: 'ALTER TABLE users ADD COLUMN email text;', file: '20260101000000-add-email-to-users.sql' },
  ],
  ask: (at) => {
    const lock = lockWithout('statement_timeout', at);
    if (lock === null) return [];
    return [
      {
        message: `${at.facts.kind} may hold ${lock.mode} on ${sqlName(lock.object)} for any time: no statement_timeout`,
        remedy: settingFor(at, 'statement_timeout', '5s'),
      },
    ];
  },
};
