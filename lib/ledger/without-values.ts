/** Words in front of a quoted name in PostgreSQL's messages; whatever else it quotes in a data exception is a value. */
const named = `(?:(?:${[
  'argument',
  'attribute',
  'collation',
  'column',
  'constraint',
  'conversion',
  'domain',
  'encoding',
  'enum',
  'field',
  'function',
  'index',
  'option',
  'parameter',
  'relation',
  'role',
  'sequence',
  'table',
  'type',
  'variable',
].join('|')}) |[.])`;
/** Up to the first quoted value. A value may hold quotes itself, so the text behind it is known only from the last one. */
const head = `^((?:[^"]|(?<=${named})"[^"]*")*)(?<!${named})"`;

/** One replacement in the messages of some SQLSTATEs; the first group, if there is one, stays, and so does the second. No backslashes: PostgreSQL reads them, too. */
export interface Redaction {
  /** What the SQLSTATE begins with. */
  readonly state: string;
  readonly pattern: string;
  /** What stands behind the first group and before the second. */
  readonly instead: string;
  readonly groups: 0 | 1 | 2;
}

/**
 * In order. Class 22 quotes the value that did not fit, and writes some without quotes (`date field value out of range: 2025-13-45`).
 * 42601 quotes the token it stumbled over: a string literal of a statement that was put together from rows.
 * Class 23 names constraints, tables and columns in its message, the key only in its DETAIL; the other classes name objects.
 * After the texts of https://github.com/postgres/postgres/tree/REL_17_STABLE/src/backend/utils/adt and its `po` files.
 */
export const redactions: readonly Redaction[] = [
  { state: '22', pattern: `${head}.*"([^"]*)$`, instead: '"…"', groups: 2 },
  { state: '22', pattern: `${head}[^"…]*$`, instead: '"…"', groups: 1 },
  { state: '22', pattern: '[«»„“”‚‘’].*[«»„“”‘’]', instead: '"…"', groups: 0 },
  { state: '22', pattern: '0x[0-9a-fA-F]+(?: 0x[0-9a-fA-F]+)*', instead: '…', groups: 0 },
  {
    state: '22',
    pattern: '(?<![a-zA-Z0-9_(.,])[-+]?[0-9][0-9:.eE+-]*(?![a-zA-Z0-9_)])',
    instead: '…',
    groups: 0,
  },
  { state: '42601', pattern: `^([^"]* at or near )"(?=(?:[a-zA-Z]&?)?'|[$][^0-9]).*$`, instead: '"…"', groups: 1 },
];

/** A message of PostgreSQL with `…` for each value; names stay. What an author wrote into RAISE stays, too: nothing tells its values from its words. */
export const withoutValues = (sqlstate: string, message: string): string =>
  redactions
    .filter(({ state }) => sqlstate.startsWith(state))
    .reduce(
      (text, { pattern, instead, groups }) =>
        text.replace(
          new RegExp(pattern, 'gsu'),
          (_whole, ...found) => `${groups > 0 ? found[0] : ''}${instead}${groups > 1 ? found[1] : ''}`,
        ),
      message,
    );
