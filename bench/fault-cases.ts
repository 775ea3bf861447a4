import pg from 'pg';
import { changelogs, versions } from '../test/faults/reference.ts';
import type { BenchMigration } from './contestant.ts';

/** What happens to one call of a run: what the stand-in does, a request that arrives late, and the death of who made the call. */
export const faultKinds = [
  'request-lost',
  'reply-lost',
  'reply-cut',
  'failed-before',
  'failed-after',
  'unavailable',
  'writer-missing',
  'throttled',
  'resuming',
  'timed-out-cancelled',
  'timed-out-running',
  'backend-killed',
  'late-soon',
  'late-end',
  'runner-killed',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Null for an undisturbed run. */
export interface FaultAt {
  /** From 1. */
  readonly call: number;
  readonly kind: FaultKind;
}

/** The reference run of the fault suite for another tool; without `concurrently` its index is an ordinary one. */
export const referenceFor = (concurrently: boolean): readonly BenchMigration[] =>
  changelogs.good.migrations.map(({ version, name, up }) => ({
    version,
    name,
    statements: up.statements.map(({ sql }) => (concurrently ? sql : sql.replace(' CONCURRENTLY', ''))),
    transactional: up.transactional || !concurrently,
  }));

/** How often each migration's effect is there, by version; a half one counts as none. */
export type Effects = Readonly<Record<string, number>>;

const question = (table: boolean): string => `select
  ${table ? "(select count(*) from app.entry where what = 'once')" : 0}::int as once,
  (select count(*) from app.tally where what = 'once up')::int as tallied,
  ${table ? "(select count(*) from app.entry where what = 'before its account')" : 0}::int as deferred,
  (select count(*) from pg_constraint where conname = 'entry_account_fkey')::int as constrained,
  (select count(*) from pg_index where indexrelid = to_regclass('app.account_note_idx') and indisvalid)::int as indexed,
  (select count(*) from app.tally where what = 'alone up')::int as counted,
  (select count(*) from pg_attribute where attrelid = to_regclass('app.account') and attname = 'legacy' and not attisdropped)::int as legacy,
  ${table ? "(select count(*) from app.entry where what = 'last')" : 0}::int as last`;

const both = (a = 0, b = 0): number => (a > 0 && b > 0 ? Math.max(a, b) : 0);

/** Looks over a connection of its own. */
export const lookAt = async (url: string): Promise<Effects> => {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      "select 1 where to_regclass('app.account') is not null and to_regclass('app.entry') is not null",
    );
    const table = tables.length > 0;
    const { rows } = await client.query<Record<string, number>>(question(table));
    const { once, tallied, deferred, constrained, indexed, counted, legacy, last } = rows[0] as Record<string, number>;
    return {
      [versions.tables]: Number(table),
      [versions.once]: Math.max(both(once, tallied), once! > 1 || tallied! > 1 ? 2 : 0),
      [versions.deferred]: Math.max(both(deferred, constrained), deferred! > 1 ? 2 : 0),
      [versions.alone]: Math.max(both(indexed, counted), counted! > 1 ? 2 : 0),
      [versions.destroys]: Number(table && legacy === 0),
      [versions.last]: last ?? 0,
    };
  } finally {
    await client.end();
  }
};

/** What a run said: all applied; failed, at the migration named, or as a whole (null); or nothing, since it died. */
export type Report =
  { readonly said: 'applied' } | { readonly said: 'nothing' } | { readonly said: 'failed'; readonly at: string | null };

/** One run, and what was there when all that it had sent was through. */
export interface Attempt {
  readonly report: Report;
  readonly before: Effects;
  readonly after: Effects;
}

const isWhole = (effects: Effects): boolean => Object.values(effects).every((count) => count > 0);

/** Said applied and something is missing; or said failed, and what it says failed is there, and was not before. */
const isWrong = ({ report, before, after }: Attempt): boolean => {
  if (report.said === 'nothing') return false;
  if (report.said === 'applied') return !isWhole(after);
  const { at } = report;
  return at === null ? isWhole(after) && !isWhole(before) : (after[at] ?? 0) > 0 && (before[at] ?? 0) === 0;
};

export interface Judged {
  readonly appliedTwice: boolean;
  readonly neverConverges: boolean;
  readonly wrongReport: boolean;
}

export const isConverged = ({ report, after }: Attempt): boolean => report.said === 'applied' && isWhole(after);

/** The disturbed run first, then the undisturbed ones. */
export const judge = (attempts: readonly Attempt[]): Judged => ({
  appliedTwice: attempts.some(({ after }) => Object.values(after).some((count) => count > 1)),
  neverConverges: !isConverged(attempts.at(-1)!),
  wrongReport: attempts.some(isWrong),
});

/** How often an undisturbed run is tried behind the disturbed one. */
export const rerunsAtMost = 3;

/** Someone who meets the faults. */
export interface FaultContestant {
  readonly name: string;
  /** Data API calls of the first run, and all runs. */
  play(fault: FaultAt | null): Promise<{ readonly calls: number; readonly attempts: readonly Attempt[] }>;
}
