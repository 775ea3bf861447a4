import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { installPeers } from './install-peers.ts';

/** Each bench is loaded when it is asked for, since some import what a fresh checkout may lack. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  apply: async () => (await import('./apply.ts')).apply,
  check: async () => (await import('./check.ts')).check,
  faults: async () => (await import('./faults.ts')).faults,
  fixtures: async () => (await import('./fixtures.ts')).fixtures,
  start: async () => (await import('./start.ts')).start,
};

const usage = 64;
const say = (line: string): void => console.error(line);
const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' } },
  allowPositionals: true,
  strict: false,
});
const [name = ''] = positionals;
const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (load === undefined) {
  const known = Object.keys(benches).join(', ');
  console.error(`${name === '' ? 'no bench was named' : `no such bench: ${name}`}; expected one of: ${known}`);
  process.exitCode = usage;
} else {
  installPeers(say);
  const { figures, how, table } = await (await load()).measure(say);
  console.log(values['json'] === true ? JSON.stringify({ name, figures, how }) : `${table}\n\n${how}`);
}
