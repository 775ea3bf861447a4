import type { Loss } from '../../migration/index.ts';
import { partsOf } from '../names.ts';
import type { FuncCall } from '../parse.ts';
import { visitNodes } from '../walk.ts';
import { builtInFunctions } from './built-in-functions.ts';

/** Functions of PostgreSQL that destroy what is stored. */
const destructiveFunctions = new Set([
  'lo_unlink',
  'lo_truncate',
  'lo_truncate64',
  'lo_put',
  'lowrite',
  'pg_drop_replication_slot',
]);

/** Functions that run SQL they are given, or reach outside the database. */
const opaqueFunctions = new Set([
  'query_to_xml',
  'query_to_xml_and_xmlschema',
  'query_to_xmlschema',
  'cursor_to_xml',
  'ts_rewrite',
  'ts_stat',
]);

/** Names of the functions called in a parse tree. */
export const callsIn = (tree: unknown): readonly (readonly string[])[] => {
  const calls: string[][] = [];
  visitNodes(tree, (kind, body) => {
    if (kind === 'FuncCall') calls.push(partsOf((body as FuncCall).funcname));
  });
  return calls;
};

/** What calling functions loses: nothing for PostgreSQL's own, `unknown` for one whose body is not seen. */
export const lossOfCalls = (calls: readonly (readonly string[])[]): Loss => {
  let loss: Loss = 'none';
  for (const parts of calls) {
    const name = parts.at(-1) ?? '';
    const own = parts.length === 1 || (parts.length === 2 && parts[0] === 'pg_catalog');
    if (own && destructiveFunctions.has(name)) return 'data';
    if (!own || opaqueFunctions.has(name) || !builtInFunctions.has(name)) loss = 'unknown';
  }
  return loss;
};
