import type { ManifestMigration, ManifestSection } from '../migration/manifest.ts';
import type { Judged } from './catalogue.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { stopError } from './ledger-errors.ts';
import { own } from './operators.ts';
import { storedMigration } from './steps.ts';

export interface AloneRequest {
  readonly token: number;
  readonly run: string;
  readonly version: string;
}

export type BeginAloneRequest = AloneRequest & {
  readonly direction: 'up' | 'down';
  /** The revision the caller read; the one it got here counts as the same. */
  readonly revision: number;
  /** For `up`: what to claim. A down runs what is stored. */
  readonly migration: ManifestMigration | null;
};

/** `done`: applied or reverted already, or no longer as the caller read it: read the ledger again. */
export type AloneClaim =
  | { readonly done: true }
  | {
      readonly done: false;
      readonly revision: number;
      readonly statementsDone: number;
      readonly section: ManifestSection;
    };

interface Stopped {
  readonly stop?: string;
  readonly sqlstate?: string;
}

const answered = <T extends object>(answer: unknown, version: string | null): T => {
  const { stop, sqlstate } = answer as Stopped;
  if (stop !== undefined) throw stopError(stop, version, sqlstate);
  return answer as T;
};

/** In pieces, since a row of the Data API holds 64 KB, and a character up to 4 bytes before its JSON. */
const storedSection = async (calls: LedgerCalls, version: string): Promise<ManifestSection> => {
  const rows = await calls.rows(
    `SELECT pg_catalog.substr(m.down::text, CAST(n AS integer), 10000) AS piece FROM ${calls.quoted}.migration m, pg_catalog.generate_series(1, pg_catalog.length(m.down::text), 10000) n
    WHERE m.version ${own.is} CAST(:version AS text) ORDER BY n`,
    { version },
  );
  return JSON.parse(rows.map(({ piece }) => String(piece)).join('')) as ManifestSection;
};

/** Claims a migration outside a transaction or goes on with it. */
export const beginAlone = async (
  calls: LedgerCalls,
  { migration, ...request }: BeginAloneRequest,
): Promise<AloneClaim> => {
  const values = {
    ...request,
    migration: migration === null ? null : { ...storedMigration(migration), revision: request.revision },
  };
  const claim = answered<{ done: boolean; revision: number; statementsDone: number }>(
    await calls.transact('begin_alone', values),
    request.version,
  );
  if (claim.done) return { done: true };
  const { revision, statementsDone } = claim;
  return {
    done: false,
    revision,
    statementsDone,
    section: migration?.up ?? (await storedSection(calls, request.version)),
  };
};

/** Calls a routine that answers done or a stop. */
export const recorded = async (
  calls: LedgerCalls,
  routine: string,
  values: object,
  version: string | null,
): Promise<void> => {
  answered(await calls.transact(routine, values), version);
};

/** One statement of a claimed migration outside a transaction. A claim's revision is its own, so nothing of an older one counts. */
export interface StatementAt {
  readonly version: string;
  readonly revision: number;
  readonly index: number;
}

/** What the ledger knows of sends of one statement outside a transaction. */
export interface Sends {
  /** By this run. */
  readonly own: number;
  /** What the catalogue said before anybody sent it; null when nobody has. Only what differs from it can be our doing. */
  readonly before: Judged | null;
  /** Whether it was seen at work since it was last sent, by a server that has not been started anew meanwhile. */
  readonly seen: boolean;
  /** Whether the claim took back an up that was half done: what it would have made may never have been there. */
  readonly halfUp: boolean;
  /** When another run last meant to send a statement of this migration for another revision, and did not record its end: milliseconds since 1970; null when none is open. */
  readonly openSinceMs: number | null;
}

export const sends = async (
  calls: LedgerCalls,
  { run, version, revision, index }: StatementAt & { readonly run: string },
): Promise<Sends> => {
  const [row] = await calls.rows(
    `WITH sent AS (SELECT e.id, e.at, e.run, e.kind, e.detail ${own.field} 'before' AS before FROM ${calls.quoted}.event e
      WHERE e.kind ${own.is} ANY (ARRAY['intent', 'seen']) AND e.version ${own.is} CAST(:version AS text)
        AND e.detail ${own.holds} pg_catalog.jsonb_build_object('statement', CAST(:index AS bigint), 'revision', CAST(:revision AS bigint)))
    SELECT pg_catalog.count(*) FILTER (WHERE s.kind ${own.is} 'intent' AND s.run ${own.is} CAST(:run AS text)) AS own,
      (SELECT f.before FROM sent f WHERE f.kind ${own.is} 'intent' ORDER BY f.id LIMIT 1) AS before,
      coalesce(pg_catalog.max(s.id) FILTER (WHERE s.kind ${own.is} 'seen' AND s.at ${own.above} pg_catalog.pg_postmaster_start_time()) ${own.above} pg_catalog.max(s.id) FILTER (WHERE s.kind ${own.is} 'intent'), false) AS seen,
      EXISTS (SELECT FROM ${calls.quoted}.event c WHERE c.kind ${own.is} 'intent' AND c.version ${own.is} CAST(:version AS text)
        AND c.detail ${own.holds} pg_catalog.jsonb_build_object('revision', CAST(:revision AS bigint), 'from', 'applying', 'direction', 'down')) AS half_up,
      (SELECT CAST(pg_catalog.max(CAST(i.detail ${own.field} 'atMs' AS bigint)) AS bigint) FROM ${calls.quoted}.event i
        WHERE i.kind ${own.is} 'intent' AND i.version ${own.is} CAST(:version AS text) AND i.run ${own.isNot} CAST(:run AS text)
          AND NOT i.detail ${own.holds} pg_catalog.jsonb_build_object('revision', CAST(:revision AS bigint)) AND NOT EXISTS (
          SELECT FROM ${calls.quoted}.event f WHERE f.version ${own.is} i.version AND f.run ${own.is} i.run AND f.id ${own.above} i.id AND f.kind ${own.is} ANY (ARRAY['failed', 'statement', 'applied', 'reverted']))) AS open_since
    FROM sent s`,
    { run, version, revision, index },
  );
  return {
    own: Number(row?.['own'] ?? 0),
    before: (row?.['before'] ?? null) as Judged | null,
    seen: row?.['seen'] === true,
    halfUp: row?.['half_up'] === true,
    openSinceMs: typeof row?.['open_since'] === 'number' ? row['open_since'] : null,
  };
};
