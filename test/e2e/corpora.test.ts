import { expect, test } from 'vitest';
import { compileManifest } from '../../lib/analysis/index.ts';
import { changelogOf, parseMigration, runSettingsSchema } from '../../lib/migration/index.ts';
import type { Manifest } from '../../lib/migration/manifest.ts';
import { corporaPresent, type CorpusName, corpusFiles, type Downs, emptyCorpusFiles } from '../support/corpora.ts';
import { openLocalRun } from '../support/local-run.ts';

const manifestOf = (name: CorpusName, downs: Downs): Manifest => {
  const migrations = corpusFiles(name, downs)
    .filter(({ file }) => !emptyCorpusFiles.includes(file))
    .map(({ file, text }) => {
      const { migration, findings } = parseMigration(file, text);
      if (migration === null) throw findings[0];
      return migration;
    });
  return compileManifest(changelogOf(migrations), runSettingsSchema.parse({}));
};
/** The down section that the project wrote. */
const downOf = (name: CorpusName, file: string): string => {
  const text = corpusFiles(name).find((each) => each.file === file)?.text ?? '';
  return text.slice(text.indexOf('-- migrate:down')).split('\n').slice(1).join('\n');
};

/** A down that holds only if PostgreSQL refuses the project's own script with this SQLSTATE and message. */
const refused = (name: CorpusName, file: string, sqlstate: string, message: string): string => {
  const script = downOf(name, file).replace(/^\s*(BEGIN|COMMIT);\s*$/gm, '');
  return `DO $refused$ BEGIN
  EXECUTE $script$${script}$script$;
  RAISE EXCEPTION 'PostgreSQL accepts the down of ${file} by now';
EXCEPTION WHEN SQLSTATE '${sqlstate}' THEN
  IF SQLERRM <> '${message}' THEN RAISE; END IF;
END $refused$;`;
};

interface Corpus {
  /** Appended to the down of the first migration: takes away what the project's missing downs leave behind. */
  readonly sweep?: { readonly file: string; readonly sql: string };
  readonly name: CorpusName;
  readonly migrations: number;
  readonly prepare?: string;
  /** Downs that PostgreSQL refuses when all go back in order: file, SQLSTATE, and what it says. */
  readonly refusedDowns: readonly (readonly [file: string, sqlstate: string, message: string])[];
}

const corpora: readonly Corpus[] = [
  {
    name: 'authelia',
    migrations: 23,
    refusedDowns: [],
  },
  {
    name: 'chirpstack',
    migrations: 31,
    prepare: 'create extension pg_trgm; create extension hstore',
    refusedDowns: [],
  },
  {
    name: 'concourse',
    // 0026 and 0045 have no down at all, so their tables outlive the rest.
    sweep: {
      file: '20200101000000-1510262030-initial-schema.sql',
      sql: 'DROP SCHEMA public CASCADE; CREATE SCHEMA public;',
    },
    migrations: 148,
    refusedDowns: [
      [
        '20200101000600-1520796340-drop-explicit-from-build-outputs.sql',
        '42701',
        'column "explicit" of relation "build_outputs" already exists',
      ],
      [
        '20200101000200-1513895878-update-timestamp-with-timezone.sql',
        '42703',
        'column "last_checked" of relation "resource_types" does not exist',
      ],
      [
        '20200101000100-1510670987-update-unique-constraint-for-resource-caches.sql',
        '42704',
        'index "resource_caches_resource_config_id_version_params_hash_key" does not exist',
      ],
    ],
  },
  {
    name: 'svix',
    migrations: 16,
    refusedDowns: [
      [
        '20200101000300-20220428190104-message-expiration.sql',
        '42704',
        'index "message_payload_not_null_pidx" does not exist',
      ],
    ],
  },
];

for (const { name, migrations, prepare, refusedDowns, sweep } of corpora) {
  const title = `${name}: ${migrations} real migrations go up, all the way down with one snapshot, and up again`;
  test.runIf(corporaPresent.includes(name))(
    corporaPresent.includes(name) ? title : `${title} (skipped: the corpus is not beside the checkout)`,
    { timeout: 300_000 },
    async () => {
      const swept = sweep && `${downOf(name, sweep.file)}\n${sweep.sql}`;
      const downs: Downs = {
        '*': 'SELECT 1;',
        ...(sweep && swept !== undefined && { [sweep.file]: swept }),
        ...Object.fromEntries(
          refusedDowns.map(([file, sqlstate, message]) => [file, refused(name, file, sqlstate, message)]),
        ),
      };
      const run = await openLocalRun({ manifest: manifestOf(name, downs) });
      try {
        if (prepare !== undefined) await run.query(prepare);
        const up = await run.run('Migrate');
        expect(up, up.cause).toMatchObject({ status: 'SUCCEEDED', output: { applied: migrations } });
        const down = await run.run('Rollback', { to: 'none' });
        expect(down, down.cause).toMatchObject({
          status: 'SUCCEEDED',
          output: { reverted: migrations, lastApplied: null },
        });
        expect((await run.states(down.arn)).filter((state) => state === 'Create the snapshot')).toHaveLength(1);
        const again = await run.run('Migrate');
        expect(again, again.cause).toMatchObject({ status: 'SUCCEEDED', output: { applied: migrations } });
      } finally {
        await run.close();
      }
    },
  );
}
