import type { SplitStatement } from '../../analysis/index.ts';
import { replaceOnce, type Rewriting } from './rewrite.ts';

const created = /^(CREATE\s+(?:UNIQUE\s+)?INDEX)(?=\s)/i;
const dropped = /^(DROP\s+INDEX)(?=\s)/i;

/**
 * A `CREATE INDEX` or `DROP INDEX` that stands alone in its section, as a concurrent one outside a transaction. IF NOT EXISTS goes:
 * it would take an invalid index for a good one.
 */
export const concurrentIndex = (
  text: string,
  section: 'up' | 'down',
  statements: readonly SplitStatement[],
): Rewriting | null => {
  const [only] = statements;
  if (only === undefined || statements.length !== 1) return null;
  const isDrop = dropped.test(only.sql);
  const pattern = isDrop ? dropped : created;
  if (!pattern.test(only.sql) || /\bCASCADE\s*$/i.test(only.sql)) return null;
  const sql = only.sql.replace(pattern, '$1 CONCURRENTLY').replace(/(CONCURRENTLY)\s+IF\s+NOT\s+EXISTS\b/i, '$1');
  const marked = text.replace(new RegExp(`^([ \\t]*--[ \\t]*migrate:${section})[ \\t]*$`, 'm'), '$1 transaction:false');
  const rewritten = replaceOnce(marked, only.sql, sql);
  if (rewritten === null || marked === text) return null;
  return {
    rule: isDrop ? 'index-dropped-without-concurrently' : 'index-without-concurrently',
    text: rewritten,
    next: null,
  };
};
