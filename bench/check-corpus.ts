import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const corpora = resolve(import.meta.dirname, '../../shared/corpora');
const names = ['authelia', 'chirpstack', 'concourse', 'svix'] as const;

interface Pair {
  readonly up: string;
  readonly down: string;
  readonly upAlone: boolean;
  readonly downAlone: boolean;
}

const isEmpty = (sql: string): boolean => sql.replaceAll(/--.*$|\/\*[\s\S]*?\*\//gm, '').trim() === '';

const pairsOf = (name: string): Pair[] => {
  const directory = join(corpora, name);
  const files = readdirSync(directory);
  const read = (id: string, side: 'up' | 'down'): readonly [string, boolean] => {
    const alone = files.includes(`${id}.${side}.notx.sql`);
    const file = `${id}.${side}${alone ? '.notx' : ''}.sql`;
    const text = files.includes(file) ? readFileSync(join(directory, file), 'utf8') : '';
    return [text.replaceAll('/* TEMPLATE: schema */', ''), alone];
  };
  return [...new Set(files.map((file) => file.replace(/\.(up|down)(\.notx)?\.sql$/, '')))]
    .toSorted()
    .map((id) => {
      const [up, upAlone] = read(id, 'up');
      const [down, downAlone] = read(id, 'down');
      return { up, down, upAlone, downAlone };
    })
    .filter(({ up }) => !isEmpty(up));
};

const marker = (side: string, alone: boolean): string => `-- migrate:${side}${alone ? ' transaction:false' : ''}`;

const fileOf = ({ up, down, upAlone, downAlone }: Pair, round: number): string => {
  // a schema of its own for each round, so that every object is a new one
  const path = `SET LOCAL search_path = round_${round};\n`;
  const within = (sql: string, alone: boolean): string => (alone ? sql : `${path}${sql}`);
  const head = isEmpty(down) ? '-- irreversible: the project has no down script for this\n\n' : '';
  const below = isEmpty(down) ? '' : `\n${marker('down', downAlone)}\n${within(down, downAlone)}\n`;
  return `${head}${marker('up', upAlone)}\n${within(up, upAlone)}\n${below}`;
};

/** A version for each position, a minute apart. */
const versionAt = (at: number): string =>
  new Date(Date.UTC(2000, 0, 1) + at * 60_000).toISOString().replaceAll(/\D/g, '').slice(0, 14);

export const hasCorpora = (): boolean => existsSync(corpora);

/** Writes a project of `count` real migrations, the corpora again and again, and the ups as plain SQL beside it; answers its directory. */
export const writeCheckProject = (count: number): { readonly directory: string; readonly plain: readonly string[] } => {
  const directory = mkdtempSync(join(tmpdir(), `lockkeeper-check-${count}-`));
  mkdirSync(join(directory, 'migrations'));
  mkdirSync(join(directory, 'plain'));
  const pairs = names.flatMap(pairsOf);
  const plain: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const pair = pairs[at % pairs.length];
    if (pair === undefined) throw new Error('the corpora are empty');
    const name = `${versionAt(at)}-make-step-${at}.sql`;
    writeFileSync(join(directory, 'migrations', name), fileOf(pair, Math.floor(at / pairs.length)));
    const path = join(directory, 'plain', name);
    writeFileSync(path, pair.up);
    plain.push(path);
  }
  return { directory, plain };
};
