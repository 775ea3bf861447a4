import type { Judge, QualifiedName } from '../../migration/index.ts';
import { asWritten, type LockSet, lockSetOf } from '../locks/lock-set.ts';
import { partsOfObject, qualifiedName } from '../names.ts';
import type { ObjectType } from '../parse.ts';
import type { Age } from '../schema/section-state.ts';
import { type LossFact, lossOfAge, noLoss, recoverable, worstFact } from './age-loss.ts';
import type { FactsTable, NamedObject, Surroundings } from './facts.ts';

const irregular: Partial<Record<ObjectType, string>> = {
  OBJECT_FDW: 'FOREIGN DATA WRAPPER',
  OBJECT_FOREIGN_SERVER: 'SERVER',
  OBJECT_MATVIEW: 'MATERIALIZED VIEW',
  OBJECT_OPCLASS: 'OPERATOR CLASS',
  OBJECT_OPFAMILY: 'OPERATOR FAMILY',
  OBJECT_STATISTIC_EXT: 'STATISTICS',
  OBJECT_TABCONSTRAINT: 'CONSTRAINT',
  OBJECT_DOMCONSTRAINT: 'CONSTRAINT',
  OBJECT_TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
  OBJECT_TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
  OBJECT_TSPARSER: 'TEXT SEARCH PARSER',
  OBJECT_TSTEMPLATE: 'TEXT SEARCH TEMPLATE',
};

/** An object type in SQL's words, `MATERIALIZED VIEW`. */
export const wordsOf = (type: ObjectType | undefined): string =>
  type === undefined ? 'OBJECT' : (irregular[type] ?? type.replace('OBJECT_', '').replaceAll('_', ' '));

/** Objects that are a part of a table: the table's name stands before theirs. */
const partTypes = new Set<ObjectType>(['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY']);
const relationTypes = new Set<ObjectType>([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
]);

const ageOf = (type: ObjectType | undefined, name: QualifiedName, { schema }: Surroundings): Age => {
  if (type === 'OBJECT_SCHEMA') return schema.schemaAge(name.name);
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN') return schema.typeAge(name);
  return type !== undefined && relationTypes.has(type) ? schema.ageOf(name) : 'old';
};

/** Extensions of PostgreSQL's own that keep no rows: https://www.postgresql.org/docs/17/contrib.html */
const withoutTables = new Set(
  'amcheck bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw fuzzystrmatch hstore intarray isn lo ltree pageinspect pg_buffercache pg_freespacemap pg_trgm pg_visibility pg_walinspect pgcrypto pgrowlocks pgstattuple plpgsql postgres_fdw seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp xml2'.split(
    ' ',
  ),
);

/**
 * What dropping one object loses. A type or domain in use is refused by PostgreSQL itself without CASCADE
 * (https://www.postgresql.org/docs/17/sql-droptype.html), so only CASCADE loses values; a sequence loses its position.
 */
const lossOfDropping = (
  type: ObjectType | undefined,
  name: QualifiedName,
  cascade: boolean,
  around: Surroundings,
): LossFact => {
  const age = ageOf(type, name, around);
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_SCHEMA':
      return lossOfAge(age);
    case 'OBJECT_EXTENSION':
      // without CASCADE a type of it that a column has is refused; with it, the column goes
      if (!cascade && withoutTables.has(name.name)) return recoverable;
      return cascade ? lossOfAge('old') : { loss: 'unknown', lossOf: 'old' };
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return age === 'new' ? noLoss : cascade ? lossOfAge(age) : recoverable;
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return age === 'new' ? noLoss : cascade ? lossOfAge(age) : recoverable;
    default:
      return cascade ? lossOfAge('old') : recoverable;
  }
};

/**
 * The default partition stands for all that no other one takes: it is locked when one comes or goes, and read for rows that belong
 * to one that comes.
 */
export const lockDefaultPartition = (
  parent: QualifiedName,
  duration: 'instant' | 'scan',
  { schema }: Pick<Surroundings, 'schema'>,
  locks: LockSet,
): void => {
  for (const child of schema.relation(parent)?.children ?? [])
    if (schema.relation(child)?.isDefault === true) {
      // a valid CHECK may spare the look, as it does for a table that is attached
      const proven = schema.relation(child)?.constraints.some(({ type, valid }) => type === 'check' && valid) === true;
      locks.add(asWritten(child, schema), 'ACCESS EXCLUSIVE', proven ? 'instant' : duration);
    }
};

const relationLocks = (
  type: ObjectType | undefined,
  name: QualifiedName,
  { schema }: Surroundings,
  locks: LockSet,
): void => {
  if (type === undefined || !relationTypes.has(type)) return;
  const relation = schema.relation(name);
  const kind =
    type === 'OBJECT_VIEW'
      ? 'view'
      : type === 'OBJECT_MATVIEW'
        ? 'materialized view'
        : type === 'OBJECT_SEQUENCE'
          ? 'sequence'
          : 'table';
  locks.addWithChildren(name, 'ACCESS EXCLUSIVE', 'instant', relation?.kind ?? kind);
  // the triggers of foreign keys on the other tables go as well, and a parent forgets its partition
  for (const { references } of relation?.constraints ?? [])
    if (references !== null) locks.add(references.table, 'ACCESS EXCLUSIVE', 'instant');
  for (const { sequence } of relation?.owns ?? [])
    locks.add(asWritten(sequence, schema), 'ACCESS EXCLUSIVE', 'instant');
  for (const parent of relation?.parents ?? [])
    if (schema.relation(parent)?.kind === 'partitioned table') {
      locks.add(parent, 'ACCESS EXCLUSIVE', 'instant');
      lockDefaultPartition(parent, 'instant', { schema }, locks);
    }
};

