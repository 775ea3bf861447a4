export type { Judge, Loss, QualifiedName } from '../migration/index.ts';
export { compileManifest } from './compile-manifest.ts';
export type {
  AlterPart,
  InnerStatement,
  LossOf,
  NamedObject,
  NodeKind,
  ObjectRole,
  StatementClass,
  StatementFacts,
} from './facts/facts.ts';
export * from './locks/lock.ts';
export { descendantsOf } from './locks/lock-set.ts';
export { loadParser } from './parse.ts';
export { bareScript } from './replay/bare-script.ts';
export { replay } from './replay/replay.ts';
export type { Script } from './replay/script.ts';
export type { KnownStatement, SectionAt, StatementAt, Visit } from './replay/statement-at.ts';
export { advance } from './schema/advance.ts';
export { wordsOfIndex } from './schema/advance-create.ts';
export { type Catalogue, type CatalogueRelation, catalogueSchema, renderCatalogue } from './schema/catalogue.ts';
export { columnType, constraintsBehind, isSerial } from './schema/column-of.ts';
export { overlayCatalogue, schemaOfCatalogue } from './schema/load-catalogue.ts';
export type * from './schema/objects.ts';
export { RunningSchema } from './schema/running-schema.ts';
export { excerptOf, type SplitStatement, splitSection } from './split.ts';
export { factsOf } from './statement-facts.ts';
