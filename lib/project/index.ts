export { compileProject } from './compile-project.ts';
export { compileProjectSync } from './compile-project-sync.ts';
export { listSqlFiles, readTextFile, textOfBytes } from './migration-files.ts';
export { readProofFile, writeProofFile } from './proof-file.ts';
export { projectFile, projectFileSchema, readProjectFile } from './project-file.ts';
export {
  loadProject,
  type LoadedProject,
  type Project,
  type ReadOptions,
  readProject,
  readSettings,
} from './read-project.ts';
export {
  type CreateOptions,
  createMigration,
  rebase,
  type RebaseOptions,
  versionAt,
  writeSum,
} from './write-migrations.ts';
export { writeWhole as writeFixed } from './write-file.ts';
