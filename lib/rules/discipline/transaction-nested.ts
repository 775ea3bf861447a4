import type { Rule } from '../rule.ts';

export const transactionNested: Rule = {
  id: 'transaction-nested',
  group: 'discipline',
  severity: 'error',
  title: 'BEGIN and COMMIT do not match',
  effect:
    'A BEGIN inside a transaction does nothing but warn; a COMMIT ends the transaction that the tool opened, so that what comes after is not taken back with the rest; a BEGIN without an end is rolled back when the session closes.',
  instead: 'Leave them out: each migration is a transaction of its own.',
  source: 'https://www.postgresql.org/docs/17/sql-begin.html',
  sections: ['up', 'down'],
  bad: [
    { before: '', up: 'SELECT 1;\nCOMMIT;' },
    { before: '', up: 'BEGIN;\nBEGIN;\nSELECT 1;\nCOMMIT;', transaction: false },
    { before: '', up: 'BEGIN;\nSELECT 1;', transaction: false },
  ],
  good: [
    { before: '', up: 'BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;', transaction: false },
    { before: '', up: 'SELECT 1;' },
  ],
  ask: ({ section, index, statement: { node } }) => {
    const wordOf = (each: typeof node): 'begin' | 'end' | null => {
      if (!('TransactionStmt' in each)) return null;
      const kind = each.TransactionStmt.kind ?? '';
      if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') return 'begin';
      return kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK' ? 'end' : null;
    };
    const word = wordOf(node);
    if (word === null) return [];
    const words = section.statements.map((each) => wordOf(each.node));
    const before = words.slice(0, index).findLast((each) => each !== null) ?? null;
    const after = words.slice(index + 1).find((each) => each !== null) ?? null;
    const outer = section.transactional;
    if (
      outer &&
      section.script.version === null &&
      words[0] === 'begin' &&
      words.at(-1) === 'end' &&
      words.filter(Boolean).length === 2
    )
      return [];
    const open = outer || before === 'begin';
    const message =
      word === 'begin'
        ? open
          ? 'BEGIN inside a transaction does nothing'
          : after === 'end'
            ? null
            : 'BEGIN without an end: it is rolled back when the session closes'
        : outer
          ? 'COMMIT or ROLLBACK ends the transaction that the tool opened'
          : open
            ? null
            : 'COMMIT or ROLLBACK without a BEGIN';
    return message === null ? [] : [{ message, remedy: 'take it out; each migration is a transaction of its own' }];
  },
};
