import { type FileName, fileNameOf } from './file-name.ts';
import { nextVersion } from './version.ts';

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/**
 * Which pending files need a new timestamp: from the first that is not later than everything before it (applied
 * migrations, then pending ones in order), all get one, so that their order among themselves stays.
 * New versions begin at `now` (a version), or after the last one that stays.
 */
export const planRebase = (
  files: readonly FileName[],
  applied: readonly { readonly version: string; readonly name: string }[],
  now: string,
): readonly Renaming[] => {
  const isApplied = new Set(applied.map(({ version, name }) => fileNameOf(version, name)));
  const pending = files
    .filter(({ file }) => !isApplied.has(file))
    .toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  let last = applied.reduce((newest, { version }) => (version > newest ? version : newest), '');
  const firstLate = pending.findIndex(({ version }) => {
    if (version <= last) return true;
    last = version;
    return false;
  });
  if (firstLate === -1) return [];
  return pending.slice(firstLate).map(({ file, name }) => {
    last = now > last ? now : nextVersion(last);
    return { from: file, to: fileNameOf(last, name) };
  });
};
