import { diffLines, type LineDifference } from './diff-lines.ts';
import type { SchemaDump, SchemaObject } from './dump/schema-dump.ts';

export interface ChangedObject {
  readonly kind: string;
  readonly name: string;
  /** Empty where only the order of columns differs. */
  readonly lines: readonly LineDifference[];
}

export interface ReorderedObject {
  readonly kind: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** How two schemas differ, object by object. */
export interface SchemaDifference {
  /** In the first dump only. */
  readonly missing: readonly SchemaObject[];
  /** In the second dump only. */
  readonly extra: readonly SchemaObject[];
  readonly changed: readonly ChangedObject[];
  /** The same columns in another order: no down can put a dropped column back where it was, so this is told but no difference. */
  readonly reordered: readonly ReorderedObject[];
}

const keyOf = ({ kind, name }: SchemaObject): string => `${kind} ${name}`;

/** Indentation and blank lines of a body say nothing; what else a routine is stands on lines of its own, too. */
const withoutLayout = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.trim()).filter((line) => line !== '');

const isSameRoutine = (kind: string, before: readonly string[], after: readonly string[]): boolean =>
  ['function', 'procedure'].includes(kind) && withoutLayout(before).join('\n') === withoutLayout(after).join('\n');

const sortedNames = (order: string): string => order.split(', ').toSorted().join(', ');

/** What became of the schema between two dumps. */
export const compareDumps = (before: SchemaDump, after: SchemaDump): SchemaDifference => {
  const then = new Map(before.map((object) => [keyOf(object), object]));
  const now = new Map(after.map((object) => [keyOf(object), object]));
  const changed: ChangedObject[] = [];
  const reordered: ReorderedObject[] = [];
  for (const object of before) {
    const { kind, name } = object;
    const other = now.get(keyOf(object));
    if (other === undefined) continue;
    const lines = diffLines(object.lines, other.lines);
    if (lines.length > 0 && !isSameRoutine(kind, object.lines, other.lines)) changed.push({ kind, name, lines });
    const [was, is] = [object.columnOrder, other.columnOrder];
    if (was !== null && is !== null && was !== is && sortedNames(was) === sortedNames(is))
      reordered.push({ kind, name, before: was, after: is });
  }
  return {
    missing: before.filter((object) => !now.has(keyOf(object))),
    extra: after.filter((object) => !then.has(keyOf(object))),
    changed,
    reordered,
  };
};

/** Whether the two schemas are the same but for the order of columns. */
export const isSameSchema = ({ missing, extra, changed }: SchemaDifference): boolean =>
  missing.length === 0 && extra.length === 0 && changed.length === 0;
