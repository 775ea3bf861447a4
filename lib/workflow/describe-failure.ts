import type { StatementFailure } from '../ledger/standing.ts';
import type { ManifestMigration } from '../migration/manifest.ts';

const shown = 160;
const firstLine = (sql: string): string => {
  const [line = ''] = sql.trim().split('\n');
  return line.length > shown ? `${line.slice(0, shown)}…` : line;
};

/** Column in `line` of the thing that PostgreSQL's message quotes first, from 0; -1 when it does not stand there. */
const quotedColumn = (message: string, line: string): number => {
  const quoted = /"([^"]+)"/.exec(message)?.[1];
  return quoted === undefined ? -1 : line.toLowerCase().indexOf(quoted.toLowerCase());
};

/**
 * What PostgreSQL refused, where it stands in the file, and a caret under the name it complains of.
 * `migration` undefined when this manifest does not have it: a stored down of an older changelog.
 */
export const describeFailure = (
  failure: StatementFailure,
  migration: ManifestMigration | undefined,
  direction: 'up' | 'down',
): string => {
  const section = direction === 'up' ? migration?.up : migration?.down;
  const source =
    failure.phase === 'verify' ? migration?.verify[failure.statement] : section?.statements[failure.statement];
  const place = migration
    ? `${migration.file}${source && failure.phase !== 'constraints' ? `:${source.line}` : ''}`
    : failure.version;
  const what = {
    run: '',
    constraints: 'a deferred constraint, checked at the end: ',
    verify: 'verify: ',
    complete: 'after the last statement: ',
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
