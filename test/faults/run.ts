import { startFaultServer } from './server.ts';
import { type Played, makeTemplates, measureBaseline, play, playSeeds } from './suite.ts';
import { scheduleOf, seedOf, sizes } from './schedules.ts';

const server = await startFaultServer();
process.once('SIGINT', () => void server.close().finally(() => process.exit(130)));
try {
  const templates = await makeTemplates(server, 'base');
  const baseline = await measureBaseline(server, templates);
  console.log(baseline, sizes(baseline));
  const at = process.argv.indexOf('--seed');
  if (at > 0) {
    const schedule = scheduleOf(Number(process.argv[at + 1]), baseline);
    console.log(JSON.stringify(schedule));
    const { outcome } = await play(server, templates, schedule);
    console.log(outcome.trace.join('\n'));
    console.log(outcome.violations);
  } else {
    const [part = 'single', from = '0', to = '10', step = '1'] = process.argv.slice(2);
    const seeds: number[] = [];
    for (let i = Number(from); i < Math.min(Number(to), sizes(baseline)[part as 'single'] ?? 1e9); i += Number(step))
      seeds.push(seedOf(part as 'single', i));
    let n = 0;
    const began = performance.now();
    await playSeeds(server, templates, baseline, seeds, ({ schedule, outcome, ms }: Played) => {
      n += 1;
      if (outcome.violations.length > 0)
        console.log(
          schedule.seed,
          JSON.stringify(
            schedule.runners.map((r) => [r.machine, ...r.faults.map((f) => `${f.service}${f.call} ${f.kind}`)]),
          ),
          JSON.stringify(schedule.interleaving ?? ''),
          outcome.violations.map((v) => `${v.invariant} ${v.what.slice(0, 220)} [${v.when}]`),
          Math.round(ms),
        );
      else if (ms > 3000)
        console.log('slow', schedule.seed, Math.round(ms), JSON.stringify(schedule.runners[0]?.faults));
    });
    console.log(n, 'played in', Math.round(performance.now() - began), 'ms');
  }
} finally {
  await server.close();
}
