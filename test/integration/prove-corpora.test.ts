import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileManifest, loadParser } from '../../lib/analysis/index.ts';
import {
  type Changelog,
  changelogOf,
  type Manifest,
  parseMigration,
  runSettingsSchema,
  type WayBack,
} from '../../lib/migration/index.ts';
import {
  claimedLocks,
  compareLocks,
  isUnderstated,
  openScratchServer,
  prove,
  runSection,
  type ScratchServer,
} from '../../lib/prove/index.ts';
import { corporaPresent, type CorpusName, corpusFiles, emptyCorpusFiles } from '../support/corpora.ts';
import { type Judgement, judgementsOf } from '../support/corpus-judge.ts';

await loadParser();

let server: ScratchServer;
beforeAll(async () => {
  server = await openScratchServer();
});
afterAll(() => server.close());

interface Corpus {
  readonly changelog: Changelog;
  readonly manifest: Manifest;
  readonly judged: ReadonlyMap<string, Judgement>;
}

const corpusOf = (name: CorpusName): Corpus => {
  const judgements = judgementsOf(name);
  const files = corpusFiles(name)
    .map((each, at) => ({ ...each, judgement: judgements[at] ?? 'no down' }))
    .filter(({ file }) => !emptyCorpusFiles.includes(file));
  const changelog = changelogOf(
    files.map(({ file, text }) => {
      const { migration, findings } = parseMigration(file, text);
      if (migration === null) throw findings[0];
      return migration;
    }),
  );
  const manifest = compileManifest(changelog, runSettingsSchema.parse({}));
  return { changelog, manifest, judged: new Map(files.map(({ file, judgement }) => [file, judgement])) };
};

/** What the projects' own set-up brings. */
const prepared: Partial<Record<CorpusName, string>> = {
  chirpstack: 'create extension pg_trgm; create extension hstore',
};

const judgementOf: Readonly<Record<WayBack, Judgement>> = {
  'schema-and-data': 'restores',
  schema: 'restores',
  documented: 'no down',
  broken: 'does not restore',
};

/** How many migrations have which grade. */
const graded: Readonly<Record<CorpusName, Readonly<Record<WayBack, number>>>> = {
  svix: { 'schema-and-data': 14, schema: 0, documented: 0, broken: 2 },
  authelia: { 'schema-and-data': 15, schema: 2, documented: 2, broken: 4 },
  chirpstack: { 'schema-and-data': 26, schema: 2, documented: 1, broken: 2 },
  concourse: { 'schema-and-data': 116, schema: 15, documented: 3, broken: 14 },
};

/** Only one round trip in sixteen is svix's; all of them take minutes. */
const full = process.env['LOCKKEEPER_FULL'] !== undefined;

for (const name of ['svix', 'authelia', 'chirpstack', 'concourse'] as const) {
  const isHere = corporaPresent.includes(name);
  const isRun = isHere && (full || name === 'svix');
  const why = isHere ? 'takes a minute or more, runs with LOCKKEEPER_FULL' : 'the corpus is not beside the checkout';
  const title = `${name}: each way back gets the grade that pg_dump's judgement asks for`;
  test.runIf(isRun)(isRun ? title : `${title} (skipped: ${why})`, { timeout: 900_000 }, async () => {
    const { manifest, judged } = corpusOf(name);
    const proofs = await prove(manifest, {
      server,
      isWanted: () => true,
      ...(prepared[name] !== undefined && { prepare: prepared[name] }),
    });
    expect(proofs).toHaveLength(manifest.migrations.length);
    const counts: Record<WayBack, number> = { 'schema-and-data': 0, schema: 0, documented: 0, broken: 0 };
    const otherwise = proofs.flatMap(({ file, wayBack }) => {
      if (wayBack !== null) counts[wayBack] += 1;
      const ours = wayBack === null ? 'does not go up' : judgementOf[wayBack];
      return ours === judged.get(file) ? [] : [`${file}: ours ${ours}, judged ${judged.get(file)}`];
    });
    expect(otherwise).toEqual([]);
    expect(counts).toEqual(graded[name]);
  });

  const locksTitle = `${name}: no up takes a stronger lock on a table, or rewrites one, than the analysis says`;
  test.runIf(isHere)(
    isHere ? locksTitle : `${locksTitle} (skipped: the corpus is not beside the checkout)`,
    { timeout: 300_000 },
    async () => {
      const { changelog, manifest } = corpusOf(name);
      const claims = claimedLocks(changelog.migrations);
      const database = await server.create();
      const preparation = prepared[name];
      if (preparation !== undefined) await database.use((client) => client.query(preparation));
      const understated: string[] = [];
      for (const { file, up } of manifest.migrations) {
        const run = await runSection(database, up, { observe: true });
        expect(run.refusal, file).toBeNull();
        for (const each of compareLocks(claims.get(file)?.up ?? [], run.observed).filter(isUnderstated))
          understated.push(`${file}: ${each.observed} on ${each.relation}, claimed ${each.claimed}`);
      }
      await database.drop();
      expect(understated.filter((each) => !known.some((file) => each.startsWith(file)))).toEqual([]);
    },
  );
}

/**
 * Ups that change the type of a column at either end of a foreign key: PostgreSQL makes the key anew, for which it takes ACCESS EXCLUSIVE
 * on the table at the other end, too. The analysis may say so; it does not have to.
 */
const known = [
  '20200101014300-1601993587-alter-id-on-builds-bigint.sql',
  '20200101014700-1603401316-alter-build-integers-to-bigints.sql',
  '20200101021700-1653924132-int-to-bigint.sql',
];
