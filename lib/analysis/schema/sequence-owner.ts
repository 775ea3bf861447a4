import type { QualifiedName } from '../../migration/index.ts';
import { partsOfObject, qualifiedName } from '../names.ts';
import type { Node } from '../parse.ts';

/** The column in OWNED BY of a sequence's options; null without it and for OWNED BY NONE. */
export const ownerOf = (
  options: readonly Node[] | undefined,
): { readonly table: QualifiedName; readonly column: string } | null => {
  for (const option of options ?? []) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'owned_by' || option.DefElem.arg === undefined) continue;
    const parts = partsOfObject(option.DefElem.arg);
    return parts.length < 2 ? null : { table: qualifiedName(parts.slice(0, -1)), column: parts.at(-1) ?? '' };
  }
  return null;
};
