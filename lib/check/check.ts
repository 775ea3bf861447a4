import {
  type Catalogue,
  compileManifest,
  overlayCatalogue,
  replay,
  RunningSchema,
  schemaOfCatalogue,
  type Script,
} from '../analysis/index.ts';
import { LockkeeperError, LockkeeperErrors } from '../errors/index.ts';
import { type Changelog, errorAt, type RunSettings } from '../migration/index.ts';
import { withAllows } from './allows.ts';
import { Collector } from './collector.ts';
import type { Report } from './report.ts';
import type { Severities } from './severities.ts';

export interface CheckOptions {
  /** Severity by rule, as `lockkeeper.json` has it. */
  readonly severities?: Severities;
  /** Which files are judged; all others only lay the ground for those behind them. All when absent. */
  readonly isJudged?: (file: string) => boolean;
  /** False leaves the statements out of the report, which are most of it. */
  readonly keepsStatements?: boolean;
  /** What a real database holds, after the migrations that it has applied; before the first file where it does not say. */
  readonly catalogue?: Catalogue | undefined;
}

const everything = (): boolean => true;

/**
 * Checks bare SQL or other scripts, in order. What may not stand in a migration is not refused here, since they need not be ours.
 * `loadParser()` has to have been awaited.
 * @throws LockkeeperError `SettingsInvalid`
 */
export const checkScripts = (
  scripts: readonly Script[],
  {
    severities = {},
    isJudged = everything,
    keepsStatements = true,
    catalogue,
    errors: unread = [],
  }: CheckOptions & { readonly errors?: readonly LockkeeperError[] } = {},
): Report => {
  const collector = new Collector(severities, isJudged, keepsStatements);
  const schema = catalogue === undefined ? new RunningSchema() : schemaOfCatalogue(catalogue);
  for (const error of unread) collector.fail(error);
  const read = scripts.map(withAllows);
  for (const { script, findings } of read) {
    collector.open(script.file, script.version);
    for (const finding of findings) collector.fail(finding);
  }
  const filled = new Set<string>();
  const errors = replay(
    read.map(({ script }) => script),
    (at) => {
      filled.add(at.section.script.file);
      collector.visit(at);
    },
    schema,
  );
  for (const error of errors) {
    filled.add(String(error.details['file']));
    collector.fail(error);
  }
  for (const { file } of scripts)
    if (!filled.has(file)) collector.fail(errorAt('FileEmpty', { file }, 'holds no statement'), 'warning');
  return collector.report(schema);
};

export interface ChangelogProblems {
  /** What is wrong with files that are not in the changelog because of it. */
  readonly errors: readonly LockkeeperError[];
  /** What has to be put right before a run, but not before a check. */
  readonly warnings: readonly LockkeeperError[];
}

/**
 * Checks a changelog: the rules, and all that a run would refuse. `loadParser()` has to have been awaited.
 * @throws LockkeeperError `SettingsInvalid`
 */
export const checkChangelog = (
  changelog: Changelog,
  settings: RunSettings,
  { errors, warnings }: ChangelogProblems = { errors: [], warnings: [] },
  { severities = {}, isJudged = everything, keepsStatements = true, catalogue }: CheckOptions = {},
): Report => {
  const collector = new Collector(severities, isJudged, keepsStatements);
  for (const { file, version } of changelog.migrations) collector.open(file, version);
  for (const error of errors) collector.fail(error);
  for (const warning of warnings) collector.fail(warning, 'warning');
  const schema = new RunningSchema();
  let overlaid = catalogue === undefined;
  const overlay = ({ version }: { readonly version: string }): void => {
    if (overlaid || catalogue === undefined || version <= (catalogue.lastApplied ?? '')) return;
    overlayCatalogue(schema, catalogue);
    overlaid = true;
  };
  try {
    compileManifest(changelog, settings, (at) => collector.visit(at), schema, overlay);
  } catch (error) {
    if (!(error instanceof LockkeeperError)) throw error;
    for (const each of error instanceof LockkeeperErrors ? error.findings : [error]) collector.fail(each);
  }
  return collector.report(schema);
};
