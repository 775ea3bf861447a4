import { type Loss, worstLoss } from '../../migration/index.ts';
import { partsOf } from '../names.ts';
import type { FuncCall } from '../parse.ts';
import { bodyFacts } from './body-facts.ts';
import { builtInFunctions } from './built-in-functions.ts';
import { callsIn, functionCallsIn, operatorMark } from './calls.ts';
import { extensionFunctions } from './extension-functions.ts';
import type { InnerStatement, LossOf, Surroundings } from './facts.ts';

/** What follows from calling functions. */
export interface Effect {
  readonly loss: Loss;
  readonly lossOf: LossOf;
  readonly hidden: boolean;
  readonly inner: readonly InnerStatement[];
}

export const noEffect: Effect = { loss: 'none', lossOf: null, hidden: false, inner: [] };

const worstOf = (one: LossOf, other: LossOf): LossOf => (one === 'old' || other === 'old' ? 'old' : (one ?? other));

export const togetherOf = (effects: readonly Effect[]): Effect =>
  effects.reduce(
    (one, other) => ({
      loss: worstLoss([one, other]),
      lossOf: worstOf(one.lossOf, other.lossOf),
      hidden: one.hidden || other.hidden,
      inner: other.inner.length === 0 ? one.inner : [...one.inner, ...other.inner],
    }),
    noEffect,
  );

/** Functions of PostgreSQL that destroy what is stored: large objects, changes kept for a consumer, progress of replication. */
const destructiveFunctions = new Set([
  'lo_unlink',
  'lo_truncate',
  'lo_truncate64',
  'lo_put',
  'lowrite',
  'pg_drop_replication_slot',
  'pg_logical_slot_get_changes',
  'pg_logical_slot_get_binary_changes',
  'pg_replication_slot_advance',
  'pg_replication_origin_drop',
  'pg_replication_origin_advance',
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

const opaque: Effect = { loss: 'unknown', lossOf: 'old', hidden: true, inner: [] };

const effectOfRoutines = (name: string, around: Surroundings): Effect =>
  togetherOf(around.schema.routinesNamed(name).map((routine) => bodyFacts(routine, around)));

const effectOfBehind = (key: string, around: Surroundings): Effect =>
  togetherOf((around.schema.operators.get(key) ?? []).map((parts) => effectOfCall(parts, around)));

/** What calling one function does: nothing for PostgreSQL's own, what its body does for one of the project. */
const effectOfCall = (parts: readonly string[], around: Surroundings): Effect => {
  const name = parts.at(-1) ?? '';
  if (name === 'cast') return effectOfBehind('cast', around);
  const own = parts.length === 1 || (parts.length === 2 && parts[0] === 'pg_catalog');
  if (name.startsWith(operatorMark)) {
    const known = effectOfBehind(name.slice(operatorMark.length), around);
    return own || around.schema.operators.has(name.slice(operatorMark.length)) ? known : opaque;
  }
  if (own && destructiveFunctions.has(name)) return { loss: 'data', lossOf: 'old', hidden: false, inner: [] };
  const routines = effectOfRoutines(name, around);
  const aggregate = effectOfBehind(`aggregate ${name}`, around);
  const isKnown = around.schema.routines.has(name) || around.schema.operators.has(`aggregate ${name}`);
  const isHarmless = (own && builtInFunctions.has(name) && !opaqueFunctions.has(name)) || extensionFunctions.has(name);
  return isKnown || isHarmless ? togetherOf([routines, aggregate]) : opaque;
};

/** A sequence that this section made has no position to lose. */
const effectOfSetval = ({ funcname, args }: FuncCall, { schema }: Surroundings): Effect => {
  if (partsOf(funcname).at(-1) !== 'setval') return noEffect;
  const written = textOf(args?.[0]) ?? sequenceOfColumn(args?.[0]);
  const parts = written?.split('.').map((part) => part.replaceAll('"', '')) ?? [];
  const name = { schema: parts.length > 1 ? (parts.at(-2) ?? null) : null, name: parts.at(-1) ?? '' };
  const age = written === null ? 'old' : schema.ageOf(name);
  return age === 'new'
    ? noEffect
    : { loss: 'data', lossOf: age === 'since' ? 'since' : 'old', hidden: false, inner: [] };
};

type Argument = NonNullable<FuncCall['args']>[number] | undefined;

const textOf = (node: Argument): string | null => {
  if (node !== undefined && 'TypeCast' in node) return textOf(node.TypeCast.arg);
  return node !== undefined && 'A_Const' in node ? (node.A_Const.sval?.sval ?? null) : null;
};

/** The table in `pg_get_serial_sequence('t', 'c')`: its sequence is as old as the table. */
const sequenceOfColumn = (node: Argument): string | null =>
  node !== undefined && 'FuncCall' in node && partsOf(node.FuncCall.funcname).at(-1) === 'pg_get_serial_sequence'
    ? textOf(node.FuncCall.args?.[0])
    : null;

export const effectOfCalls = (calls: readonly (readonly string[])[], around: Surroundings): Effect => {
  const names = new Map(calls.map((parts) => [parts.join('.'), parts]));
  return names.size === 0 ? noEffect : togetherOf([...names.values()].map((parts) => effectOfCall(parts, around)));
};

/** What the functions called anywhere in a tree do, and those in the checks of the domains it casts to. */
export const effectOfTree = (tree: unknown, around: Surroundings): Effect => {
  const calls = callsIn(tree);
  if (calls.length === 0) return noEffect;
  const effect = effectOfCalls(calls, around);
  if (!calls.some((parts) => parts.at(-1) === 'setval')) return effect;
  return togetherOf([effect, ...functionCallsIn(tree).map((call) => effectOfSetval(call, around))]);
};
