import { describe, expect, test } from 'vitest';
import { compileManifest, loadParser } from '../../lib/analysis/index.ts';
import { readChangelog, runSettingsSchema } from '../../lib/migration/index.ts';
import { corporaPresent, type CorpusName, corpusFiles, corpusNames } from '../support/corpora.ts';

await loadParser();

/** What compiles, what is refused and why, and how many statements have which loss. */
const expected: Record<CorpusName, { migrations: number; refused: string[]; losses: string }> = {
  authelia: {
    migrations: 23,
    refused: [
      'UpMissing 20200101002000-v0021-mysqlcachedvaluetype.sql: the up section is empty',
      'UpMissing 20200101002400-v0025-storageaad.sql: the up section is empty',
      'UpMissing 20200101002500-v0026-storageaadrowscoped.sql: the up section is empty',
    ],
    losses: 'none 204, recoverable 53, data 75, unknown 0',
  },
  chirpstack: { migrations: 31, refused: [], losses: 'none 119, recoverable 28, data 66, unknown 0' },
  concourse: {
    migrations: 148,
    refused: ['UpMissing 20200101012400-1583868323-add-pipelines-last-update.sql: the up section is empty'],
    // int to bigint and timestamp to timestamptz keep every value: the replay knows the old type
    losses: 'none 717, recoverable 142, data 195, unknown 6',
  },
  svix: { migrations: 16, refused: [], losses: 'none 61, recoverable 9, data 19, unknown 0' },
};

const absent = corpusNames.filter((name) => !corporaPresent.includes(name));
describe.skipIf(absent.length > 0)(
  absent.length > 0 ? `skipped: the corpora ${absent.join(', ')} are not beside the checkout` : 'real projects',
  () => {
    test.each(corpusNames)('%s compiles but for the files that its own authors left empty', (name) => {
      const { changelog, findings } = readChangelog(corpusFiles(name));
      const { migrations } = compileManifest(changelog, runSettingsSchema.parse({}));
      const statements = migrations.flatMap(({ up, down }) => [...up.statements, ...(down?.statements ?? [])]);
      const count = (loss: string): string => `${loss} ${statements.filter((each) => each.loss === loss).length}`;
      expect({
        migrations: migrations.length,
        refused: findings.map(({ code, message }) => `${code} ${message}`),
        losses: ['none', 'recoverable', 'data', 'unknown'].map(count).join(', '),
      }).toEqual(expected[name]);
    });
  },
);
