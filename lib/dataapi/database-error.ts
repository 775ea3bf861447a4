/** What PostgreSQL said, without what may hold row values. */
export interface DatabaseErrorText {
  readonly message: string;
  readonly sqlstate: string;
  readonly hint: string | null;
  /** Character in the statement, from 1. */
  readonly position: number | null;
}

/** Classes whose DETAIL quotes row values, which could pretend to be a hint: data exception, integrity constraint violation. */
const quotesRows = (sqlstate: string): boolean => sqlstate.startsWith('22') || sqlstate.startsWith('23');

/**
 * The fields of a `DatabaseErrorException`'s text, or null when it names no SQLSTATE (nothing is known then about what ran).
 *
 * The text is `ERROR: <message>; [Detail: …;] [Hint: …;] [Where: …;] [Position: N;] SQLState: 42P01`
 * (https://github.com/tmokmss/aurora-data-api-proxy/blob/main/src/dataapi.rs). The message may hold `; ` itself, so the
 * fixed fields are read from the right; Detail and Where are dropped from where they first could begin, so that no row
 * value is left behind in what is kept.
 */
export const parseDatabaseError = (text: string): DatabaseErrorText | null => {
  const state = /^([\s\S]*);\s*SQLState: ([0-9A-Z]{5});?\s*$/.exec(text.trim());
  if (state === null) return null;
  const sqlstate = state[2]!;
  let rest = state[1]!;
  const at = /^([\s\S]*);\s*Position: (\d+);?$/.exec(rest);
  if (at !== null) rest = at[1]!;
  rest = before(rest, '; Where: ');
  const head = before(rest, '; Detail: ');
  const hidden = head.length < rest.length && quotesRows(sqlstate);
  const hintAt = hidden ? -1 : rest.lastIndexOf('; Hint: ');
  const message = hintAt >= 0 && hintAt < head.length ? head.slice(0, hintAt) : head;
  return {
    message: message.replace(/^[A-Z]+\d?: /, '').replace(/;$/, ''),
    sqlstate,
    hint: hintAt < 0 ? null : rest.slice(hintAt + '; Hint: '.length).replace(/;$/, ''),
    position: at === null ? null : Number(at[2]),
  };
};

const before = (text: string, mark: string): string => {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(0, at);
};
