import type { StatementFailure } from '../ledger/standing.ts';
import type { ManifestMigration } from '../migration/manifest.ts';
import { withoutLiterals } from '../migration/without-literals.ts';

/** The first line of a statement with literals blanked: a password or a value is nobody's business here. */
const firstLine = (sql: string): string => withoutLiterals(sql.trim().split('\n')[0] ?? '', 160);

/** Column in `line` of the thing that PostgreSQL's message quotes first, from 0; -1 when it does not stand there as a word. */
const quotedColumn = (message: string, line: string): number => {
  const quoted = /"([^"]+)"/.exec(message)?.[1];
  if (quoted === undefined) return -1;
  const name = quoted.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return line.search(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, 'i'));
};

/**
 * What PostgreSQL refused, where it stands in the file, and a caret under the name it complains of.
 * `migration` undefined when this manifest does not have it. For a down no line is shown: the stored one runs, and the file may say something else by now.
 */
export const describeFailure = (
  failure: StatementFailure,
  migration: ManifestMigration | undefined,
  direction: 'up' | 'down',
): string => {
  const section = failure.phase === 'verify' ? migration?.verify : migration?.up.statements;
  const source = direction === 'up' ? section?.[failure.statement] : undefined;
  const file = migration?.file ?? failure.version;
  const place =
    direction === 'down'
      ? `${file}, statement ${failure.statement + 1} of the stored down`
      : `${file}${source && failure.phase !== 'constraints' && failure.phase !== 'commit' ? `:${source.line}` : ''}`;
  const what = {
    run: '',
    constraints: 'a deferred constraint, checked at the end: ',
    verify: 'verify: ',
    complete: 'after the last statement: ',
    commit: 'while it was ended: ',
  }[failure.phase];
  const head = `${place}: ${what}${failure.message} (SQLSTATE ${failure.sqlstate})`;
  const lines = [failure.hint === null ? head : `${head}; hint: ${failure.hint}`];
  if (source && (failure.phase === 'run' || failure.phase === 'verify')) {
    const line = firstLine(source.sql);
    const column = quotedColumn(failure.message, line);
    lines.push(`  ${line}`);
    if (column >= 0) lines.push(`  ${' '.repeat(column)}^`);
  }
  return lines.join('\n');
};
