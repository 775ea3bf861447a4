import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadParser } from '../analysis/index.ts';
import { checkChangelog, type CheckOptions, checkScripts, type Report } from '../check/index.ts';
import type { LockkeeperError } from '../errors/index.ts';
import { type Changelog, verifySum } from '../migration/index.ts';
import { loadProject, type LoadedProject, readSettings } from '../project/index.ts';
import { readCatalogueFile } from './catalogue-file.ts';
import { type CheckInput, readInput, shownPath } from './check-input.ts';
import type { Sources } from './check-text.ts';
import { proofProblems } from './proof-problems.ts';
import type { CommonOptions } from './invocation.ts';
import type { CheckFlags } from './program.ts';

export interface Checked {
  readonly report: Report;
  /** The source lines of a report's diagnostics. */
  readonly sourcesOf: (report: Report) => Sources;
  /** How many files were judged. */
  readonly judged: number;
  /** Names of the project's migrations that were judged. */
  readonly isJudged: (file: string) => boolean;
}

/** A migration that the list does not hold yet was not shipped: it is to be noted before it runs, no more. */
export const sumProblems = (
  changelog: Changelog,
  sum: string | null,
): { errors: LockkeeperError[]; warnings: LockkeeperError[] } => {
  const findings = verifySum(changelog, sum);
  const isNew = ({ code, details }: LockkeeperError): boolean =>
    code === 'SumMissing' ||
    (sum !== null && String(details['file']).endsWith('.sql') && !sum.includes(`\n${String(details['file'])} `));
  return { errors: findings.filter((each) => !isNew(each)), warnings: findings.filter(isNew) };
};

const merged = (reports: readonly Report[]): Report => ({
  format: 1,
  files: reports.flatMap(({ files }) => files),
  counts: {
    error: reports.reduce((sum, { counts }) => sum + counts.error, 0),
    warning: reports.reduce((sum, { counts }) => sum + counts.warning, 0),
    notice: reports.reduce((sum, { counts }) => sum + counts.notice, 0),
  },
});

const placed = (report: Report, pathOf: (file: string) => string): Report => ({
  ...report,
  files: report.files.map((each) => Object.assign({}, each, { file: pathOf(each.file) })),
});

const linesOf = (report: Report, textOf: (file: string) => string | null): Sources => {
  const sources: Record<string, Record<number, string>> = {};
  for (const { file, diagnostics } of report.files) {
    if (diagnostics.length === 0) continue;
    const lines = textOf(file)?.split(/\r?\n/) ?? [];
    const known: Record<number, string> = {};
    for (const { line } of diagnostics) known[line] = lines[line - 1] ?? '';
    sources[file] = known;
  }
  return sources;
};

/** Which migrations are judged: those that are named, or those after `--since`, or all. */
export const judgedBy =
  (input: Pick<CheckInput, 'migrations'>, since: string | undefined) =>
  (file: string): boolean =>
    (input.migrations === null ? true : input.migrations.has(file)) &&
    (since === undefined || !/^\d{14}-/.test(file) || file.slice(0, 14) > since);

const checkProject = (
  { project, sum, findings }: LoadedProject,
  options: Pick<CheckOptions, 'isJudged' | 'keepsStatements' | 'catalogue'> & { readonly provesAnew: boolean },
): Report => {
  const sumFindings = findings.length > 0 ? { errors: [], warnings: [] } : sumProblems(project.changelog, sum);
  const proofs =
    findings.length > 0 || options.provesAnew ? { errors: [], warnings: [] } : proofProblems(project, options.isJudged);
  const problems = {
    errors: [...findings, ...sumFindings.errors, ...proofs.errors],
    warnings: [...sumFindings.warnings, ...proofs.warnings],
  };
  return checkChangelog(project.changelog, project.settings, problems, { severities: project.rules, ...options });
};

/** Reads and checks what a command line names. @throws LockkeeperErrors what cannot be read at all, `SettingsInvalid` */
export const checked = async (
  files: readonly string[],
  flags: CheckFlags,
  { directory, stage, json }: CommonOptions,
): Promise<Checked> => {
  const keepsStatements = json === true || flags.format === 'json';
  const { migrationsDirectory, rules: severities } = readSettings(directory, { stage });
  const input = readInput(files, migrationsDirectory, flags.assumeInTransaction ?? false);
  const catalogue = flags.catalog === undefined ? undefined : readCatalogueFile(flags.catalog);
  // what that database has applied is done
  const since = flags.since ?? (input.migrations === null ? (catalogue?.lastApplied ?? undefined) : undefined);
  const isJudged = judgedBy(input, since);
  await loadParser();
  const reports: Report[] = [];
  const texts = new Map<string, string>();
  if (input.migrations === null || input.migrations.size > 0) {
    const loaded = loadProject(directory, { stage });
    const pathOf = (file: string): string => shownPath(join(migrationsDirectory, file));
    for (const { file, text } of loaded.project.changelog.migrations) texts.set(pathOf(file), text);
    reports.push(
      placed(checkProject(loaded, { isJudged, keepsStatements, catalogue, provesAnew: flags.prove === true }), pathOf),
    );
  }
  if (input.scripts.length + input.errors.length > 0) {
    for (const { file, text } of input.scripts) texts.set(file, text);
    reports.push(checkScripts(input.scripts, { severities, errors: input.errors, keepsStatements, catalogue }));
  }
  const report = merged(reports);
  const textOf = (file: string): string | null => texts.get(file) ?? readAgain(file);
  return { report, sourcesOf: (of) => linesOf(of, textOf), judged: report.files.length, isJudged };
};

/** Of a file that could not be read as a migration, for the place in it. */
const readAgain = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return null;
  }
};
