import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Real up/down pairs of public projects, beside the checkout; absent on most machines. */
const corporaDirectory = resolve(import.meta.dirname, '../../../shared/corpora');

export const corpusNames = ['authelia', 'chirpstack', 'concourse', 'svix'] as const;
export type CorpusName = (typeof corpusNames)[number];

/** The projects that are there. */
export const corporaPresent: readonly CorpusName[] = corpusNames.filter((name) =>
  existsSync(join(corporaDirectory, name)),
);

interface Pair {
  /** `0000__V0001.Initial_Schema`. */
  readonly id: string;
  readonly up: string;
  readonly down: string;
  readonly upAlone: boolean;
  readonly downAlone: boolean;
}

const isEmpty = (sql: string): boolean =>
  sql
    .replace(/--.*$/gm, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .trim() === '';

const pairsOf = (name: CorpusName): Pair[] => {
  const directory = join(corporaDirectory, name);
  const files = readdirSync(directory);
  const read = (id: string, side: 'up' | 'down') => {
    const alone = files.includes(`${id}.${side}.notx.sql`);
    const file = alone ? `${id}.${side}.notx.sql` : `${id}.${side}.sql`;
    const text = files.includes(file) ? readFileSync(join(directory, file), 'utf8') : '';
    return { alone, text: text.replaceAll('/* TEMPLATE: schema */', '') };
  };
  const ids = [...new Set(files.map((file) => file.replace(/\.(up|down)(\.notx)?\.sql$/, '')))].toSorted();
  return ids.map((id) => {
    const [up, down] = [read(id, 'up'), read(id, 'down')];
    return { id, up: up.text, down: down.text, upAlone: up.alone, downAlone: down.alone };
  });
};

/** A description from an id: `0000__V0001.Initial_Schema` becomes `v0001-initial-schema`. */
const descriptionOf = (id: string): string =>
  id
    .replace(/^\d+__/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

const marker = (side: string, alone: boolean): string => `-- migrate:${side}${alone ? ' transaction:false' : ''}`;

/** Stands for a down: documented steps where the project left it empty, unless it is named here. */
export type Downs = Readonly<Record<string, string>>;

const render = ({ up, down, upAlone, downAlone }: Pair, instead: string | undefined): string => {
  const head =
    instead === undefined && isEmpty(down) ? '-- irreversible: the project has no down script for this\n\n' : '';
  const script = instead ?? (isEmpty(down) ? null : down);
  const below = script === null ? '' : `\n${marker('down', downAlone)}\n${script}\n`;
  return `${head}${marker('up', upAlone)}\n${up}\n${below}`;
};

/** A project in Lockkeeper's file format, as files: versions are synthesized from the order. `downs` by file name, or `*` for every empty one. */
export const corpusFiles = (
  name: CorpusName,
  downs: Downs = {},
): readonly { readonly file: string; readonly text: string }[] =>
  pairsOf(name).map((pair, at) => {
    const minute = `${Math.floor(at / 60)}`.padStart(2, '0') + `${at % 60}`.padStart(2, '0');
    const file = `20200101${minute}00-${descriptionOf(pair.id)}.sql`;
    return { file, text: render(pair, downs[file] ?? (isEmpty(pair.down) ? downs['*'] : undefined)) };
  });

/** Files whose up section the project itself left empty: no migration. */
export const emptyCorpusFiles: readonly string[] = [
  '20200101002000-v0021-mysqlcachedvaluetype.sql',
  '20200101002400-v0025-storageaad.sql',
  '20200101002500-v0026-storageaadrowscoped.sql',
  '20200101012400-1583868323-add-pipelines-last-update.sql',
];

/** Writes a project into a new temporary directory, with `migrations/` but without `lockkeeper.sum`; by default without the empty files. Answers its path. */
export const writeCorpus = (
  name: CorpusName,
  keep: (file: string) => boolean = (file) => !emptyCorpusFiles.includes(file),
): string => {
  const directory = mkdtempSync(join(tmpdir(), `lockkeeper-${name}-`));
  mkdirSync(join(directory, 'migrations'));
  for (const { file, text } of corpusFiles(name))
    if (keep(file)) writeFileSync(join(directory, 'migrations', file), text);
  return directory;
};
