import type { SchemaObject } from './dump/schema-dump.ts';
import type { SchemaDifference } from './schema-difference.ts';

/** Lines of an object that is wholly missing or extra; its definition is in the migration, too. */
const shownLines = 6;

const belongsTo = (table: SchemaObject, { kind, name, lines }: SchemaObject): boolean => {
  if (kind === 'index') return lines.some((line) => / ON (ONLY )?(\S+) /.exec(line)?.[2] === table.name);
  if (kind === 'sequence')
    return lines.some((line) => /^(owned by|identity of) (.*)\.[^.]*$/.exec(line)?.[2] === table.name);
  return ['constraint', 'trigger', 'rule', 'policy'].includes(kind) && name.startsWith(`${table.name}.`);
};

const plural: Readonly<Record<string, string>> = { index: 'indexes', policy: 'policies' };

const counted = (objects: readonly SchemaObject[]): string => {
  const kinds = new Map<string, number>();
  for (const { kind } of objects) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, count]) => `${count} ${count === 1 ? kind : (plural[kind] ?? `${kind}s`)}`).join(', ');
};

const whole = (word: string, objects: readonly SchemaObject[]): string[] => {
  const tables = objects.filter(({ kind }) => kind === 'table' || kind === 'foreign table');
  const folded = new Set(objects.filter((object) => tables.some((table) => belongsTo(table, object))));
  return objects
    .filter((object) => !folded.has(object))
    .map((object) => {
      const { kind, name, lines } = object;
      const more = lines.length - shownLines;
      const with_ = tables.includes(object) ? [...folded].filter((each) => belongsTo(object, each)) : [];
      return [
        `${word} ${kind} ${name}`,
        ...lines.slice(0, shownLines).map((line) => `    ${line}`),
        ...(more > 0 ? [`    … ${more} more ${more === 1 ? 'line' : 'lines'}`] : []),
        ...(with_.length > 0 ? [`    with ${counted(with_)}`] : []),
      ].join('\n');
    });
};

/** A difference as a person reads it, one block an object; empty when there is none. */
export const renderDifference = ({ missing, extra, changed, reordered }: SchemaDifference): string =>
  [
    ...whole('missing', missing),
    ...whole('extra', extra),
    ...changed.map(({ kind, name, lines }) =>
      [`changed ${kind} ${name}`, ...lines.map(({ sign, line }) => `  ${sign} ${line}`)].join('\n'),
    ),
    ...reordered.map(({ kind, name, before, after }) =>
      [`reordered ${kind} ${name}`, `  - columns in order: ${before}`, `  + columns in order: ${after}`].join('\n'),
    ),
  ].join('\n');
