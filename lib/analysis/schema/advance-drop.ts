import type { QualifiedName } from '../../migration/index.ts';
import type { BodyOf } from '../facts/facts.ts';
import { partsOfObject, qualifiedName } from '../names.ts';
import type { ObjectType } from '../parse.ts';
import { changeRelation } from './blank-relation.ts';
import type { RunningSchema } from './running-schema.ts';

const forgetRelation = (schema: RunningSchema, written: QualifiedName): void => {
  const relation = schema.relation(written);
  if (relation === null) return;
  const isNot = (each: QualifiedName): boolean => each.name !== relation.name.name;
  for (const child of relation.children) {
    // partitions go with their table; a child by INHERITS goes with CASCADE only
    if (relation.kind === 'partitioned table') forgetRelation(schema, child);
    else changeRelation(schema, child, ({ parents }) => ({ parents: parents.filter(isNot) }));
  }
  for (const parent of relation.parents)
    changeRelation(schema, parent, ({ children }) => ({ children: children.filter(isNot) }));
  for (const { references } of relation.constraints)
    if (references !== null)
      changeRelation(schema, references.table, ({ referencedBy }) => ({ referencedBy: referencedBy.filter(isNot) }));
  for (const child of relation.referencedBy)
    changeRelation(schema, child, ({ constraints }) => ({
      constraints: constraints.filter(({ references }) => references === null || isNot(references.table)),
    }));
  for (const read of relation.reads)
    if (schema.relation(read) !== null)
      changeRelation(schema, read, ({ readBy }) => ({ readBy: readBy.filter(isNot) }));
  for (const view of relation.readBy) forgetRelation(schema, view);
  for (const { sequence } of relation.owns) schema.deleteRelation(sequence);
  schema.deleteRelation(relation.name);
};

/** The last part of a name is a part of the table before it, as in `t.trigger`. */
const ofTable = (parts: readonly string[]): { readonly table: QualifiedName; readonly part: string } => ({
  table: qualifiedName(parts.slice(0, -1)),
  part: parts.at(-1) ?? '',
});

const dropOne = (schema: RunningSchema, type: ObjectType | undefined, parts: readonly string[]): void => {
  const name = qualifiedName(parts);
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
      return forgetRelation(schema, name);
    case 'OBJECT_INDEX': {
      const index = schema.index(name);
      if (index !== null) schema.deleteIndex(index.name);
      return;
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const user = schema.type(name);
      if (user !== null) schema.deleteType(user.name);
      return;
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
      schema.routines.delete(name.name);
      return;
    case 'OBJECT_SCHEMA':
      for (const relation of schema.relations.list())
        if (relation.name.schema === name.name) forgetRelation(schema, relation.name);
      for (const user of schema.types.list()) if (user.name.schema === name.name) schema.deleteType(user.name);
      schema.schemas.delete(name.name);
      return;
    case 'OBJECT_TRIGGER': {
      const { table, part } = ofTable(parts);
      if (schema.relation(table) === null) return;
      return changeRelation(schema, table, ({ triggers }) => ({
        triggers: triggers.filter((each) => each.name !== part),
      }));
    }
    case 'OBJECT_RULE': {
      const { table, part } = ofTable(parts);
      if (schema.relation(table) === null) return;
      return changeRelation(schema, table, ({ rules }) => ({ rules: rules.filter((each) => each.name !== part) }));
    }
    case 'OBJECT_STATISTIC_EXT':
      return schema.statistics.delete(name.name);
    case 'OBJECT_EVENT_TRIGGER':
      return schema.eventTriggers.delete(name.name);
    default:
      return;
  }
};

export const drop = (schema: RunningSchema, { removeType, objects = [] }: BodyOf<'DropStmt'>): void => {
  for (const object of objects) dropOne(schema, removeType, partsOfObject(object));
};
