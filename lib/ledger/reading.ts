import { LockkeeperError } from '../errors/index.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { ledgerVersion } from './sql/install.ts';
import type {
  AppliedEntry,
  Difference,
  KnownMigration,
  RollbackGoal,
  RollbackStanding,
  SnapshotRecord,
  Standing,
} from './standing.ts';

type DifferenceLine = readonly [string, Difference['state']?, number?, number?, string?, string?];

interface Line {
  readonly installed?: number;
  readonly lacksProcedures?: boolean;
  readonly snapshots?: readonly SnapshotRecord[];
  readonly differences?: readonly DifferenceLine[];
  readonly entry?: AppliedEntry;
}

const difference = ([
  version,
  state = 'absent',
  revision = 0,
  statementsDone = 0,
  checksum = '',
  name = '',
]: DifferenceLine): Difference => ({
  version,
  state,
  revision,
  statementsDone,
  checksum: checksum || null,
  name: name || null,
});

const refuseOtherVersion = ({ schema }: LedgerCalls, installed: number | undefined): void => {
  if (installed === ledgerVersion) return;
  const message = `the ledger in schema ${schema} has version ${installed}, this code knows ${ledgerVersion}`;
  const code = installed !== undefined && installed > ledgerVersion ? 'LedgerNewer' : 'LedgerAbsent';
  throw new LockkeeperError(code, message, { details: { schema, installed: installed ?? null } });
};

const read = async (
  calls: LedgerCalls,
  routine: string,
  subject: unknown,
  run: string | null,
): Promise<{ head: Line; rest: readonly Line[] }> => {
  const [head = {}, ...rest] = (await calls.lines(
    `SELECT line FROM ${calls.quoted}.${routine}(CAST(:version AS integer), CAST(:subject AS jsonb), CAST(:run AS text)) AS line`,
    { version: ledgerVersion, subject: JSON.stringify(subject), run },
  )) as readonly Line[];
  refuseOtherVersion(calls, head.installed);
  calls.routines.are(head.lacksProcedures === true ? 'functions' : 'procedures');
  return { head, rest };
};

/** Where the ledger stands against a changelog. */
export const readStanding = async (
  calls: LedgerCalls,
  known: readonly KnownMigration[],
  run: string | null,
): Promise<Standing> => {
  const pairs = known.map(({ version, checksum }) => [version, checksum]);
  const { head, rest } = await read(calls, 'read_standing', pairs, run);
  const { lease, runEnded, readOnly, appliedCount, lastApplied } = head as unknown as Standing;
  return {
    lease,
    runEnded,
    readOnly,
    appliedCount,
    lastApplied,
    differences: rest.flatMap(({ differences = [] }) => differences.map(difference)),
    snapshots: rest.flatMap(({ snapshots = [] }) => snapshots),
  };
};

/** What a rollback with this goal would revert. */
export const readRollbackStanding = async (
  calls: LedgerCalls,
  goal: RollbackGoal,
  run: string | null,
): Promise<RollbackStanding> => {
  const { head, rest } = await read(calls, 'read_rollback', goal, run);
  const { installed: _, lacksProcedures: __, ...told } = head;
  return {
    ...(told as unknown as RollbackStanding),
    entries: rest.flatMap(({ entry }) => (entry ? [entry] : [])),
    snapshots: rest.flatMap(({ snapshots = [] }) => snapshots),
  };
};
