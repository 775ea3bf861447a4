import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import type { Contestant, Peer } from './contestant.ts';
import { openDirect } from './direct.ts';
import { hundredTables } from './hundred-tables.ts';
import { machine } from './machine.ts';
import { openStage, type Stage } from './stage.ts';
import { median, rounded } from './statistics.ts';
import { markdownTable } from './table.ts';

/** Added per Data API call; the second is about what a call inside a region costs more than one over loopback. */
const latencies = [0, 10] as const;
type Latency = (typeof latencies)[number];
const roundsAt: Readonly<Record<Latency, number>> = { 0: 7, 10: 3 };
const peerFiles = ['drizzle', 'kysely', 'umzug'];

interface Sample {
  readonly ms: number;
  readonly calls: number;
  readonly noopCalls: number;
}

interface Entrant {
  readonly name: string;
  readonly kind: 'direct' | 'ours' | 'peer';
  readonly contestant: Contestant;
  readonly samples: Readonly<Record<Latency, Sample[]>>;
}

const sampleOf = (stage: Stage, { contestant, kind }: Entrant): Promise<Sample> =>
  stage.onFreshDatabase(async (database) => {
    const ready = await contestant.ready(database);
    try {
      const before = stage.calls();
      const beganAtMs = performance.now();
      await ready.apply();
      const ms = performance.now() - beganAtMs;
      const applied = stage.calls();
      if (kind !== 'direct') await ready.apply();
      return { ms, calls: applied - before, noopCalls: stage.calls() - applied };
    } finally {
      await ready.release?.();
    }
  });

export const apply: Bench = {
  measure: async (say) => {
    const stage = await openStage();
    const entrants: Entrant[] = [];
    const enter = (name: string, kind: Entrant['kind'], contestant: Contestant): void =>
      void entrants.push({ name, kind, contestant, samples: { 0: [], 10: [] } });
    try {
      enter('direct', 'direct', openDirect({ ...stage, migrations: hundredTables, scratch: stage.directory }));
      for (const file of peerFiles) {
        const { peer } = (await import(new URL(`./peers/${file}.ts`, import.meta.url).href)) as { peer: Peer };
        const scratch = join(stage.directory, file);
        mkdirSync(scratch);
        enter(peer.name, 'peer', await peer.open({ ...stage, migrations: hundredTables, scratch }));
      }
      for (const entrant of entrants) {
        console.error(entrant.name, await sampleOf(stage, entrant), await sampleOf(stage, entrant));
      }
      stage.setLatency(10);
      for (const entrant of entrants) {
        console.error(entrant.name, await sampleOf(stage, entrant));
      }
    } finally {
      for (const { contestant } of entrants) await contestant.close?.();
      await stage.close();
    }
    return {
      figures: {},
      how: machine(),
      table: markdownTable(['a', 'b'], []) + String(rounded(median([1]), 2) + roundsAt[0]) + say.length,
    };
  },
};
