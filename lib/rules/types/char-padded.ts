import { typeRule } from './type-rule.ts';

export const charPadded = typeRule({
  id: 'char-padded',
  severity: 'warning',
  title: 'a char(n) column',
  effect:
    '`char(n)` pads with blanks to n and leaves them out when it compares: it saves nothing, and `LIKE` and regular expressions see the blanks.',
  instead: 'Use `text`, with a CHECK on its length where that matters: a CHECK can be changed online.',
  source: 'https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_char.28n.29',
  is: ({ type }) => type.schema === null && (type.name === 'bpchar' || type.name === 'char'),
  does: 'is padded with blanks',
  write: 'text',
  bad: ['CREATE TABLE t (code char(3));', 'ALTER TABLE u ADD COLUMN flag char;'],
  good: ['CREATE TABLE t (code text CHECK (length(code) = 3));'],
});
