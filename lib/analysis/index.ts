export { compileManifest } from './compile-manifest.ts';
export { createdAfter, type CreatedObjects, nothingCreated } from './created-objects.ts';
export { loadParser } from './parse.ts';
export { excerptOf, type SplitStatement, splitSection } from './split.ts';
export { factsOf, type StatementFacts } from './statement-facts.ts';
