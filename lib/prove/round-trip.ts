import type { ManifestMigration } from '../migration/index.ts';
import { dumpSchema } from './dump/dump-schema.ts';
import type { SchemaDump } from './dump/schema-dump.ts';
import type { ObservedStatement } from './locks/observed-lock.ts';
import type { Fault } from './outcome.ts';
import { fillTables } from './rows/fill-tables.ts';
import { changedRows, readRowPrints, type RowPrints } from './rows/row-prints.ts';
import { type Refusal, runSection } from './run-section.ts';
import { compareDumps, isSameSchema, type SchemaDifference } from './schema-difference.ts';
import type { ScratchDatabase } from './scratch-server.ts';

/** Which rows the tables hold while the migration goes up and down. */
export type Rows = { readonly kind: 'none' } | { readonly kind: 'made'; readonly except: ReadonlySet<string> };

export interface RoundTrip {
  /** Why the first up did not run; everything else is then empty. */
  readonly upRefusal: Refusal | null;
  readonly faults: readonly Fault[];
  readonly reordered: readonly string[];
  /** What the up changed. */
  readonly upDifference: SchemaDifference;
  readonly rowsBefore: RowPrints;
  /** Tables whose rows the down did not bring back; empty when the down was refused. */
  readonly changedRows: readonly string[];
  readonly down: readonly ObservedStatement[];
}

const noDifference: SchemaDifference = { missing: [], extra: [], changed: [], reordered: [] };

/** Takes a migration up, down and up on a database that is the caller's to throw away, which it leaves as the last step found it. */
export const roundTrip = async (
  database: ScratchDatabase,
  { up, down }: ManifestMigration,
  ledgerSchema: string,
  rows: Rows,
): Promise<RoundTrip> => {
  const client = await database.connect();
  const dump = (): Promise<SchemaDump> => dumpSchema(client, { ledgerSchema, roles: true });
  const faults: Fault[] = [];

  const before = await dump();
  if (rows.kind === 'made') await fillTables(client, ledgerSchema, rows.except);
  const rowsBefore = await readRowPrints(client, ledgerSchema);
  const first = await runSection(database, up);
  if (first.refusal !== null || down === null)
    return {
      upRefusal: first.refusal,
      faults,
      reordered: [],
      upDifference: noDifference,
      rowsBefore,
      changedRows: [],
      down: [],
    };
  const after = await dump();
  const trip = { upRefusal: null, upDifference: compareDumps(before, after), rowsBefore };

  const back = await runSection(database, down, { observe: rows.kind === 'made' });
  if (back.refusal !== null) {
    faults.push({ kind: 'down-refused', refusal: back.refusal });
    return { ...trip, faults, reordered: [], changedRows: [], down: back.observed };
  }
  const difference = compareDumps(before, await dump());
  if (!isSameSchema(difference)) faults.push({ kind: 'down-differs', difference });
  const lost = changedRows(rowsBefore, await readRowPrints(client, ledgerSchema));

  const again = await runSection(database, up);
  if (again.refusal !== null) faults.push({ kind: 'up-again-refused', refusal: again.refusal });
  else {
    const upAgain = compareDumps(after, await dump());
    if (!isSameSchema(upAgain)) faults.push({ kind: 'up-again-differs', difference: upAgain });
  }
  const reordered = difference.reordered.map(({ name }) => name);
  return { ...trip, faults, reordered, changedRows: lost, down: back.observed };
};
