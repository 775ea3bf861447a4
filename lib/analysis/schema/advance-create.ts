import type { QualifiedName } from '../../migration/index.ts';
import { callsIn } from '../facts/calls.ts';
import type { BodyOf } from '../facts/facts.ts';
import { nameOfRelation, partsOf, qualifiedName } from '../names.ts';
import type { ColumnDef, Constraint as ConstraintNode, Node } from '../parse.ts';
import { visitNodes } from '../walk.ts';
import { addOwnSequences, blankRelation, changeRelation, noteCalls, relationOrBlank } from './blank-relation.ts';
import { columnOf, columnType, constraintsBehind } from './column-of.ts';
import { constraintOf } from './constraint-of.ts';
import type { Born, Column, Constraint, Index, Relation, UserType } from './objects.ts';
import type { RunningSchema } from './running-schema.ts';

/** Relations that a query reads or writes, as written; names of WITH queries are left out. */
export const relationsIn = (tree: unknown): QualifiedName[] => {
  const named = new Map<string, QualifiedName>();
  const queries = new Set<string>();
  visitNodes(tree, (kind, body) => {
    if (kind === 'CommonTableExpr') queries.add(String(body['ctename']));
    if (kind !== 'RangeVar' && !('relname' in body)) return;
    const name = nameOfRelation(body as Parameters<typeof nameOfRelation>[0]);
    named.set(`${name.schema ?? ''}\0${name.name}`, name);
  });
  return [...named.values()].filter(({ schema, name }) => schema !== null || !queries.has(name));
};

/** Columns that expressions name; `''` for a star. */
export const columnsIn = (tree: unknown): string[] => {
  const names = new Set<string>();
  visitNodes(tree, (kind, body) => {
    if (kind === 'ColumnRef') names.add(partsOf(body['fields'] as Node[]).at(-1) ?? '');
  });
  return [...names];
};

/** What is made by a statement that certainly ran, and not inside a body. */
const bornNow = (schema: RunningSchema, certain: boolean): Born => (certain ? schema.ordinal : 0);

const backing = new Set<Constraint['type']>(['primary key', 'unique', 'exclusion']);

/** The index behind a primary key, a unique or an exclusion constraint. */
export const indexBehind = (constraint: Constraint, table: QualifiedName): Index | null =>
  backing.has(constraint.type)
    ? {
        name: { schema: table.schema, name: constraint.name },
        table,
        method: constraint.type === 'exclusion' ? 'gist' : 'btree',
        unique: constraint.type !== 'exclusion',
        columns: constraint.columns,
        partial: false,
        mentions: [],
        constraint: constraint.name,
        born: constraint.born,
      }
    : null;

/** Notes a foreign key at the table that it points to. */
export const noteReference = (schema: RunningSchema, constraint: Constraint, table: QualifiedName): void => {
  const { references } = constraint;
  if (references === null) return;
  changeRelation(schema, references.table, ({ referencedBy }) => ({ referencedBy: [...referencedBy, table] }));
};

/** What constraints behind a column or in a table's list add to the table. */
export const withConstraints = (relation: Relation, constraints: readonly Constraint[]): Relation => {
  const notNull = new Set(
    constraints.flatMap(({ type, columns, valid }) =>
      type === 'primary key' || (type === 'not null' && valid) ? columns : [],
    ),
  );
  return {
    ...relation,
    constraints: [...relation.constraints, ...constraints],
    columns: relation.columns.map((column) => (notNull.has(column.name) ? { ...column, notNull: true } : column)),
  };
};

const partsOfTable = (elements: readonly Node[], table: QualifiedName, born: Born, written: QualifiedName) => {
  const columns: Column[] = [];
  const constraints: Constraint[] = [];
  const add = (node: ConstraintNode, column: string | null): void => {
    const constraint = constraintOf(node, table, column, born);
    if (constraint !== null) constraints.push(constraint);
  };
  for (const element of elements) {
    if ('ColumnDef' in element) {
      columns.push(columnOf(element.ColumnDef, born, written));
      for (const node of constraintsBehind(element.ColumnDef)) add(node, element.ColumnDef.colname ?? '');
    } else if ('Constraint' in element) add(element.Constraint, null);
  }
  return { columns, constraints };
};

const inherited = (schema: RunningSchema, elements: readonly Node[], parents: readonly QualifiedName[]): Column[] => {
  const like = elements.flatMap((each) =>
    'TableLikeClause' in each ? [nameOfRelation(each.TableLikeClause.relation)] : [],
  );
  return [...parents, ...like].flatMap((name) => [...(schema.relation(name)?.columns ?? [])]);
};

export const createTable = (schema: RunningSchema, body: BodyOf<'CreateStmt'>, certain: boolean): void => {
  const written = nameOfRelation(body.relation);
  const temporary = body.relation?.relpersistence === 't' || written.schema === 'pg_temp';
  // the next statement outside a transaction may have another session, which has no such table
  if (temporary && !schema.section.oneSession) return;
  const name = schema.placeFor(written, temporary);
  if (body.if_not_exists === true && schema.relation(name) !== null) return;
  const born = bornNow(schema, certain && body.if_not_exists !== true);
  const elements = body.tableElts ?? [];
  const parents = (body.inhRelations ?? []).flatMap((each) =>
    'RangeVar' in each ? [nameOfRelation(each.RangeVar)] : [],
  );
  const from = inherited(schema, elements, parents).map((column) => ({ ...column, born }));
  const { columns, constraints } = partsOfTable(elements, name, born, written);
  const table: Relation = {
    ...blankRelation(body.partspec === undefined ? 'table' : 'partitioned table', name),
    complete: true,
    temporary,
    parents: parents.map((parent) => schema.resolve(parent)),
    isDefault: body.partbound?.is_default === true,
    columns: [...from.filter(({ name: each }) => !columns.some((column) => column.name === each)), ...columns],
    calls: callsIn(elements),
    called: schema.ordinal,
    born,
    made: schema.ordinal,
    qualified: written.schema !== null,
  };
  schema.setRelation(withConstraints(table, constraints));
  addOwnSequences(schema, table, columns);
  for (const parent of parents) changeRelation(schema, parent, ({ children }) => ({ children: [...children, name] }));
  for (const constraint of constraints) {
    noteReference(schema, constraint, name);
    const index = indexBehind(constraint, name);
    if (index !== null) schema.setIndex(index);
  }
};

