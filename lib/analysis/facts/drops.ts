import type { Loss, QualifiedName } from '../../migration/index.ts';
import { isRelationCreated, isSchemaCreated, isTypeCreated } from '../created-objects.ts';
import { partsOfObject, qualifiedName } from '../names.ts';
import type { ObjectType } from '../parse.ts';
import type { FactsTable, Surroundings } from './facts.ts';

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

/**
 * What a drop without CASCADE loses. A type or domain in use is refused by PostgreSQL itself
 * (https://www.postgresql.org/docs/17/sql-droptype.html), so only CASCADE loses values; a sequence loses its position.
 */
const lossOfDropping = (type: ObjectType | undefined): Loss => {
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_SCHEMA':
      return 'data';
    case 'OBJECT_EXTENSION':
      return 'unknown';
    default:
      return 'recoverable';
  }
};

const isCreated = (type: ObjectType | undefined, name: QualifiedName, { created }: Surroundings): boolean => {
  if (type === 'OBJECT_SCHEMA') return isSchemaCreated(created, name.name);
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN') return isTypeCreated(created, name);
  return isRelationCreated(created, name);
};

export const dropFacts: FactsTable = {
  DropStmt: ({ removeType, behavior, concurrent, objects = [] }, around) => {
    const names = objects.map((object) => qualifiedName(partsOfObject(object)));
    const cascade = behavior === 'DROP_CASCADE';
    const kind = `DROP ${wordsOf(removeType)}${concurrent === true ? ' CONCURRENTLY' : ''}${cascade ? ' CASCADE' : ''}`;
    const allCreated = names.length > 0 && names.every((name) => isCreated(removeType, name, around));
    const loss = allCreated ? 'none' : cascade ? 'data' : lossOfDropping(removeType);
    const [index] = names;
    if (concurrent !== true || index === undefined) return { kind, loss };
    return { kind, loss, judge: { by: 'index-absent', index } };
  },
  DropOwnedStmt: () => ({ kind: 'DROP OWNED', loss: 'data' }),
  DropRoleStmt: () => ({ kind: 'DROP ROLE', loss: 'recoverable' }),
  DropUserMappingStmt: () => ({ kind: 'DROP USER MAPPING', loss: 'recoverable' }),
};
