import { type SplitStatement, splitSection } from '../../analysis/index.ts';
import { LockkeeperError } from '../../errors/index.ts';
import {
  type Changelog,
  changelogOf,
  fileNameOf,
  type Migration,
  nextVersion,
  parseMigration,
  type RunSettings,
  slugOf,
} from '../../migration/index.ts';
import { checkChangelog } from '../check.ts';
import type { Diagnostic, Report } from '../report.ts';
import type { Severities } from '../severities.ts';
import { concurrentIndex } from './concurrent-index.ts';
import { guard } from './guard.ts';
import { notValid } from './not-valid.ts';
import type { Rewriting } from './rewrite.ts';

/** One change that was kept. */
export interface Fix {
  readonly rule: string;
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** A migration that was not there before. */
  readonly added: { readonly file: string; readonly text: string } | null;
}

export interface Fixed {
  readonly changelog: Changelog;
  readonly fixes: readonly Fix[];
}

const fixable = new Set([
  'index-without-concurrently',
  'index-dropped-without-concurrently',
  'check-checked-under-lock',
  'foreign-key-checked-under-lock',
  'not-repeatable',
]);

const statementsOf = (migration: Migration, name: 'up' | 'down'): readonly SplitStatement[] => {
  const section = migration[name];
  const split = section === null ? [] : splitSection(migration.file, section);
  return split instanceof LockkeeperError ? [] : split;
};

/** What could be written for a diagnostic; null where nothing is safe. */
const rewritingOf = (migration: Migration, diagnostic: Diagnostic): Rewriting | null => {
  for (const name of ['up', 'down'] as const) {
    const statements = statementsOf(migration, name);
    const at = statements.findLast(
      ({ place }) =>
        place.line < diagnostic.line || (place.line === diagnostic.line && place.column <= diagnostic.column),
    );
    const section = migration[name];
    if (at === undefined || section === null) continue;
    if (diagnostic.line >= section.line + section.text.split('\n').length) continue;
    if (diagnostic.rule.startsWith('index-')) return concurrentIndex(migration.text, name, statements);
    // a down has no migration behind it in which to validate
    if (diagnostic.rule.endsWith('-checked-under-lock')) return name === 'up' ? notValid(migration.text, at) : null;
    return guard(migration.text, at, diagnostic);
  }
  return null;
};

const reparsed = (file: string, text: string): Migration | null => parseMigration(file, text).migration;

/** How much is found in these files, by weight: a change has to make it less, and bring no error or warning of another rule. */
const weightOf = (report: Report, files: readonly string[]): ReadonlyMap<string, number> => {
  const weights = new Map<string, number>();
  for (const { file, diagnostics } of report.files) {
    if (!files.includes(file)) continue;
    for (const { rule, severity } of diagnostics)
      if (severity !== 'notice' || fixable.has(rule)) weights.set(rule, (weights.get(rule) ?? 0) + 1);
  }
  return weights;
};

const isBetter = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, rule: string): boolean =>
  (after.get(rule) ?? 0) < (before.get(rule) ?? 0) &&
  [...after].every(([each, count]) => count <= (before.get(each) ?? 0));

/** The second migration comes right behind the first, at the next second that is free. */
const added = (migrations: readonly Migration[], { version }: Migration, words: string): string => {
  const taken = new Set(migrations.map((each) => each.version));
  let next = nextVersion(version);
  while (taken.has(next)) next = nextVersion(next);
  return fileNameOf(next, slugOf(words));
};

/**
 * Rewrites what can be rewritten safely in the files that may change; each change is kept only where the check then finds less and
 * nothing new. `loadParser()` has to have been awaited.
 */
export const fixChangelog = (
  changelog: Changelog,
  settings: RunSettings,
  severities: Severities,
  mayChange: (file: string) => boolean,
): Fixed => {
  const check = (migrations: readonly Migration[]): Report =>
    checkChangelog(changelogOf(migrations), settings, undefined, { severities, isJudged: (file) => files.has(file) });
  const files = new Set(changelog.migrations.map(({ file }) => file).filter(mayChange));
  let migrations: readonly Migration[] = changelog.migrations;
  const fixes: Fix[] = [];
  const refused = new Set<string>();
  let report = check(migrations);
  for (;;) {
    const found = report.files.flatMap(({ file, diagnostics }) =>
      diagnostics.filter(({ rule }) => fixable.has(rule)).map((diagnostic) => ({ file, diagnostic })),
    );
    const next = found.find(({ file, diagnostic }) => !refused.has(keyOf(file, diagnostic)));
    const migration = migrations.find(({ file }) => file === next?.file);
    if (next === undefined || migration === undefined) return { changelog: changelogOf(migrations), fixes };
    const { file, diagnostic } = next;
    refused.add(keyOf(file, diagnostic));
    const rewriting = rewritingOf(migration, diagnostic);
    const changed = rewriting === null ? null : reparsed(file, rewriting.text);
    if (rewriting === null || changed === null) continue;
    const second =
      rewriting.next === null
        ? null
        : reparsed(added(migrations, migration, rewriting.next.words), rewriting.next.text);
    if (rewriting.next !== null && second === null) continue;
    const candidate = [
      ...migrations.map((each) => (each.file === file ? changed : each)),
      ...(second === null ? [] : [second]),
    ];
    if (second !== null) files.add(second.file);
    const after = check(candidate);
    const touched = [file, ...(second === null ? [] : [second.file])];
    if (!isBetter(weightOf(report, touched), weightOf(after, touched), diagnostic.rule)) {
      if (second !== null) files.delete(second.file);
      continue;
    }
    fixes.push({
      rule: rewriting.rule,
      file,
      before: migration.text,
      after: changed.text,
      added: second === null ? null : { file: second.file, text: second.text },
    });
    migrations = candidate;
    report = after;
    refused.clear();
  }
};

const keyOf = (file: string, { rule, line, column }: Diagnostic): string => `${file}:${line}:${column}:${rule}`;
