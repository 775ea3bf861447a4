import { withoutLiterals } from '../migration/without-literals.ts';
import { own } from './operators.ts';

/** A session of somebody else, as pg_stat_activity shows it to our role. */
export interface Session {
  readonly pid: number;
  /** Since its transaction began; null when it has none, or our role may not see it. */
  readonly ageSeconds: number | null;
  readonly application: string;
  /** `idle in transaction` and the like; null when our role may not see it. */
  readonly state: string | null;
  /** What it runs, or ran last, without literals, which hold values; null when our role may not see it. */
  readonly query: string | null;
}

const queryLength = 120;

/** SQL for rows of pg_stat_activity as one JSON text, the oldest first; `[]` for none. */
export const sessionsAsJson = (row: string): string =>
  `CAST(coalesce(pg_catalog.jsonb_agg(${sessionAsJson(row)} ORDER BY ${row}.xact_start), '[]') AS text)`;

/** SQL for one row of pg_stat_activity as JSON, for `sessionOf`. The query is cut here, its literals are blanked there. */
export const sessionAsJson = (row: string): string =>
  `pg_catalog.jsonb_build_object('pid', ${row}.pid, 'application', ${row}.application_name, 'state', ${row}.state, 'query', pg_catalog."left"(${row}.query, 2000),
      'age', CAST(pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() ${own.minus} ${row}.xact_start)) AS bigint))`;

export const sessionOf = (json: unknown): Session => {
  const { pid, application, state, query, age } = json as Record<string, string | number | null>;
  const seen = typeof state === 'string';
  return {
    pid: Number(pid),
    ageSeconds: typeof age === 'number' ? Math.max(0, age) : null,
    application: typeof application === 'string' ? application : '',
    state: seen ? state : null,
    query: seen && typeof query === 'string' && query !== '' ? withoutLiterals(query, queryLength) : null,
  };
};
