import { typeRule } from './type-rule.ts';

export const timestampWithoutTimeZone = typeRule({
  id: 'timestamp-without-time-zone',
  severity: 'warning',
  title: 'a timestamp without time zone',
  effect:
    '`timestamp` keeps what a clock on the wall showed and forgets where it hung. Two sessions with different `TimeZone` settings read different instants from it, and no error tells.',
  instead: 'Use `timestamptz`. It takes the same eight bytes and keeps the instant.',
  source: 'https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29',
  is: ({ type }) => type.schema === null && type.name === 'timestamp',
  does: 'forgets its time zone',
  write: 'timestamptz',
  bad: ['CREATE TABLE t (made timestamp);', 'ALTER TABLE u ADD COLUMN made timestamp without time zone;'],
  good: ['CREATE TABLE t (made timestamptz);', 'CREATE TEMP TABLE t (made timestamp);'],
});
