import type { ManifestMigration, ManifestSection } from '../migration/manifest.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { stopError } from './ledger-errors.ts';
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
}

const answered = <T extends object>(answer: unknown, version: string | null): T => {
  const { stop } = answer as Stopped;
  if (stop !== undefined) throw stopError(stop, version);
  return answer as T;
};

/** In pieces, since a row of the Data API holds 64 KB, and a character up to 4 bytes before its JSON. */
const storedSection = async (calls: LedgerCalls, version: string): Promise<ManifestSection> => {
  const rows = await calls.rows(
    `SELECT substr(m.down::text, CAST(n AS integer), 10000) AS piece FROM ${calls.quoted}.migration m, generate_series(1, length(m.down::text), 10000) n
    WHERE m.version = CAST(:version AS text) ORDER BY n`,
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

/** How often this run has sent a statement outside a transaction: its `intent` events that name the statement. */
export const intents = async (
  calls: LedgerCalls,
  { run, version, index }: { readonly run: string; readonly version: string; readonly index: number },
): Promise<number> => {
  const [row] = await calls.rows(
    `SELECT count(*) AS sent FROM ${calls.quoted}.event e WHERE e.kind = 'intent' AND e.run = CAST(:run AS text)
      AND e.version = CAST(:version AS text) AND e.detail->>'statement' = CAST(:index AS bigint)::text`,
    { run, version, index },
  );
  return Number(row?.['sent'] ?? 0);
};
