import { blankRelation } from './blank-relation.ts';
import type { Catalogue } from './catalogue.ts';
import { noteReference } from './advance-create.ts';
import { RunningSchema } from './running-schema.ts';

/**
 * The schema as a catalogue describes it, before the first migration that is still to be replayed. Everything in it counts as
 * old, and as named with its schema.
 */
export const schemaOfCatalogue = ({ relations, indexes }: Catalogue): RunningSchema => {
  const schema = new RunningSchema();
  for (const { kind, name, sizeBytes, columns, constraints, parents } of relations)
    schema.setRelation({
      ...blankRelation(kind, name),
      complete: true,
      qualified: true,
      sizeBytes,
      parents,
      columns: columns.map((column) => ({ ...column, born: 0, qualified: true })),
      constraints: constraints.map((constraint) => ({ ...constraint, born: 0 })),
    });
  for (const relation of relations) {
    for (const parent of relation.parents) {
      const known = schema.relation(parent);
      if (known !== null) schema.setRelation({ ...known, children: [...known.children, relation.name] });
    }
    for (const constraint of relation.constraints) noteReference(schema, { ...constraint, born: 0 }, relation.name);
  }
  for (const index of indexes) schema.setIndex({ ...index, born: 0 });
  schema.settle();
  return schema;
};
