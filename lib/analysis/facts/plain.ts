import type { NodeKind, PartialFacts } from './facts.ts';

/** Statements that lose nothing and can run in a transaction, in SQL's words. */
const plainKinds: { readonly [K in NodeKind]?: string } = {
  AlterCollationStmt: 'ALTER COLLATION',
  AlterDatabaseSetStmt: 'ALTER DATABASE SET',
  AlterDefaultPrivilegesStmt: 'ALTER DEFAULT PRIVILEGES',
  AlterEventTrigStmt: 'ALTER EVENT TRIGGER',
  AlterExtensionContentsStmt: 'ALTER EXTENSION',
  AlterExtensionStmt: 'ALTER EXTENSION UPDATE',
  AlterFdwStmt: 'ALTER FOREIGN DATA WRAPPER',
  AlterForeignServerStmt: 'ALTER SERVER',
  AlterFunctionStmt: 'ALTER FUNCTION',
  AlterObjectDependsStmt: 'ALTER DEPENDS ON EXTENSION',
  AlterOpFamilyStmt: 'ALTER OPERATOR FAMILY',
  AlterOperatorStmt: 'ALTER OPERATOR',
  AlterOwnerStmt: 'ALTER OWNER',
  AlterRoleSetStmt: 'ALTER ROLE SET',
  AlterRoleStmt: 'ALTER ROLE',
  AlterStatsStmt: 'ALTER STATISTICS',
  AlterTSConfigurationStmt: 'ALTER TEXT SEARCH CONFIGURATION',
  AlterTSDictionaryStmt: 'ALTER TEXT SEARCH DICTIONARY',
  AlterTypeStmt: 'ALTER TYPE SET',
  AlterUserMappingStmt: 'ALTER USER MAPPING',
  ClosePortalStmt: 'CLOSE',
  ConstraintsSetStmt: 'SET CONSTRAINTS',
  CreateAmStmt: 'CREATE ACCESS METHOD',
  CreateCastStmt: 'CREATE CAST',
  CreateConversionStmt: 'CREATE CONVERSION',
  CreateEventTrigStmt: 'CREATE EVENT TRIGGER',
  CreateFdwStmt: 'CREATE FOREIGN DATA WRAPPER',
  CreateForeignServerStmt: 'CREATE SERVER',
  CreateOpClassStmt: 'CREATE OPERATOR CLASS',
  CreateOpFamilyStmt: 'CREATE OPERATOR FAMILY',
  CreatePLangStmt: 'CREATE LANGUAGE',
  CreateRoleStmt: 'CREATE ROLE',
  CreateTransformStmt: 'CREATE TRANSFORM',
  CreateUserMappingStmt: 'CREATE USER MAPPING',
  DefineStmt: 'CREATE',
  FetchStmt: 'FETCH',
  ImportForeignSchemaStmt: 'IMPORT FOREIGN SCHEMA',
  NotifyStmt: 'NOTIFY',
  ReassignOwnedStmt: 'REASSIGN OWNED',
  VariableSetStmt: 'SET LOCAL',
  VariableShowStmt: 'SHOW',
};

/** Plain statements that leave the catalogue alone. */
const other = new Set<NodeKind>([
  'ClosePortalStmt',
  'ConstraintsSetStmt',
  'FetchStmt',
  'NotifyStmt',
  'VariableSetStmt',
  'VariableShowStmt',
]);

export const plainFacts = (kind: NodeKind): PartialFacts | null => {
  const words = plainKinds[kind];
  if (words === undefined) return null;
  return { kind: words, class: other.has(kind) ? 'other' : 'ddl', rerunFails: words.startsWith('CREATE') };
};
