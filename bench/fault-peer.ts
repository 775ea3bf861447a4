import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataApiRequest, type Disturbance, type Fault, startDataApi } from '../lib/local/data-api/index.ts';
import type { FaultServer } from '../test/faults/server.ts';
import { credentials, type Peer, type Ready } from './contestant.ts';
import {
  type Attempt,
  type FaultAt,
  type FaultContestant,
  isConverged,
  lookAt,
  referenceFor,
  type Report,
  rerunsAtMost,
} from './fault-cases.ts';
import { SteppedClock } from './stepped-clock.ts';

const resourceArn = 'arn:aws:rds:eu-central-1:000000000000:cluster:bench';
const secretArn = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:bench';
const fiveMinutesMs = 300_000;

/** Something that happens once. */
class Signal {
  give!: () => void;
  readonly given = new Promise<void>((resolve) => (this.give = resolve));
}

/** Does the one fault, in the first run. */
class Disturber {
  calls = 0;
  readonly killed = new Signal();
  readonly runEnded = new Signal();
  readonly caseEnded = new Signal();
  readonly #later: { readonly call: number; give(): void }[] = [];
  readonly #fault: FaultAt | null;
  #late: Promise<void> | undefined;

  constructor(fault: FaultAt | null) {
    this.#fault = fault;
  }

  async onRequest(_request: DataApiRequest): Promise<Disturbance | 'pass'> {
    this.calls += 1;
    for (const { call, give } of this.#later) if (this.calls >= call) give();
    if (this.#fault?.call !== this.calls) return 'pass';
    const { kind, call } = this.#fault;
    if (kind === 'runner-killed') {
      this.killed.give();
      await this.caseEnded.given;
      return { fault: 'request-lost' };
    }
    if (kind !== 'late-soon' && kind !== 'late-end') return { fault: kind satisfies Fault };
    const due = new Signal();
    if (kind === 'late-soon') this.#later.push({ call: call + 2, give: due.give });
    void this.runEnded.given.then(due.give);
    this.#late = due.given;
    return { fault: 'request-late', late: due.given };
  }

  /** Resolves when what was held back has had its time. */
  async settled(): Promise<void> {
    this.runEnded.give();
    if (this.#late === undefined) return;
    await this.#late;
    await sleep(30);
  }
}

/** After so many seconds without a call, and four minutes of the Data API's time, a run hangs for good: its user ends it. */
const hungAfterSeconds = 5;

/** Statements that run, and do not wait for anybody's lock. */
const atWork = `select 1 from pg_stat_activity
  where datname = $1 and application_name = 'bench' and state = 'active' and wait_event_type is distinct from 'Lock'`;

/** While nobody calls for a second and nothing runs, everyone waits for somebody's lock or limit: time passes. */
const whileTimePasses = async (
  clock: SteppedClock,
  { calls, isIdle }: { calls(): number; isIdle(): Promise<boolean> },
  work: Promise<Report>,
): Promise<Report> => {
  const state = { ended: false };
  const hung = async (): Promise<Report> => {
    for (let silent = 0, seen = calls(); !state.ended && silent < hungAfterSeconds; seen = calls()) {
      await sleep(1000);
      silent = calls() === seen && (await isIdle()) ? silent + 1 : 0;
      if (silent > 0 && !state.ended) clock.pass(46_000);
    }
    return { said: 'nothing' };
  };
  try {
    return await Promise.race([work, hung()]);
  } finally {
    state.ended = true;
  }
};

const reportOf = (ready: Ready, disturber: Disturber): Promise<Report> => {
  const run = ready.apply().then(
    (): Report => ({ said: 'applied' }),
    (error: unknown): Report => ({ said: 'failed', at: ready.failedAt?.(error)?.slice(0, 14) ?? null }),
  );
  return Promise.race([run, disturber.killed.given.then((): Report => ({ said: 'nothing' }))]);
};

/** A peer with a Data API, a database and a directory of its own for each case. A day's limits pass at once, and between two runs five minutes. */
export const faultPeer = (peer: Peer, server: FaultServer, template: string): FaultContestant => {
  let cases = 0;
  return {
    name: peer.name,
    play: async (fault) => {
      const database = await server.database(template);
      const disturber = new Disturber(fault);
      const clock = new SteppedClock();
      const connect = () => ({ connectionString: server.url(database), application_name: 'bench' });
      const dataApi = await startDataApi({
        credentials,
        clock,
        seed: cases,
        clusters: [{ resourceArn, secretArn, connect }],
        onRequest: (request) => disturber.onRequest(request),
      });
      const openAgain = (): ReturnType<Peer['open']> => {
        cases += 1;
        const scratch = join(server.directory, `peer_${peer.name.split(' ')[0]}_${cases}`);
        mkdirSync(scratch);
        return peer.open({
          dataApiUrl: dataApi.url,
          resourceArn,
          secretArn,
          region: 'eu-central-1',
          migrations: referenceFor(peer.concurrently),
          postgresUrl: (name) => server.url(name),
          scratch,
        });
      };
      const isIdle = async (): Promise<boolean> => (await server.query(atWork, [database])).rows.length === 0;
      const attempts: Attempt[] = [];
      const opened: Awaited<ReturnType<Peer['open']>>[] = [];
      let calls = 0;
      const calm = new Disturber(null);
      try {
        for (let run = 0; run <= rerunsAtMost; run += 1) {
          const before = await lookAt(server.url(database));
          // each run is a process of its own
          const contestant = await openAgain();
          opened.push(contestant);
          const ready = await contestant.ready(database, 0);
          const report = await whileTimePasses(
            clock,
            { calls: () => disturber.calls, isIdle },
            reportOf(ready, run === 0 ? disturber : calm),
          );
          if (run === 0) {
            calls = disturber.calls;
            await disturber.settled();
          }
          // what runs on without anyone waiting for it comes to its end
          for (let look = 0; look < 100 && !(await isIdle()); look += 1) await sleep(20);
          const after = await lookAt(server.url(database));
          attempts.push({ report, before, after });
          if (fault === null || isConverged(attempts.at(-1)!)) break;
          clock.pass(fiveMinutesMs);
        }
        return { calls, attempts };
      } finally {
        disturber.caseEnded.give();
        for (const contestant of opened) await contestant.close?.();
        await dataApi.close();
        await server.drop(database);
      }
    },
  };
};
