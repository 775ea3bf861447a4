import type { QualifiedName } from '../../migration/index.ts';
import type { Column, Relation } from './objects.ts';
import type { RunningSchema } from './running-schema.ts';

/** A relation of which nothing is known but its name. */
export const blankRelation = (kind: Relation['kind'], name: QualifiedName): Relation => ({
  kind,
  name,
  complete: false,
  temporary: false,
  columns: [],
  constraints: [],
  triggers: [],
  rules: [],
  parents: [],
  children: [],
  isDefault: false,
  reads: [],
  readBy: [],
  owns: [],
  referencedBy: [],
  calls: [],
  called: 0,
  rows: null,
  sizeBytes: null,
  born: 0,
  made: 0,
  qualified: false,
  tainted: 0,
  filled: 0,
});

/** The relation as known, or a blank one: something is about to be learned of it. */
export const relationOrBlank = (schema: RunningSchema, name: QualifiedName): Relation =>
  schema.relation(name) ?? { ...blankRelation('table', schema.resolve(name)), qualified: name.schema !== null };

/** Changes what is known of a relation. */
export const changeRelation = (
  schema: RunningSchema,
  name: QualifiedName,
  change: (relation: Relation) => Partial<Relation>,
): void => {
  const relation = relationOrBlank(schema, name);
  schema.setRelation({ ...relation, ...change(relation) });
};

/** A sequence belongs to a column from here on. */
export const noteOwner = (schema: RunningSchema, table: QualifiedName, column: string, sequence: QualifiedName): void =>
  changeRelation(schema, table, ({ owns }) => ({ owns: [...owns, { column, sequence }] }));

/** The sequences behind serial and identity columns: https://www.postgresql.org/docs/17/datatype-numeric.html#DATATYPE-SERIAL */
export const addOwnSequences = (schema: RunningSchema, table: Relation, columns: readonly Column[]): void => {
  for (const { name: column, serial, identity, born } of columns) {
    if (!serial && identity === null) continue;
    const name = { schema: table.name.schema, name: `${table.name.name}_${column}_seq` };
    const { made, qualified, temporary } = table;
    const known = { complete: true, born, made: born === 0 ? 0 : Math.max(made, born), qualified, temporary };
    schema.setRelation({ ...blankRelation('sequence', name), ...known });
    noteOwner(schema, table.name, column, name);
  }
};

/** Writing a row calls more functions from here on; for a view, reading it. */
export const noteCalls = (schema: RunningSchema, name: QualifiedName, calls: Relation['calls']): void => {
  if (calls.length > 0)
    changeRelation(schema, name, (known) => ({ calls: [...known.calls, ...calls], called: schema.ordinal }));
};

/** Old rows can be reached through it from here on. */
export const taint = (schema: RunningSchema, name: QualifiedName): void =>
  changeRelation(schema, name, () => ({ tainted: schema.ordinal }));
