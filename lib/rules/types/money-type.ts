import { typeRule } from './type-rule.ts';

export const moneyType = typeRule({
  id: 'money-type',
  severity: 'warning',
  title: 'a money column',
  effect:
    '`money` keeps no currency, rounds to the fraction of `lc_monetary` and is read by it: another setting, another amount.',
  instead: 'Use `numeric`, with a column for the currency.',
  source: 'https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_money',
  is: ({ type }) => type.schema === null && type.name === 'money',
  does: 'depends on lc_monetary',
  write: 'numeric(12, 2)',
  bad: ['CREATE TABLE t (price money);'],
  good: ['CREATE TABLE t (price numeric(12, 2));'],
});
