import { compileManifest, loadParser } from '../analysis/index.ts';
import type { Manifest } from '../migration/index.ts';
import { type ReadOptions, readProject } from './read-project.ts';

/**
 * The manifest of the project at `root`.
 * @throws LockkeeperErrors with all findings
 */
export const compileProject = async (root: string, options: ReadOptions = {}): Promise<Manifest> => {
  const project = readProject(root, options);
  await loadParser();
  return compileManifest(project.changelog, project.settings);
};
