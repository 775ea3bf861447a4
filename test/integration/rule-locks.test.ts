import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bareScript, loadParser, type Lock, replay } from '../../lib/analysis/index.ts';
import type { ManifestStatement } from '../../lib/migration/index.ts';
import { compareLocks, openScratchServer, runSection, type ScratchServer } from '../../lib/prove/index.ts';
import { type Example, rules } from '../../lib/rules/index.ts';

await loadParser();

let server: ScratchServer;
beforeAll(async () => {
  server = await openScratchServer();
});
afterAll(() => server.close());

interface Tried {
  readonly statements: readonly ManifestStatement[];
  readonly claims: readonly Lock[];
}

const compiled = ({ before, up, file, transaction = true }: Example): Tried => {
  const judged = bareScript(file ?? 'up.sql', up, transaction);
  const statements: ManifestStatement[] = [];
  const claims: Lock[] = [];
  replay([bareScript('before.sql', before, true), judged], ({ section, statement: { sql, place }, facts }) => {
    if (section.script !== judged) return;
    claims.push(...facts.locks);
    const { kind, loss, judge } = facts;
    statements.push({ sql, line: place.line, kind, loss, transactional: judge === undefined });
  });
  return { statements, claims };
};

const prepared = ({ before, up }: Example): string =>
  /\bapp\./.test(before + up) && !before.includes('CREATE SCHEMA') ? `CREATE SCHEMA app;\n${before}` : before;

/** What stands where the server says another thing, or nothing. */
const locksOf = async (example: Example): Promise<readonly string[]> => {
  const { statements, claims } = compiled(example);
  const database = await server.create();
  try {
    await database.use((client) => client.query(prepared(example)));
    const transactional = example.transaction ?? true;
    const { refusal, observed } = await runSection(database, { transactional, statements }, { observe: true });
    if (refusal !== null) return [`refused: ${refusal.message}`];
    return compareLocks(claims, observed).map((each) => JSON.stringify(each));
  } finally {
    await database.drop();
  }
};

const examples: readonly (readonly [string, Example])[] = rules.flatMap((rule) =>
  (['bad', 'good'] as const).flatMap((which) =>
    rule[which].map((example, at) => [`${rule.id} ${which} ${at + 1}`, example] as const),
  ),
);

/** Examples that an empty server cannot run, or whose locks cannot be read there, with the reason. */
const untried: Readonly<Record<string, string>> = {
  'partition-detached-under-lock good 1':
    'DETACH … CONCURRENTLY holds no lock while it waits; its locks come before and after, each for an instant',
  'concurrently-in-transaction bad 1': 'what the rule finds is that PostgreSQL refuses it',
  'enum-value-used-in-same-transaction bad 1': 'what the rule finds is that PostgreSQL refuses it',
  'name-unqualified bad 2': 'the search path of an empty server does not lead to the table',
  'database-dropped bad 1': 'the database that it drops is not there',
  'loss-unknown bad 1': 'the table that it drops is put together at run time and is not there',
  'column-assigned-twice bad 1': 'PostgreSQL refuses it',
  'column-assigned-twice bad 2': 'PostgreSQL refuses it',
  'column-assigned-twice bad 3': 'PostgreSQL refuses it',
  'statement-alone-too-long good 1': 'a table has at most 1,600 columns; the example is about the length of its text',
};

describe('the locks that the analysis claims of an example are those of pg_locks', () => {
  test.each(examples.filter(([name]) => untried[name] === undefined))('%s', async (_, example) => {
    expect(await locksOf(example)).toEqual([]);
  });
});

test('every example that is left out is there', () => {
  const names = new Set(examples.map(([name]) => name));
  expect(Object.keys(untried).filter((name) => !names.has(name))).toEqual([]);
});
