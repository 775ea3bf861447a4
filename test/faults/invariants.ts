import { runnerOf } from './telling.ts';

/** A row of the ledger. */
export interface Entry {
  readonly version: string;
  readonly state: string;
  readonly revision: number;
  readonly checksum: string;
  readonly token: number;
  readonly done: number;
  readonly run: string;
  readonly snapshot: string | null;
  readonly before: string | null;
}

export interface Event {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly run: string | null;
  readonly version: string | null;
  readonly token: number | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What is in the schema. */
export interface Facts {
  readonly tables: boolean;
  readonly legacy: boolean;
  readonly constraint: boolean;
  readonly index: 'valid' | 'invalid' | 'absent';
  readonly entries: Readonly<Record<string, number>>;
  readonly tally: Readonly<Record<string, number>>;
  readonly accounts: number;
}

/** A database at one instant. */
export interface Seen {
  readonly lease: { readonly token: number; readonly holder: string | null };
  readonly entries: readonly Entry[];
  readonly events: readonly Event[];
  readonly facts: Facts;
}

/** Told what broke, by the invariant's number. */
export type Bad = (invariant: string, what: string) => void;

/** The versions of the reference run, in order: tables, once, deferred, alone, destroys, last. */
export const versions = [
  '20250101000100',
  '20250101000200',
  '20250101000300',
  '20250101000400',
  '20250101000500',
  '20250101000600',
] as const;
const [tables, once, deferred, alone, destroys, last] = versions;

/** I1, I2, I5: each migration's effect is there exactly when its row says so, and once. */
export const effects = ({ entries, events, facts }: Seen, bad: Bad): void => {
  if ('half' in facts) return bad('I2', 'only one of the two tables is there');
  const state = (version: string): string => entries.find((each) => each.version === version)?.state ?? 'absent';
  const isUp = (version: string): boolean => state(version) === 'applied';
  const count = (kind: string, version: string): number =>
    events.filter((each) => each.kind === kind && each.version === version).length;
  const same = (version: string, what: string, there: boolean): void => {
    if (there !== isUp(version))
      bad('I2', `${version} is ${state(version)} and ${what} is ${there ? 'there' : 'not there'}`);
  };
  same(tables, 'its tables', facts.tables);
  if (facts.tables) {
    same(deferred, 'its constraint', facts.constraint);
    same(destroys, 'the drop of its column', !facts.legacy);
  }
  const entry = (what: string): number => facts.entries[what] ?? 0;
  for (const [version, what] of [
    [once, 'once'],
    [deferred, 'before its account'],
    [last, 'last'],
  ] as const) {
    if (entry(what) > 1) bad('I1', `the row of ${version} is there ${entry(what)} times`);
    same(version, 'its row', entry(what) > 0);
  }
  for (const what of ['of nobody', 'canceled', 'asserted', 'meddled'])
    if (entry(what) > 0) bad('I2', `the row '${what}' of a failed migration is there`);
  const tally = (what: string): number => facts.tally[what] ?? 0;
  for (const [what, kind] of [
    ['once up', 'applied'],
    ['once down', 'reverted'],
  ] as const)
    if (tally(what) !== count(kind, once))
      bad('I1', `'${what}' ran ${tally(what)} times, the ledger says ${count(kind, once)}`);
  const ran = events.filter(
    ({ kind, version, detail }) => kind === 'statement' && version === alone && 'revision' in detail,
  ).length;
  if (tally('alone up') + tally('alone down') !== ran)
    bad(
      'I1',
      `the statements in transactions of ${alone} ran ${tally('alone up') + tally('alone down')} times, the ledger says ${ran}`,
    );
  const own = entries.find(({ version }) => version === alone);
  const built = own?.state === 'applied' || (own?.state === 'applying' && own.done >= 1);
  if (built && facts.index !== 'valid')
    bad('I5', `${alone} is ${own.state} with ${own.done} statements done and its index is ${facts.index}`);
  if ((own === undefined || own.state === 'reverted') && facts.index !== 'absent')
    bad('I5', `${alone} is ${own?.state ?? 'absent'} and its index is ${facts.index}`);
  const up = entries
    .map(({ version, state: each }) => [version, each] as const)
    .filter(([, each]) => each !== 'reverted');
  up.forEach(([version], at) => {
    if (version !== versions[at])
      bad('I2', `the ledger skips ${versions[at]}: it holds ${up.map(([each]) => each).join()}`);
  });
};

const writing = new Set(['applied', 'reverted', 'statement', 'intent', 'snapshot', 'failed']);

/** I7, I11: tokens in the ledger never go down, and none writes after its end. */
export const order = ({ entries, events, lease }: Seen, bad: Bad): void => {
  let highest = 0;
  let ended = 0;
  const takenOver = new Set<unknown>();
  for (const { kind, token, version, run, detail } of events) {
    if (token === null) continue;
    if (writing.has(kind)) {
      if (token < highest) bad('I7', `${kind} ${version} under token ${token} after token ${highest}`);
      if (token <= ended) bad('I7', `${kind} ${version} of ${runnerOf(run)} under token ${token}, which had ended`);
      if (takenOver.has(run))
        bad('I7', `${kind} ${version} of ${runnerOf(run)}, which another run had taken over from`);
    }
    highest = Math.max(highest, token);
    if (kind === 'taken-over') takenOver.add(detail['from']);
    if (kind === 'begun') takenOver.delete(run);
    if (kind === 'ended') ended = Math.max(ended, token);
  }
  for (const { version, token } of entries)
    if (token > lease.token) bad('I7', `${version} has token ${token}, the lease only ${lease.token}`);
};
