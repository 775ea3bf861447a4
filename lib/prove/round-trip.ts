import type { ManifestMigration, ManifestSection } from '../migration/index.ts';
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
  /** Extensions that the up makes if they are not there, and that the down leaves: they may have been there for others. */
  readonly leftExtensions: readonly string[];
  /** Tables whose rows the down did not bring back; empty when the down was refused. */
  readonly changedRows: readonly string[];
  readonly down: readonly ObservedStatement[];
}

/** The difference without the extensions that the author expects to be there already, and those. */
const withoutExtensions = (
  difference: SchemaDifference,
  { statements }: ManifestSection,
): { readonly difference: SchemaDifference; readonly leftExtensions: readonly string[] } => {
  const isExpected = (name: string): boolean =>
    statements.some(
      ({ sql }) => /create\s+extension\s+if\s+not\s+exists/i.test(sql) && sql.includes(name.replaceAll('"', '')),
    );
  const left = difference.extra.filter(({ kind, name }) => kind === 'extension' && isExpected(name));
  return {
    difference: { ...difference, extra: difference.extra.filter((object) => !left.includes(object)) },
    leftExtensions: left.map(({ name }) => name),
  };
};

const noDifference: SchemaDifference = { missing: [], extra: [], changed: [], reordered: [] };

/** Takes a migration up, down and up on a database that is the caller's to throw away, which it leaves as the last step found it. */
export const roundTrip = async (
  database: ScratchDatabase,
  { up, down }: ManifestMigration,
  ledgerSchema: string,
  rows: Rows,
): Promise<RoundTrip> => {
  const dump = (): Promise<SchemaDump> => database.use((client) => dumpSchema(client, { ledgerSchema, roles: true }));
  const prints = (): Promise<RowPrints> => database.use((client) => readRowPrints(client, ledgerSchema));
  const faults: Fault[] = [];

  const before = await dump();
  if (rows.kind === 'made') await database.use((client) => fillTables(client, ledgerSchema, rows.except));
  const rowsBefore = await prints();
  const first = await runSection(database, up);
  if (first.refusal !== null || down === null)
    return {
      upRefusal: first.refusal,
      faults,
      reordered: [],
      upDifference: noDifference,
      rowsBefore,
      leftExtensions: [],
      changedRows: [],
      down: [],
    };
  const after = await dump();
  const trip = { upRefusal: null, upDifference: compareDumps(before, after), rowsBefore };

  const back = await runSection(database, down, { observe: true });
  if (back.refusal !== null) {
    faults.push({ kind: 'down-refused', refusal: back.refusal });
    return { ...trip, faults, reordered: [], leftExtensions: [], changedRows: [], down: back.observed };
  }
  const { difference, leftExtensions } = withoutExtensions(compareDumps(before, await dump()), up);
  if (!isSameSchema(difference)) faults.push({ kind: 'down-differs', difference });
  const lost = changedRows(rowsBefore, await prints());

  const again = await runSection(database, up);
  if (again.refusal !== null) faults.push({ kind: 'up-again-refused', refusal: again.refusal });
  else {
    const upAgain = compareDumps(after, await dump());
    if (!isSameSchema(upAgain)) faults.push({ kind: 'up-again-differs', difference: upAgain });
  }
  const reordered = difference.reordered.map(({ name }) => name);
  return { ...trip, faults, reordered, leftExtensions, changedRows: lost, down: back.observed };
};
