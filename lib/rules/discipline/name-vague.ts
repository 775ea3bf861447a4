import type { Rule } from '../rule.ts';

/** Words that say that something was done, not what. */
const vague = new Set(
  'change changes changed fix fixes fixed update updates updated migration migrations misc stuff things new tmp temp test tests wip cleanup refactor schema sql db database script patch edit edits modify tweak tweaks table tables'.split(
    ' ',
  ),
);
/** Verbs that want a second thing behind them: `update-users` says nothing, `update-users-without-country` something. */
const weak = new Set(['update', 'change', 'modify', 'fix', 'edit', 'alter', 'tweak', 'refactor', 'cleanup']);

export const nameVague: Rule = {
  id: 'name-vague',
  group: 'discipline',
  severity: 'warning',
  title: 'the name does not say what the migration does',
  effect:
    'At three in the morning the plan, the history and the console show the name and nothing else. `fix` or `update-users` has to be opened to know what it is.',
  instead: 'Begin with a verb in the imperative and name the thing: `add-email-index-to-users`.',
  source: 'https://www.postgresql.org/docs/17/sql-commands.html',
  sections: ['up'],
  bad: [{ before: '', up: 'SELECT 1;', file: '20260101000000-update-users.sql' }],
  good: [
    { before: '', up: 'SELECT 1;', file: '20260101000000-add-email-index-to-users.sql' },
    { before: '', up: 'SELECT 1;' },
  ],
  ask: ({ section: { script }, index }) => {
    if (index !== 0 || script.version === null) return [];
    const name = script.file
      .replace(/^.*\//, '')
      .replace(/^\d{14}-/, '')
      .replace(/\.sql$/, '');
    const words = name.split('-');
    const telling = words.filter((word) => !vague.has(word) && !weak.has(word));
    if (words.length > 1 && telling.length > (weak.has(words[0] ?? '') ? 1 : 0)) return [];
    return [
      {
        message: `the name ${name} does not say what is changed`,
        remedy: 'lockkeeper new "add email index to users", for example',
      },
    ];
  },
};
