import type { Bench } from './bench.ts';
import type { Peer } from './contestant.ts';
import { type FaultAt, type FaultContestant, faultKinds, isConverged, judge, rerunsAtMost } from './fault-cases.ts';
import { faultOurs } from './fault-ours.ts';
import { faultPeer } from './fault-peer.ts';
import { machine } from './machine.ts';
import { markdownTable } from './table.ts';
import { startFaultServer } from '../test/faults/server.ts';
import { makeTemplates } from '../test/faults/templates.ts';

const peerFiles = ['drizzle', 'kysely', 'umzug'];
/** Cases at once: most of their time is waiting. */
const lanes = 4;

const outcomes = ['appliedTwice', 'neverConverges', 'wrongReport'] as const;

interface Result {
  readonly name: string;
  readonly calls: number;
  readonly schedules: number;
  readonly appliedTwice: number;
  readonly neverConverges: number;
  readonly wrongReport: number;
  /** In how many schedules the disturbed run itself did it all, once, and said so. */
  readonly unharmed: number;
  /** Which kinds led to each, with how many schedules. */
  readonly by: Readonly<Record<(typeof outcomes)[number], Readonly<Record<string, number>>>>;
}

const playAll = async (contestant: FaultContestant, say: (line: string) => void): Promise<Result> => {
  const undisturbed = await contestant.play(null);
  if (!isConverged(undisturbed.attempts[0]!))
    throw new Error(`${contestant.name} does not apply the changelog undisturbed`);
  const { calls } = undisturbed;
  const left: FaultAt[] = faultKinds.flatMap((kind) =>
    Array.from({ length: calls }, (_, at) => ({ call: at + 1, kind })),
  );
  say(`${contestant.name}, ${left.length} schedules`);
  const counts = { appliedTwice: 0, neverConverges: 0, wrongReport: 0, unharmed: 0, schedules: left.length };
  const by: Record<(typeof outcomes)[number], Record<string, number>> = {
    appliedTwice: {},
    neverConverges: {},
    wrongReport: {},
  };
  const lane = async (): Promise<void> => {
    for (let fault = left.pop(); fault !== undefined; fault = left.pop()) {
      const { attempts } = await contestant.play(fault);
      const judged = judge(attempts);
      if (isConverged(attempts[0]!) && !judged.appliedTwice) counts.unharmed += 1;
      for (const outcome of outcomes) {
        if (!judged[outcome]) continue;
        counts[outcome] += 1;
        by[outcome][fault.kind] = (by[outcome][fault.kind] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { name: contestant.name, calls, ...counts, by };
};

/** Each kind of fault at each Data API call of a run, ours beside the others; then, as its user would, the same run again. */
export const faults: Bench = {
  measure: async (say) => {
    const where = machine();
    const server = await startFaultServer();
    try {
      const { empty } = await makeTemplates(server, 'bench', undefined, false);
      const contestants = [faultOurs(server, empty)];
      for (const file of peerFiles) {
        const { peer } = (await import(new URL(`./peers/${file}.ts`, import.meta.url).href)) as { peer: Peer };
        contestants.push(faultPeer(peer, server, empty));
      }
      const results: Result[] = [];
      for (const contestant of contestants) results.push(await playAll(contestant, say));
      return {
        figures: { contestants: results },
        how:
          `${where}; ${faultKinds.length} kinds of fault at each Data API call of a run of the reference changelog from an empty database, ` +
          `then up to ${rerunsAtMost} undisturbed runs; the database looked at over a connection of its own after each`,
        table: markdownTable(
          ['one fault a run', 'calls', 'schedules', 'done at once', 'applied twice', 'never converges', 'wrong report'],
          results.map(({ name, calls, schedules, unharmed, appliedTwice, neverConverges, wrongReport }) => [
            name,
            calls,
            schedules,
            unharmed,
            appliedTwice,
            neverConverges,
            wrongReport,
          ]),
        ),
      };
    } finally {
      await server.close();
    }
  },
};
