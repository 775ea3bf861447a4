import type { QualifiedName } from '../../migration/index.ts';
import type { BodyOf } from '../facts/facts.ts';
import { nameOfRelation, partsOfObject, qualifiedName } from '../names.ts';
import type { Node } from '../parse.ts';
import { visitNodes } from '../walk.ts';
import { changeRelation, relationOrBlank, taint } from './blank-relation.ts';
import type { Constraint, Relation } from './objects.ts';
import type { RunningSchema } from './running-schema.ts';

const same = (one: QualifiedName, other: QualifiedName): boolean =>
  one.name === other.name && one.schema === other.schema;

/** Moves a relation to another name with everything that points to it. */
const moveRelation = (schema: RunningSchema, written: QualifiedName, to: QualifiedName): void => {
  const relation = relationOrBlank(schema, written);
  const indexes = schema.indexesOn(relation.name);
  const from = relation.name;
  const moved = (name: QualifiedName): QualifiedName => (same(schema.resolve(name), from) ? to : name);
  const neighbours = [...relation.parents, ...relation.children, ...relation.referencedBy];
  schema.deleteRelation(from);
  schema.setRelation({ ...relation, name: to });
  for (const index of indexes) schema.setIndex({ ...index, table: to });
  for (const { references } of relation.constraints)
    if (references !== null)
      changeRelation(schema, references.table, ({ referencedBy }) => ({ referencedBy: referencedBy.map(moved) }));
  for (const neighbour of neighbours)
    changeRelation(schema, neighbour, ({ parents, children, constraints }) => ({
      parents: parents.map(moved),
      children: children.map(moved),
      constraints: constraints.map((each): Constraint =>
        each.references === null
          ? each
          : { ...each, references: { ...each.references, table: moved(each.references.table) } },
      ),
    }));
};

/** An expression with a column under its new name. */
const withRenamed = (expression: Node, from: string, to: string): Node => {
  const copy = structuredClone(expression);
  visitNodes({ copy }, (kind, body) => {
    if (kind !== 'ColumnRef') return;
    const last = (body['fields'] as Node[] | undefined)?.at(-1);
    if (last !== undefined && 'String' in last && last.String.sval === from) last.String.sval = to;
  });
  return copy;
};

const renameColumn = (schema: RunningSchema, table: QualifiedName, from: string, to: string): void => {
  const renamed = (name: string): string => (name === from ? to : name);
  for (const index of schema.indexesOn(table))
    schema.setIndex({ ...index, columns: index.columns.map((column) => (column === null ? null : renamed(column))) });
  changeRelation(schema, table, ({ columns, constraints }): Partial<Relation> => ({
    columns: columns.map((column) => ({ ...column, name: renamed(column.name) })),
    constraints: constraints.map((each) =>
      each.columns.includes(from)
        ? {
            ...each,
            columns: each.columns.map(renamed),
            expression: each.expression === null ? null : withRenamed(each.expression, from, to),
          }
        : each,
    ),
  }));
};

const relationTypes = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
]);

export const rename = (schema: RunningSchema, body: BodyOf<'RenameStmt'>): void => {
  const { renameType = '', relation, object, subname = '', newname = '' } = body;
  const name = nameOfRelation(relation);
  if (renameType === 'OBJECT_COLUMN') renameColumn(schema, name, subname, newname);
  else if (renameType === 'OBJECT_TABCONSTRAINT') {
    const known = schema.relation(name);
    const index = known === null ? null : schema.index({ schema: known.name.schema, name: subname });
    if (index !== null) {
      schema.deleteIndex(index.name);
      schema.setIndex({ ...index, name: { ...index.name, name: newname }, constraint: newname });
    }
    changeRelation(schema, name, ({ constraints }) => ({
      constraints: constraints.map((each) => (each.name === subname ? { ...each, name: newname } : each)),
    }));
  } else if (renameType === 'OBJECT_INDEX') {
    const index = schema.index(name);
    if (index === null) return;
    schema.deleteIndex(index.name);
    schema.setIndex({ ...index, name: { ...index.name, name: newname } });
  } else if (relationTypes.has(renameType)) {
    const isNew = schema.ageOf(name) === 'new';
    moveRelation(schema, name, { schema: schema.resolve(name).schema, name: newname });
    // what had another meaning as `newname` may have it again
    if (!isNew) schema.bar('unqualified');
  } else if (renameType === 'OBJECT_TYPE' || renameType === 'OBJECT_DOMAIN') {
    const type = object === undefined ? null : schema.type(qualifiedName(partsOfObject(object)));
    if (type === null) return;
    schema.deleteType(type.name);
    schema.setType({ ...type, name: { ...type.name, name: newname } });
  } else if (renameType === 'OBJECT_SCHEMA') renameSchema(schema, subname, newname);
};

/** Everything in it moves; an old schema under a new name makes every name uncertain. */
const renameSchema = (schema: RunningSchema, from: string, to: string): void => {
  const isNew = schema.schemaAge(from) === 'new';
  const known = schema.schemas.get(from);
  for (const relation of schema.relations.list())
    if (relation.name.schema === from) moveRelation(schema, relation.name, { schema: to, name: relation.name.name });
  for (const type of schema.types.list())
    if (type.name.schema === from) {
      schema.deleteType(type.name);
      schema.setType({ ...type, name: { schema: to, name: type.name.name } });
    }
  schema.schemas.delete(from);
  if (known !== undefined) schema.schemas.set(to, known);
  if (!isNew) schema.bar('all');
};

/** ALTER … SET SCHEMA. */
export const moveToSchema = (schema: RunningSchema, body: BodyOf<'AlterObjectSchemaStmt'>): void => {
  const { objectType = '', relation, object, newschema = '' } = body;
  const target = schema.schemas.get(newschema);
  if (relationTypes.has(objectType)) {
    const name = nameOfRelation(relation);
    const isNew = schema.ageOf(name) === 'new';
    moveRelation(schema, name, { schema: newschema, name: name.name });
    if (isNew) changeRelation(schema, { schema: newschema, name: name.name }, () => ({ qualified: true }));
    else taint(schema, { schema: newschema, name: name.name });
    if (!isNew && target !== undefined) schema.schemas.set(newschema, { ...target, tainted: schema.ordinal });
  } else if (objectType === 'OBJECT_TYPE' || objectType === 'OBJECT_DOMAIN') {
    const type = object === undefined ? null : schema.type(qualifiedName(partsOfObject(object)));
    if (type !== null) {
      schema.deleteType(type.name);
      schema.setType({ ...type, name: { schema: newschema, name: type.name.name }, tainted: schema.ordinal });
    }
    if (target !== undefined) schema.schemas.set(newschema, { ...target, tainted: schema.ordinal });
  } else if (target !== undefined) schema.schemas.set(newschema, { ...target, tainted: schema.ordinal });
  schema.bar('unqualified');
};
