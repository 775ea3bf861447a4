import { typeRule } from './type-rule.ts';

export const serialInsteadOfIdentity = typeRule({
  id: 'serial-instead-of-identity',
  severity: 'warning',
  title: 'a serial column',
  effect:
    '`serial` is a default and a sequence with rights of its own: the right to insert does not bring the right to the sequence, anybody can write another value, and a copied table shares the sequence.',
  instead: 'Use `GENERATED ALWAYS AS IDENTITY`.',
  source: 'https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_serial',
  is: ({ serial }) => serial,
  does: 'is serial, whose sequence has rights of its own',
  write: 'bigint GENERATED ALWAYS AS IDENTITY',
  bad: ['CREATE TABLE t (id serial PRIMARY KEY);', 'CREATE TABLE t (id bigserial);'],
  good: ['CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);'],
});
