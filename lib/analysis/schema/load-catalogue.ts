import type { QualifiedName } from '../../migration/index.ts';
import { type Node, parseScript } from '../parse.ts';
import { noteReference } from './advance-create.ts';
import { addOwnSequences, blankRelation } from './blank-relation.ts';
import type { Catalogue, CatalogueRelation } from './catalogue.ts';
import { columnType } from './column-of.ts';
import type { Column, ColumnType, Constraint, Relation } from './objects.ts';
import { RunningSchema } from './running-schema.ts';

/** An expression as PostgreSQL prints it, parsed again; null where it cannot be. */
const expressionOf = (text: string): Node | null => {
  const parsed = parseScript(`SELECT ${text}`);
  const node = 'message' in parsed ? undefined : parsed[0]?.node;
  const target = node !== undefined && 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined;
  return (target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined) ?? null;
};

const typeReader = (): ((text: string) => ColumnType | null) => {
  const known = new Map<string, ColumnType | null>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const node = expressionOf(`NULL::${text}`);
    const name = node !== null && 'TypeCast' in node ? node.TypeCast.typeName : undefined;
    const type = name === undefined ? null : columnType(name);
    known.set(text, type);
    return type;
  };
};

const constraintOf = ({ expression, ...rest }: CatalogueRelation['constraints'][number]): Constraint => ({
  ...rest,
  expression: expression === null ? null : expressionOf(expression),
  born: 0,
});

const keyOf = ({ schema, name }: QualifiedName): string => JSON.stringify([schema, name]);

/**
 * Puts what a catalogue tells over what is known: columns, constraints, indexes and sizes are the catalogue's, and a relation that it does
 * not have is gone. What it does not speak of (functions, types, triggers, which relations were named without a schema) stays as the
 * replay has it.
 */
export const overlayCatalogue = (schema: RunningSchema, { relations, indexes }: Catalogue): void => {
  const typeOf = typeReader();
  const told = new Set(relations.map(keyOf));
  for (const { name, temporary } of schema.relations.list())
    if (!temporary && !told.has(keyOf(name))) schema.deleteRelation(name);
  for (const { name } of schema.indexes.list()) schema.deleteIndex(name);
  for (const { kind, schema: place, name, rows, bytes, parents, columns, constraints } of relations) {
    const at = { schema: place, name };
    const known = schema.relation(at);
    const before: Relation = known ?? { ...blankRelation(kind, at), qualified: true };
    const relation: Relation = {
      ...before,
      kind,
      complete: true,
      rows,
      sizeBytes: bytes,
      parents,
      children: [],
      referencedBy: [],
      columns: columns.map(({ type, default: expression, ...column }): Column => {
        const earlier = before.columns.find((each) => each.name === column.name);
        return {
          ...column,
          type: typeOf(type),
          default: expression === null ? null : expressionOf(expression),
          born: earlier?.born ?? 0,
          qualified: earlier?.qualified ?? before.qualified,
        };
      }),
      constraints: constraints.map(constraintOf),
    };
    schema.setRelation(relation);
    if (known === null && kind !== 'sequence') addOwnSequences(schema, relation, relation.columns);
  }
  for (const { schema: place, name, parents, constraints } of relations) {
    const at = { schema: place, name };
    for (const parent of parents) {
      const known = schema.relation(parent);
      if (known !== null) schema.setRelation({ ...known, children: [...known.children, at] });
    }
    for (const constraint of constraints) noteReference(schema, constraintOf(constraint), at);
  }
  for (const { schema: place, name, ...index } of indexes)
    schema.setIndex({ ...index, name: { schema: place, name }, born: 0 });
  schema.settle();
};

/**
 * The schema as a catalogue describes it, before the first file. Everything in it counts as old, and as named with its schema.
 */
export const schemaOfCatalogue = (catalogue: Catalogue): RunningSchema => {
  const schema = new RunningSchema();
  overlayCatalogue(schema, catalogue);
  return schema;
};
