import type { QualifiedName } from '../migration/index.ts';
import type { Node, RangeVar } from './parse.ts';

export const nameOfRelation = (relation: RangeVar | undefined): QualifiedName => ({
  schema: relation?.schemaname ?? null,
  name: relation?.relname ?? '',
});

/** The parts of a name that the parser gives as a list of strings. */
export const partsOf = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));

/** The last two parts of a name. */
export const qualifiedName = (parts: readonly string[]): QualifiedName => ({
  schema: parts.at(-2) ?? null,
  name: parts.at(-1) ?? '',
});

/** The parts of an object that a DROP, COMMENT or GRANT names, in whichever form the parser gives it. */
export const partsOfObject = (node: Node): string[] => {
  if ('List' in node) return partsOf(node.List.items);
  if ('String' in node) return [node.String.sval ?? ''];
  if ('TypeName' in node) return partsOf(node.TypeName.names);
  if ('ObjectWithArgs' in node) return partsOf(node.ObjectWithArgs.objname);
  if ('RangeVar' in node) return [node.RangeVar.schemaname, node.RangeVar.relname].filter((part) => part !== undefined);
  return [];
};
