import { join } from 'node:path';
import { loadParser } from '../analysis/index.ts';
import { fixChangelog } from '../check/index.ts';
import { LockkeeperError } from '../errors/index.ts';
import { throwFindings } from '../migration/index.ts';
import { loadProject, readSettings, writeFixed, writeSum } from '../project/index.ts';
import { readInput, shownPath } from './check-input.ts';
import { judgedBy, sumProblems } from './check-project.ts';
import type { Invocation } from './invocation.ts';
import type { CheckFlags } from './program.ts';
import { unifiedDiff } from './unified-diff.ts';

/** Whether a migration may have been applied somewhere: every command that applies one asks that the list holds it. */
const isShipped =
  (sum: string | null, since: string | undefined) =>
  (file: string): boolean =>
    since === undefined ? (sum ?? '').includes(`\n${file} `) : file.slice(0, 14) <= since;

/**
 * Rewrites the named migrations, or all, where that is safe and they were not shipped; shows each change, and notes it in `lockkeeper.sum`.
 * @throws LockkeeperErrors `FixRefused` for files that are named and never change; what is wrong with the files
 */
export const fixProject = async (
  files: readonly string[],
  flags: CheckFlags,
  { options: { directory, stage }, screen }: Invocation,
): Promise<void> => {
  const { migrationsDirectory } = readSettings(directory, { stage });
  const input = readInput(files, migrationsDirectory, false);
  if (input.scripts.length + input.errors.length > 0)
    throw new LockkeeperError(
      'UsageInvalid',
      `--fix rewrites migrations in ${shownPath(migrationsDirectory)} only; these are not: ${input.scripts.map(({ file }) => file).join(', ')}`,
    );
  const { project, sum, findings } = loadProject(directory, { stage });
  throwFindings(findings);
  const shipped = isShipped(sum, flags.since);
  const never = [...(input.migrations ?? [])].filter(shipped);
  if (never.length > 0)
    throw new LockkeeperError(
      'FixRefused',
      `${never.join(', ')}: ${flags.since === undefined ? 'listed in lockkeeper.sum, so it may have been applied' : `not after ${flags.since}`}; an applied migration never changes`,
    );
  // the list is written anew below, and must not bless an edit of what was shipped
  const { errors } = sumProblems(project.changelog, sum);
  throwFindings(errors.filter(({ details: { file } }) => !/^\d{14}-/.test(String(file)) || shipped(String(file))));
  await loadParser();
  const isJudged = judgedBy(input, flags.since);
  const mayChange = (file: string): boolean => isJudged(file) && !shipped(file);
  const { fixes } = fixChangelog(project.changelog, project.settings, project.rules, mayChange);
  if (fixes.length === 0) return;
  for (const { rule, file, before, after, added } of fixes) {
    const path = join(migrationsDirectory, file);
    writeFixed(path, after);
    const changes = [{ path, before, after }];
    if (added !== null) {
      const addedPath = join(migrationsDirectory, added.file);
      writeFixed(addedPath, added.text);
      changes.push({ path: addedPath, before: '', after: added.text });
    }
    if (flags.format !== 'text') continue;
    for (const change of changes)
      screen.line({
        type: 'fixed',
        file: shownPath(change.path),
        rule,
        diff: unifiedDiff(shownPath(change.path), change.before, change.after),
      });
  }
  writeSum(directory, { stage });
};
