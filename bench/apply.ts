import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { buildDist } from './commands.ts';
import type { Contestant, Peer, Surroundings } from './contestant.ts';
import { openDirect } from './direct.ts';
import { hundredTables, manifestOf } from './hundred-tables.ts';
import { machine } from './machine.ts';
import { openApplyAlone, openWholePath } from './ours.ts';
import { openStage, type Stage } from './stage.ts';
import { median, rounded } from './statistics.ts';
import { markdownTable } from './table.ts';

/** Added to each Data API call. */
type Latency = 0 | 10;
const roundsAt: Readonly<Record<Latency, number>> = { 0: 7, 10: 3 };
const peerFiles = ['drizzle', 'kysely', 'umzug'];

interface Sample {
  readonly ms: number;
  readonly calls: number;
  readonly noopCalls: number;
}

interface Entrant {
  readonly name: string;
  readonly contestant: Contestant;
  readonly samples: Readonly<Record<Latency, Sample[]>>;
}

const enter = (name: string, contestant: Contestant): Entrant => ({ name, contestant, samples: { 0: [], 10: [] } });

interface Field {
  readonly direct: Entrant;
  readonly applyAlone: Entrant;
  readonly wholePath: Entrant;
  readonly peers: readonly Entrant[];
}

const openField = async (stage: Stage): Promise<Field> => {
  const manifest = await manifestOf(hundredTables);
  const surroundings = (scratch: string): Surroundings => {
    mkdirSync(join(stage.directory, scratch));
    return { ...stage, migrations: hundredTables, scratch: join(stage.directory, scratch) };
  };
  const peers: Entrant[] = [];
  for (const file of peerFiles) {
    const { peer } = (await import(new URL(`./peers/${file}.ts`, import.meta.url).href)) as { peer: Peer };
    peers.push(enter(peer.name, await peer.open(surroundings(file))));
  }
  return {
    direct: enter('the same SQL, direct, no ledger', openDirect(surroundings('direct'))),
    applyAlone: enter('lockkeeper, the apply call alone', openApplyAlone(surroundings('alone'), manifest)),
    wholePath: enter('lockkeeper, whole path', openWholePath(surroundings('whole'), manifest)),
    peers,
  };
};

const sampleOf = (stage: Stage, { contestant }: Entrant, latency: Latency, again: boolean): Promise<Sample> =>
  stage.onFreshDatabase(async (database) => {
    stage.setLatency(0);
    const ready = await contestant.ready(database, latency);
    const calls = (): number => (ready.calls ?? stage.calls)();
    try {
      stage.setLatency(latency);
      const before = calls();
      const beganAtMs = performance.now();
      await ready.apply();
      const ms = performance.now() - beganAtMs;
      const applied = calls();
      if (again) await ready.apply();
      return { ms, calls: applied - before, noopCalls: calls() - applied };
    } finally {
      await ready.release?.();
    }
  });

/** Round by round, each entrant in turn, so that a slow minute of the machine is everyone's; the quick ones that ratios rest on come more often. */
const turns = ({ direct, applyAlone, wholePath, peers }: Field, latency: Latency): readonly Entrant[] => {
  const quick = latency === 0 ? [direct, applyAlone] : [applyAlone];
  return [...quick, wholePath, ...quick, ...peers, ...quick];
};

/** The first round warms up and is not kept. */
const runRounds = async (stage: Stage, field: Field, say: (line: string) => void): Promise<void> => {
  for (const latency of [0, 10] as const) {
    for (let round = latency === 0 ? 0 : 1; round <= roundsAt[latency]; round += 1) {
      say(`${latency} ms a call, round ${round} of ${roundsAt[latency]}`);
      for (const entrant of turns(field, latency)) {
        const sample = await sampleOf(stage, entrant, latency, entrant !== field.direct);
        if (round > 0) entrant.samples[latency].push(sample);
      }
    }
  }
};

const medianMs = ({ samples }: Entrant, latency: Latency): number => median(samples[latency].map(({ ms }) => ms));
/** The most that a sample took. */
const most = ({ samples }: Entrant, count: 'calls' | 'noopCalls'): number =>
  Math.max(...[...samples[0], ...samples[10]].map((sample) => sample[count]));

const figuresOf = ({ direct, applyAlone, wholePath, peers }: Field) => ({
  calls: most(wholePath, 'calls'),
  noopCalls: most(wholePath, 'noopCalls'),
  applyToDirect: rounded(medianMs(applyAlone, 0) / medianMs(direct, 0), 2),
  bestPeerToApplyAt10ms: rounded(Math.min(...peers.map((peer) => medianMs(peer, 10))) / medianMs(applyAlone, 10), 1),
  wholePathMs: rounded(medianMs(wholePath, 0), 0),
  wholePathMs10: rounded(medianMs(wholePath, 10), 0),
  applyMs: rounded(medianMs(applyAlone, 0), 0),
  applyMs10: rounded(medianMs(applyAlone, 10), 0),
  directMs: rounded(medianMs(direct, 0), 0),
  peers: peers.map((peer) => ({
    name: peer.name,
    calls: most(peer, 'calls'),
    ms0: rounded(medianMs(peer, 0), 0),
    ms10: rounded(medianMs(peer, 10), 0),
    noopCalls: most(peer, 'noopCalls'),
  })),
});

const tableOf = ({ direct, applyAlone, wholePath, peers }: Field): string =>
  markdownTable(
    ['100 migrations', 'calls', 'ms at 0 ms', 'ms at 10 ms', 'calls, nothing to do'],
    [wholePath, applyAlone, direct, ...peers].map((entrant) => [
      entrant.name,
      entrant === direct ? '–' : most(entrant, 'calls'),
      rounded(medianMs(entrant, 0), 0),
      entrant === direct ? '–' : rounded(medianMs(entrant, 10), 0),
      entrant === direct || entrant === applyAlone ? '–' : most(entrant, 'noopCalls'),
    ]),
  );

/** A hundred migrations of one `CREATE TABLE` each, ours beside the others, with 0 and 10 ms added to each Data API call. */
export const apply: Bench = {
  measure: async (say) => {
    const where = machine();
    buildDist(say);
    const stage = await openStage();
    try {
      const field = await openField(stage);
      try {
        await runRounds(stage, field, say);
      } finally {
        const entrants = [field.direct, field.applyAlone, field.wholePath, ...field.peers];
        for (const { contestant } of entrants) await contestant.close?.();
      }
      const figures = figuresOf(field);
      return {
        figures,
        how:
          `${where}, ${stage.postgres}; a new database for each sample, ` +
          `medians of ${roundsAt[0]} rounds at 0 ms and ${roundsAt[10]} at 10 ms (apply alone and direct three times a round), contestants in turn in one process; ` +
          `apply to direct ${figures.applyToDirect}, best peer to apply at 10 ms ${figures.bestPeerToApplyAt10ms}`,
        table: tableOf(field),
      };
    } finally {
      await stage.close();
    }
  },
};