/** What CASCADE takes with a relation: views that read it, foreign keys that point to it. */
const cascadeLocks = (name: QualifiedName, { schema }: Surroundings, locks: LockSet): void => {
  const seen = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const relation = schema.relation(next);
    if (relation === null || seen.has(JSON.stringify(relation.name))) continue;
    seen.add(JSON.stringify(relation.name));
    for (const view of relation.readBy) {
      locks.add(asWritten(view, schema), 'ACCESS EXCLUSIVE', 'instant');
      waiting.push(view);
    }
    for (const child of relation.referencedBy) locks.add(asWritten(child, schema), 'ACCESS EXCLUSIVE', 'instant');
  }
};

const indexLocks = (name: QualifiedName, concurrently: boolean, { schema }: Surroundings, locks: LockSet): void => {
  const index = schema.index(name);
  if (index !== null && schema.isUnseen(index.table)) return;
  locks.add(name, 'ACCESS EXCLUSIVE', 'instant', 'index');
  if (index === null) return;
  const table = asWritten(index.table, schema);
  if (concurrently) locks.add(table, 'SHARE UPDATE EXCLUSIVE', 'instant');
  else if (schema.relation(table)?.kind === 'partitioned table')
    locks.addWithChildren(table, 'ACCESS EXCLUSIVE', 'instant');
  else locks.add(table, 'ACCESS EXCLUSIVE', 'instant');
};

/** Tables that lose a column, a trigger or a default by what CASCADE takes with a type, a function or a schema. */
const dependentLocks = (
  type: ObjectType | undefined,
  name: QualifiedName,
  { schema }: Surroundings,
  locks: LockSet,
): void => {
  for (const relation of schema.relations.values()) {
    const hit =
      type === 'OBJECT_SCHEMA'
        ? relation.name.schema === name.name
        : type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN'
          ? relation.columns.some((column) => column.type?.name === name.name)
          : (type === 'OBJECT_FUNCTION' || type === 'OBJECT_ROUTINE') &&
            (relation.triggers.some((each) => each.function.at(-1) === name.name) ||
              (relation.kind === 'table' && relation.calls.some((each) => each.at(-1) === name.name)));
    if (hit) locks.add(asWritten(relation.name, schema), 'ACCESS EXCLUSIVE', 'instant');
  }
};

export const dropFacts: FactsTable = {
  DropStmt: ({ removeType, behavior, concurrent, objects = [], missing_ok: missingOk }, around) => {
    const { schema } = around;
    const cascade = behavior === 'DROP_CASCADE';
    const isPart = removeType !== undefined && partTypes.has(removeType);
    const locks = lockSetOf(schema);
    const losses: LossFact[] = [];
    const words = wordsOf(removeType).toLowerCase();
    const named = objects.map((object): NamedObject => {
      const parts = partsOfObject(object);
      const name = qualifiedName(isPart ? parts.slice(0, -1) : parts);
      if (isPart) locks.add(name, 'ACCESS EXCLUSIVE', 'instant');
      else if (removeType === 'OBJECT_INDEX') indexLocks(name, concurrent === true, around, locks);
      else if (removeType === 'OBJECT_STATISTIC_EXT') {
        const table = schema.statistics.get(name.name);
        if (table !== undefined) locks.add(table, 'SHARE UPDATE EXCLUSIVE', 'instant');
      } else relationLocks(removeType, name, around, locks);
      if (cascade && removeType !== undefined && relationTypes.has(removeType)) cascadeLocks(name, around, locks);
      else if (cascade) dependentLocks(removeType, name, around, locks);
      losses.push(
        isPart ? recoverable : lossOfDropping(removeType, name, cascade && removeType !== 'OBJECT_INDEX', around),
      );
      const isNew = ageOf(removeType, name, around) === 'new';
      return { kind: words, ...name, ...(isPart ? { part: parts.at(-1) ?? '' } : {}), role: 'dropped', isNew };
    });
    const kind = `DROP ${wordsOf(removeType)}${concurrent === true ? ' CONCURRENTLY' : ''}${cascade ? ' CASCADE' : ''}`;
    const facts = {
      kind,
      class: 'ddl',
      objects: named,
      locks: locks.locks,
      rerunFails: missingOk !== true,
      ...worstFact(losses),
    } as const;
    const [index] = named;
    if (concurrent !== true || index === undefined) return facts;
    const judge: Judge = { by: 'index-absent', index: { schema: index.schema, name: index.name } };
    return { ...facts, judge };
  },
  DropOwnedStmt: () => ({ kind: 'DROP OWNED', class: 'ddl', loss: 'data', lossOf: 'old' }),
  DropRoleStmt: ({ missing_ok: missingOk }) => ({
    kind: 'DROP ROLE',
    class: 'ddl',
    loss: 'recoverable',
    rerunFails: missingOk !== true,
  }),
  DropUserMappingStmt: ({ missing_ok: missingOk }) => ({
    kind: 'DROP USER MAPPING',
    class: 'ddl',
    loss: 'recoverable',
    rerunFails: missingOk !== true,
  }),
};
