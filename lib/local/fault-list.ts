import { LockkeeperError } from '../errors/index.ts';

/** One fault of a schedule: what happens to the n-th call. */
export interface FaultAt<Operation extends string = string, Kind extends string = string> {
  /** Counted from 1: among the calls of `operation`, or among all when none is named. */
  readonly call: number;
  readonly operation?: Operation;
  readonly kind: Kind;
}

const members: readonly string[] = ['call', 'operation', 'kind'] satisfies (keyof FaultAt)[];

/**
 * What a schedule says of each call; asked once a call, in their order.
 * @throws LockkeeperError `UsageInvalid` for an operation or a kind that is not among those known, a call that is no number, and a member that is none of these
 */
export const readFaults = <Operation extends string, Kind extends string>(
  faults: readonly FaultAt<Operation, Kind>[],
  known: { readonly operations: readonly Operation[]; readonly kinds: readonly Kind[] },
): ((operation: string) => Kind | undefined) => {
  for (const fault of faults) {
    const { call, operation, kind } = fault;
    const strange = Object.keys(fault).find((key) => !members.includes(key));
    if (strange !== undefined) throw unknown('member', strange, members);
    if (!Number.isInteger(call) || call < 1) throw unknown('call', String(call), ['whole numbers from 1']);
    if (operation !== undefined && !known.operations.includes(operation))
      throw unknown('operation', operation, known.operations);
    if (!known.kinds.includes(kind)) throw unknown('kind', kind, known.kinds);
  }
  const counts = new Map<string, number>();
  const next = (key: string): number => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };
  return (operation) => {
    const [ofAll, ofThese] = [next(''), next(operation)];
    return faults.find((each) =>
      each.operation === undefined ? each.call === ofAll : each.operation === operation && each.call === ofThese,
    )?.kind;
  };
};

const unknown = (what: string, found: string, known: readonly string[]): LockkeeperError =>
  new LockkeeperError('UsageInvalid', `the fault names the unknown ${what} ${found}; known are ${known.join(', ')}`);
