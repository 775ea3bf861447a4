import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { partsOf } from './plan.ts';
import { UsageError } from './usage-error.ts';

/** What the command line of `npm run faults` asks for. */
export interface FaultOptions {
  readonly json: boolean;
  readonly full: boolean;
  /** The one schedule to play again. */
  readonly seed: number | null;
  /** Only these parts, `mutants` among them. */
  readonly only: ReadonlySet<string> | null;
  /** Every n-th schedule only. */
  readonly sample: number;
  /** Each has a PostgreSQL of its own. */
  readonly processes: number;
  /** Where a full run keeps what it has played, to go on from. */
  readonly progress: string | undefined;
  readonly fresh: boolean;
  /** A child of the run. */
  readonly share: boolean;
}

const known = {
  json: { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  seed: { type: 'string' },
  only: { type: 'string' },
  sample: { type: 'string' },
  processes: { type: 'string' },
  progress: { type: 'string' },
  fresh: { type: 'boolean', default: false },
  share: { type: 'boolean', default: false },
} as const;

const names = Object.keys(known)
  .filter((name) => name !== 'share')
  .map((name) => `--${name}`)
  .join(', ');

type Values = ReturnType<typeof parseArgs<{ options: typeof known }>>['values'];

const parse = (args: readonly string[]): Values => {
  try {
    return parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    const [said = ''] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${said.charAt(0).toLowerCase()}${said.slice(1)}; known are ${names}`);
  }
};

/** @throws UsageError for anything but digits that are at least `least` */
const numberOf = (name: string, text: string, least: number): number => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || !Number.isSafeInteger(number))
    throw new UsageError(`--${name} is "${text}", expected a whole number from ${least}`);
  return number;
};

/** @throws UsageError where nothing can be kept */
const checkPlace = (file: string): void => {
  const found = existsSync(file);
  if (found && !statSync(file).isFile()) throw new UsageError(`--progress names ${file}, which is no file`);
  const place = found ? file : dirname(file);
  try {
    accessSync(place, constants.W_OK);
  } catch {
    throw new UsageError(
      `--progress names ${file}, and ${place} ${existsSync(place) ? 'cannot be written to' : 'does not exist'}`,
    );
  }
};

/** @throws UsageError that names the option, what was found and what was expected */
export const readOptions = (args: readonly string[]): FaultOptions => {
  const values = parse(args);
  const { json, full, seed, only, sample, processes, progress, fresh, share } = values;
  const beside = (['json', 'full', 'only', 'sample', 'processes', 'progress', 'fresh'] as const).find(
    (name) => values[name],
  );
  if (seed !== undefined && beside !== undefined)
    throw new UsageError(`--seed plays one schedule again, and --${beside} is about a run of many`);
  for (const name of ['progress', 'fresh'] as const)
    if (values[name] && !full)
      throw new UsageError(`--${name} is about what a full run keeps, and --full is not there`);
  if (progress !== undefined) checkPlace(progress);
  return {
    json,
    full,
    seed: seed === undefined ? null : numberOf('seed', seed, 0),
    only: partsOf(only),
    sample: numberOf('sample', sample ?? '1', 1),
    processes: numberOf('processes', processes ?? '2', 1),
    progress,
    fresh,
    share,
  };
};
