import type { ManifestMigration, ManifestSection } from '../migration/index.ts';
import type { WayBack } from '../migration/way-back.ts';
import type { Proven, Unproven } from './outcome.ts';
import { type Rows, type RoundTrip, roundTrip } from './round-trip.ts';
import { type Refusal, runSection, type SectionRun } from './run-section.ts';
import type { ScratchDatabase, ScratchServer } from './scratch-server.ts';
import {
  makeObject,
  type MissingObject,
  missingObject,
  readServerObjects,
  restoreServerObjects,
  type ServerObjects,
} from './server-objects.ts';

/** Where a migration is tried: `trunk` holds the schema just before it, without rows of ours. */
export interface Bench {
  readonly server: ScratchServer;
  readonly trunk: ScratchDatabase;
  readonly ledgerSchema: string;
}

/** Tables that we empty, one after the other, when the up refuses their rows. */
const emptiedAtMost = 8;

/** Tries a migration on copies of the trunk, and takes the trunk to the schema after it. */
export const proveMigration = async (bench: Bench, migration: ManifestMigration): Promise<Proven | Unproven> => {
  const { version, file, chain } = migration;
  const trip = migration.down === null ? null : await tripWithRows(bench, migration);
  const up = await raise(bench, migration, true);
  if (up.refusal !== null) return { version, file, chain, wayBack: null, refusal: up.refusal };
  const found = { version, file, chain, up: up.observed, unverified: up.unverified };
  if (trip === null)
    return { ...found, wayBack: 'documented', faults: [], notes: [], reordered: [], leftExtensions: [], down: [] };
  const { faults, reordered, leftExtensions, down } = trip.schema;
  const notes = dataNotes(trip);
  const wayBack: WayBack = faults.length > 0 ? 'broken' : notes.length > 0 ? 'schema' : 'schema-and-data';
  return { ...found, wayBack, faults, notes, reordered, leftExtensions, down };
};

/** Takes the trunk past a migration. Roles and databases that only the real server has are made. */
export const raise = async (bench: Bench, migration: ManifestMigration, observe = false): Promise<SectionRun> => {
  const options = { verify: migration.verify, observe };
  return withServerObjects(bench, migration.up, () => runSection(bench.trunk, migration.up, options));
};

const withServerObjects = async (
  { server }: Bench,
  { transactional }: ManifestSection,
  run: () => Promise<SectionRun>,
): Promise<SectionRun> => {
  for (;;) {
    const result = await run();
    const lacking = result.refusal === null || !transactional ? null : missingObject(result.refusal);
    if (lacking === null) return result;
    await makeObject(server.admin, lacking);
  }
};

interface Trips {
  /** What is believed of the schema: with rows where that went well, else without. */
  readonly schema: RoundTrip;
  /** The trip with rows; null when the up takes none of ours. */
  readonly data: RoundTrip | null;
  /** Why, then. */
  readonly upRefusal: Refusal | null;
  /** Tables that the up accepts only empty. */
  readonly onlyEmpty: ReadonlySet<string>;
}

const tripWithRows = async (bench: Bench, migration: ManifestMigration): Promise<Trips> => {
  const except = new Set<string>();
  const onlyEmpty = new Set<string>();
  for (;;) {
    const trip = await onCopy(bench, migration, { kind: 'made', except });
    if (trip.upRefusal === null && trip.faults.length === 0)
      return { schema: trip, data: trip, upRefusal: null, onlyEmpty };
    if (trip.upRefusal === null)
      return { schema: await onCopy(bench, migration, { kind: 'none' }), data: trip, upRefusal: null, onlyEmpty };
    const table = tableOf(trip.upRefusal);
    if (table === null || except.has(table) || except.size === emptiedAtMost)
      return {
        schema: await onCopy(bench, migration, { kind: 'none' }),
        data: null,
        upRefusal: trip.upRefusal,
        onlyEmpty,
      };
    except.add(table);
    if (trip.upRefusal.sqlstate === notNullViolation) onlyEmpty.add(table);
  }
};

/** A NOT NULL column without a default: no row of the table could be there. */
const notNullViolation = '23502';

const tableOf = ({ table }: Refusal): string | null => (table === null ? null : `${table.schema}.${table.name}`);

const onCopy = async (bench: Bench, migration: ManifestMigration, rows: Rows): Promise<RoundTrip> => {
  const { server, trunk, ledgerSchema } = bench;
  for (;;) {
    const before = await readServerObjects(server.admin);
    const copy = await server.create(trunk);
    let trip: RoundTrip;
    try {
      trip = await roundTrip(copy, migration, ledgerSchema, rows);
    } finally {
      await copy.drop();
      await restoreServerObjects(server.admin, before);
    }
    const refused = trip.upRefusal ?? trip.faults.find((fault) => fault.kind === 'down-refused')?.refusal ?? null;
    const lacking = refused === null ? null : missingObject(refused);
    if (lacking === null || isThere(before, lacking)) return trip;
    await makeObject(server.admin, lacking);
  }
};

/** Then a migration has taken it away itself. */
const isThere = ({ roles, databases }: ServerObjects, { kind, name }: MissingObject): boolean =>
  (kind === 'role' ? roles : databases).has(name);

const said = ({ sqlstate, message, line }: Refusal): string => `${message} (${sqlstate}, line ${line})`;

/** Why the data is not known to come back. */
const dataNotes = ({ data, upRefusal, onlyEmpty }: Trips): readonly string[] => {
  if (data === null) return upRefusal === null ? [] : [`not tried with rows: the up refuses ours: ${said(upRefusal)}`];
  const fault = data.faults.map((each) =>
    'refusal' in each
      ? `with rows in the tables the ${each.kind === 'down-refused' ? 'down' : 'second up'} is refused: ${said(each.refusal)}`
      : 'with rows in the tables another schema comes back',
  );
  const touched = new Set(
    [...data.upDifference.changed, ...data.upDifference.missing].flatMap(({ kind, name }) =>
      kind === 'table' ? [name] : [],
    ),
  );
  const empty = [...data.rowsBefore]
    .filter(([name, { count }]) => count === 0 && touched.has(name) && !onlyEmpty.has(name))
    .map(([name]) => `${name}: no row could be made to try it with`);
  return [...fault, ...data.changedRows, ...empty];
};
