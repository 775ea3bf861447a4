import type { AppliedEntry } from '../ledger/standing.ts';
import { type ManifestMigration, worstLoss } from '../migration/manifest.ts';

const utf8Length = (text: string): number => new TextEncoder().encode(text).byteLength;

/** Bytes of a value as `jsonb::text` has it, with a blank behind each colon and comma: https://www.postgresql.org/docs/17/datatype-json.html */
export const jsonbBytes = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return utf8Length(JSON.stringify(value));
  const parts = Array.isArray(value)
    ? value.map(jsonbBytes)
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => utf8Length(JSON.stringify(key)) + 2 + jsonbBytes(each));
  return 2 + parts.reduce((sum, bytes) => sum + bytes, 0) + 2 * Math.max(0, parts.length - 1);
};

/**
 * Whether a migration's down is the one that the ledger holds, as far as a reading of the ledger tells: name, kind, loss, number of
 * statements and bytes. Only what a plan says besides hangs on it; what runs is the ledger's.
 */
export const isStoredDown = ({ name, down }: AppliedEntry, migration: ManifestMigration): boolean =>
  down !== null &&
  migration.down !== null &&
  migration.name === name &&
  migration.down.transactional === down.transactional &&
  migration.down.statements.length === down.statements &&
  worstLoss(migration.down.statements) === down.loss &&
  jsonbBytes(migration.down) === down.bytes;
