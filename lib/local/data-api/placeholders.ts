/** The text sent to PostgreSQL: the distinct names in order of appearance became `$1`, `$2`, … */
export interface Numbered {
  readonly text: string;
  readonly names: readonly string[];
}

const name = /[A-Za-z0-9_]+/y;

/**
 * Replaces `:name` as the service does: outside single quotes, double quotes, comments and `::` casts, but **inside dollar
 * quotes too**, and without asking whether such a parameter was sent
 * (https://github.com/tmokmss/aurora-data-api-proxy/blob/main/COMPATIBILITY.md). Backslashes are not escapes to it and
 * comments do not nest: neither is known of the service.
 */
export const numberPlaceholders = (sql: string): Numbered => {
  if (!sql.includes(':')) return { text: sql, names: [] };
  const names: string[] = [];
  let text = '';
  let kept = 0;
  for (let at = 0; at < sql.length;) {
    const end = endOfQuoted(sql, at);
    if (end > at) {
      at = end;
    } else if (sql[at] !== ':') {
      at += 1;
    } else if (sql[at + 1] === ':') {
      at += 2;
    } else {
      name.lastIndex = at + 1;
      const found = name.exec(sql)?.[0];
      if (found === undefined) {
        at += 1;
        continue;
      }
      if (!names.includes(found)) names.push(found);
      text += `${sql.slice(kept, at)}$${names.indexOf(found) + 1}`;
      at += 1 + found.length;
      kept = at;
    }
  }
  return { text: text + sql.slice(kept), names };
};

/** Where the quoted text or comment that begins at `at` ends; `at` itself when none begins there. */
const endOfQuoted = (sql: string, at: number): number => {
  const until = (mark: string, from: number): number => {
    const found = sql.indexOf(mark, from);
    return found < 0 ? sql.length : found + mark.length;
  };
  switch (sql[at]) {
    case "'":
      return until("'", at + 1);
    case '"':
      return until('"', at + 1);
    case '-':
      return sql[at + 1] === '-' ? until('\n', at + 2) : at;
    case '/':
      return sql[at + 1] === '*' ? until('*/', at + 2) : at;
    default:
      return at;
  }
};
