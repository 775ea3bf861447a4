import { LockkeeperError } from '../errors/index.ts';
import type { FileName } from '../migration/index.ts';

export interface RebaseRequest {
  /** The late migrations, named by whoever asks; empty: found by what is applied. */
  readonly versions: readonly string[];
  /** The last version applied where the migrations are to run. */
  readonly after?: string | undefined;
}

const listedIn = (sum: string | null): ReadonlySet<string> =>
  new Set(
    (sum ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ')[0] ?? ''),
  );

/**
 * What counts as applied when no ledger is asked: everything but the named migrations; or, when none is named,
 * what `lockkeeper.sum` lists up to `after`: a late migration that came by a merge is not in it yet.
 * @throws LockkeeperError `TargetUnknown` for a version that no file has.
 */
export const assumedApplied = (
  names: readonly FileName[],
  sum: string | null,
  { versions, after }: RebaseRequest,
): readonly FileName[] => {
  const unknown = [...versions, ...(after === undefined ? [] : [after])].find(
    (each) => !names.some(({ version }) => version === each),
  );
  if (unknown !== undefined) {
    throw new LockkeeperError('TargetUnknown', `no migration has the version ${unknown}`, {
      details: { version: unknown },
    });
  }
  const isBefore = ({ version }: FileName): boolean => after === undefined || version <= after;
  if (versions.length > 0) return names.filter((name) => isBefore(name) && !versions.includes(name.version));
  const listed = listedIn(sum);
  return names.filter((name) => isBefore(name) && (name.version === after || listed.has(name.file)));
};