export const createRelation = (
  schema: RunningSchema,
  kind: Relation['kind'],
  relation: Parameters<typeof nameOfRelation>[0],
  certain: boolean,
  more: Partial<Relation> = {},
): void => {
  const written = nameOfRelation(relation);
  const temporary = relation?.relpersistence === 't' || written.schema === 'pg_temp';
  if (temporary && !schema.section.oneSession) return;
  const name = schema.placeFor(written, temporary);
  const known = schema.relation(name);
  schema.setRelation({
    ...blankRelation(kind, name),
    temporary,
    born: known === null ? bornNow(schema, certain) : known.born,
    made: known === null ? schema.ordinal : known.made,
    qualified: written.schema !== null,
    ...more,
  });
  for (const read of more.reads ?? [])
    if (schema.relation(read) !== null)
      changeRelation(schema, read, ({ readBy }) => ({
        readBy: readBy.some((each) => each.name === name.name && each.schema === name.schema)
          ? readBy
          : [...readBy, name],
      }));
};

/** What PostgreSQL makes an index's name of: columns, an expression by the function it calls. */
export const wordsOfIndex = (elements: readonly Node[] | undefined): string[] =>
  (elements ?? []).map((each) => {
    const { name, expr } = 'IndexElem' in each ? each.IndexElem : {};
    return name ?? (expr !== undefined && 'FuncCall' in expr ? partsOf(expr.FuncCall.funcname).at(-1) : null) ?? 'expr';
  });

export const createIndex = (schema: RunningSchema, body: BodyOf<'IndexStmt'>, certain: boolean): void => {
  const table = relationOrBlank(schema, nameOfRelation(body.relation));
  const columns = (body.indexParams ?? []).flatMap((each) =>
    'IndexElem' in each ? [each.IndexElem.name ?? null] : [],
  );
  const name = body.idxname ?? [table.name.name, ...wordsOfIndex(body.indexParams), 'idx'].join('_');
  const index: Index = {
    name: { schema: table.name.schema, name },
    table: table.name,
    method: body.accessMethod ?? 'btree',
    unique: body.unique === true,
    columns,
    partial: body.whereClause !== undefined,
    mentions: columnsIn([
      body.whereClause,
      ...(body.indexParams ?? []).map((each) => ('IndexElem' in each ? each.IndexElem.expr : undefined)),
    ]),
    constraint: null,
    born: bornNow(schema, certain && body.if_not_exists !== true),
  };
  if (schema.index(index.name) === null) schema.setIndex(index);
  noteCalls(schema, table.name, callsIn([body.indexParams, body.whereClause]));
};

export const createType = (
  schema: RunningSchema,
  kind: UserType['kind'],
  written: QualifiedName,
  certain: boolean,
  more: Partial<UserType> = {},
): void =>
  schema.setType({
    kind,
    name: schema.placeFor(written),
    labels: [],
    base: null,
    checked: false,
    calls: [],
    born: bornNow(schema, certain),
    qualified: written.schema !== null,
    tainted: 0,
    ...more,
  });

export const createDomain = (schema: RunningSchema, body: BodyOf<'CreateDomainStmt'>, certain: boolean): void =>
  createType(schema, 'domain', qualifiedName(partsOf(body.domainname)), certain, {
    base: body.typeName === undefined ? null : columnType(body.typeName),
    checked: (body.constraints ?? []).some(
      (each) => 'Constraint' in each && ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(each.Constraint.contype ?? ''),
    ),
    calls: callsIn(body.constraints),
  });

export const createEnum = (schema: RunningSchema, body: BodyOf<'CreateEnumStmt'>, certain: boolean): void =>
  createType(schema, 'enum', qualifiedName(partsOf(body.typeName)), certain, {
    labels: partsOf(body.vals).map((label) => ({ label, born: bornNow(schema, certain) })),
  });

/** Adds a column to what is known of a table. */
export const addColumn = (
  schema: RunningSchema,
  table: QualifiedName,
  definition: ColumnDef,
  certain: boolean,
): void => {
  const relation = relationOrBlank(schema, table);
  if (relation.columns.some(({ name }) => name === definition.colname)) return;
  // a child may have had the column with values: then the two become one
  const isMerged = relation.children.some((child) => schema.column(child, definition.colname ?? '') !== null);
  const born = bornNow(schema, certain && !isMerged);
  const constraints = constraintsBehind(definition).flatMap(
    (node) => constraintOf(node, relation.name, definition.colname ?? '', born) ?? [],
  );
  const column = columnOf(definition, born, table);
  schema.setRelation(withConstraints({ ...relation, columns: [...relation.columns, column] }, constraints));
  noteCalls(schema, relation.name, callsIn(definition.constraints));
  addOwnSequences(schema, relation, [column]);
  for (const constraint of constraints) {
    noteReference(schema, constraint, relation.name);
    const index = indexBehind(constraint, relation.name);
    if (index !== null) schema.setIndex(index);
  }
};
