import { compileManifest, loadParser } from '../analysis/index.ts';
import { type Manifest, withWaysBack } from '../migration/index.ts';
import { readProofFile } from './proof-file.ts';
import { type ReadOptions, readProject } from './read-project.ts';

/**
 * The manifest of the project at `root`, with the grades of the ways back that have been proven.
 * @throws LockkeeperErrors with all findings; `ProofInvalid`
 */
export const compileProject = async (root: string, options: ReadOptions = {}): Promise<Manifest> => {
  const project = readProject(root, options);
  await loadParser();
  const manifest = compileManifest(project.changelog, project.settings);
  return withWaysBack(manifest, readProofFile(project.migrationsDirectory));
};
