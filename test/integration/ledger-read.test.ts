import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ledgerVersion } from '../../lib/ledger/sql/install.ts';
import type { KnownMigration } from '../../lib/ledger/standing.ts';
import { type LedgerCase, migrationOf, openLedgerCase, runArn } from '../support/ledger-case.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  on = await openLedgerCase(server);
});
afterEach(() => on.close());

const version = (n: number): string => String(20250101000000 + n);
const known = (...numbers: number[]): KnownMigration[] =>
  numbers.map((n) => ({ version: version(n), checksum: `sum-${n}` }));

/** Rows that a run of `applied` migrations would leave. */
const fill = (from: number, to: number, state: string, run = on.run): Promise<unknown[]> =>
  on.sql(`insert into lockkeeper.migration (version, revision, name, checksum, state, up, down, verify, script_hash, up_loss, down_loss, run, token, actor, applied_at)
    select 20250101000000 + n, 1, repeat('n', 100), repeat('c', 64), '${state}', '{"statements":[]}', '{"transactional":true,"statements":[]}', '[]', '', 'none', 'none', '${run}', 2, 'x', now()
    from generate_series(${from}, ${to}) n`);

/** Bytes of the largest row and of all, as JSON carries them. */
const sizes = async (routine: string, subject: unknown): Promise<{ row: number; total: number; rows: number }> => {
  const rows = await on.database.query(
    `SELECT l FROM lockkeeper.${routine}(${ledgerVersion}, CAST(:s AS jsonb), NULL) AS l`,
    {
      s: JSON.stringify(subject),
    },
  );
  const bytes = rows.map(({ l }) => Buffer.byteLength(JSON.stringify(l)));
  return { row: Math.max(...bytes), total: bytes.reduce((sum, each) => sum + each, 0), rows: rows.length };
};

describe('where the ledger stands', () => {
  test('is told by one call, with what differs from the changelog only', async () => {
    await on.apply([1, 2, 3, 5].map((n) => migrationOf(n, { up: [] })));
    await on.revert([[version(3), 1]]);
    const before = on.database.sent.length;
    const standing = await on.ledger.read(
      [...known(1), { version: version(2), checksum: 'edited' }, ...known(3, 4)],
      on.run,
    );
    expect(on.database.sent.length - before).toBe(1);
    expect(standing).toMatchObject({
      lease: { token: on.token, holder: on.run },
      appliedCount: 3,
      lastApplied: version(5),
      snapshots: [],
    });
    expect(standing.lease.since).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(standing.differences).toEqual([
      { version: version(2), state: 'applied', revision: 1, checksum: 'sum-2', name: 'change-2', statementsDone: 0 },
      { version: version(3), state: 'reverted', revision: 2, checksum: null, name: null, statementsDone: 0 },
      { version: version(4), state: 'absent', revision: 0, checksum: null, name: null, statementsDone: 0 },
      { version: version(5), state: 'applied', revision: 1, checksum: 'sum-5', name: 'change-5', statementsDone: 0 },
    ]);
  });

  test('holds the snapshots of the run that asks, and of no other', async () => {
    const snapshot = { identifier: 's-1', arn: 'arn:s', startedAt: '2025-01-01T00:00:00.000Z', version: null };
    await on.ledger.recordSnapshot({ token: on.token, run: on.run, snapshot });
    await on.ledger.recordSnapshot({ token: on.token, run: on.run, snapshot });
    expect((await on.ledger.read([], on.run)).snapshots).toEqual([snapshot]);
    expect((await on.ledger.read([], runArn('other'))).snapshots).toEqual([]);
    expect((await on.ledger.read([], null)).snapshots).toEqual([]);
  });

  test.for([
    ['absent', 'absent'],
    ['applied', 'applied'],
    ['altered', 'applied'],
    ['unknown', 'applied'],
    ['reverted', 'reverted'],
  ] as const)('for 10,000 migrations, all %s, fits the Data API', async ([how, state]) => {
    if (how !== 'absent') await fill(0, 9999, state);
    const checksum = how === 'applied' ? 'c'.repeat(64) : 'd'.repeat(64);
    const changelog =
      how === 'unknown' ? [] : Array.from({ length: 10_000 }, (_, n) => ({ version: version(n), checksum }));
    const pairs = changelog.map((each) => [each.version, each.checksum]);
    const { row, total, rows } = await sizes('read_standing', pairs);
    expect(row).toBeLessThan(65_536);
    expect(total).toBeLessThan(1_048_576);
    expect(rows).toBe(how === 'applied' ? 1 : 101);
    const standing = await on.ledger.read(changelog, null);
    expect(standing.differences.length).toBe(how === 'applied' ? 0 : 10_000);
  });
});

const left = async (goal: Parameters<typeof on.ledger.readRollback>[0]): Promise<string[]> =>
  (await on.ledger.readRollback(goal, null)).entries.map((entry) => entry.version.slice(-2));

/** Runs `first` (1, 2), `second` (3), and `idle`, which applied nothing. */
const threeRuns = async (): Promise<void> => {
  await on.apply([1, 2].map((n) => migrationOf(n, { up: [], down: ['select 1'] })));
  await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
  for (const [name, numbers] of [
    ['second', [3]],
    ['idle', []],
  ] as const) {
    const acquired = await on.ledger.acquire({ run: runArn(name), direction: 'up', begun: {} });
    if (!acquired.taken) throw new Error('held');
    await on.apply(
      numbers.map((n) => migrationOf(n, { up: [], down: null })),
      { token: acquired.token, run: runArn(name) },
    );
    await on.ledger.endRun({ token: acquired.token, run: runArn(name), verdict: 'done', detail: {} });
  }
};

describe('what a rollback would revert', () => {
  test('is nothing in an empty ledger', async () => {
    const empty = {
      run: null,
      targetFound: true,
      total: 0,
      entries: [],
      appliedCount: 0,
      lastApplied: null,
      digest: createHash('sha256').digest('hex'),
    };
    expect(await on.ledger.readRollback({ kind: 'run', run: null }, null)).toMatchObject(empty);
    expect(await on.ledger.readRollback({ kind: 'all' }, null)).toMatchObject(empty);
    expect(await on.ledger.readRollback({ kind: 'begun', run: 'arn:nobody' }, null)).toMatchObject(empty);
  });

  test('is the newest run that applied something, else what the goal names', async () => {
    await threeRuns();
    expect(await left({ kind: 'run', run: null })).toEqual(['03']);
    expect(await left({ kind: 'run', run: on.run })).toEqual(['02', '01']);
    expect(await left({ kind: 'to', version: version(1) })).toEqual(['03', '02']);
    expect(await left({ kind: 'all' })).toEqual(['03', '02', '01']);
    expect(await left({ kind: 'steps', steps: 2 })).toEqual(['03', '02']);
  });

  test('is never an older run once the newest is reverted', async () => {
    await threeRuns();
    await on.sql("update lockkeeper.migration set state = 'reverted', revision = 2 where version like '%3'");
    const standing = await on.ledger.readRollback({ kind: 'run', run: null }, null);
    expect(standing).toMatchObject({ run: runArn('second'), total: 0, entries: [] });
  });

  test('says whether the version to keep is applied', async () => {
    await threeRuns();
    expect((await on.ledger.readRollback({ kind: 'to', version: version(2) }, null)).targetFound).toBe(true);
    expect((await on.ledger.readRollback({ kind: 'to', version: version(9) }, null)).targetFound).toBe(false);
  });

  test('comes with what each entry is, and a digest over versions and revisions', async () => {
    await threeRuns();
    const { entries, digest, total, appliedCount, lastApplied } = await on.ledger.readRollback(
      { kind: 'steps', steps: 2 },
      null,
    );
    expect({ total, appliedCount, lastApplied }).toEqual({ total: 2, appliedCount: 3, lastApplied: version(3) });
    expect(digest).toBe(
      createHash('sha256')
        .update(`down ${version(3)} 1\ndown ${version(2)} 1\n`)
        .digest('hex'),
    );
    expect(entries).toEqual([
      {
        version: version(3),
        name: 'change-3',
        revision: 1,
        state: 'applied',
        run: runArn('second'),
        appliedAt: expect.stringMatching(/Z$/) as string,
        irreversible: 'call the accountant',
        down: null,
        upLoss: 'none',
        snapshot: null,
        statementsDone: 0,
      },
      {
        version: version(2),
        name: 'change-2',
        revision: 1,
        state: 'applied',
        run: on.run,
        appliedAt: expect.stringMatching(/Z$/) as string,
        irreversible: null,
        down: { transactional: true, loss: 'none', statements: 1, bytes: 125 },
        upLoss: 'none',
        snapshot: null,
        statementsDone: 0,
      },
    ]);
  });

  test('of 10,000 entries shows 500 and fits the Data API', async () => {
    await fill(0, 9999, 'applied');
    const { row, total, rows } = await sizes('read_rollback', { kind: 'all' });
    expect(row).toBeLessThan(65_536);
    expect(total).toBeLessThan(1_048_576);
    expect(rows).toBe(501);
    expect((await on.ledger.readRollback({ kind: 'all' }, null)).total).toBe(10_000);
  });

  test('is resolved once, when the lease is taken, and read again as what remains', async () => {
    await threeRuns();
    const run = runArn('rollback');
    const first = await on.ledger.acquire({
      run,
      direction: 'down',
      begun: {},
      goal: { kind: 'to', version: version(1) },
    });
    if (!first.taken) throw new Error('held');
    await on.sql(
      'update lockkeeper.migration set down = \'{"transactional":true,"statements":[]}\', irreversible = null where version like \'%3\'',
    );
    await on.sql(
      'update lockkeeper.migration set script_hash = lockkeeper.script_hash(version, checksum, up, down, irreversible, verify)',
    );
    expect(await left({ kind: 'begun', run })).toEqual(['03', '02']);
    await on.revert([[version(3), 1]], { token: first.token, run });
    expect(await left({ kind: 'begun', run })).toEqual(['02']);
    // asked again with another goal, `steps` or `to` is not counted anew, nor once the run has ended
    expect(await on.ledger.acquire({ run, direction: 'down', begun: {}, goal: { kind: 'all' } })).toEqual(first);
    expect(await left({ kind: 'begun', run })).toEqual(['02']);
    await on.ledger.endRun({ token: first.token, run, verdict: 'failed', detail: {} });
    expect(await left({ kind: 'begun', run })).toEqual(['02']);
  });
});

test('status lists all entries, a thousand a call, and history the newest events without the long lists', async () => {
  await fill(1, 2500, 'applied');
  const before = on.database.sent.length;
  const entries = await on.ledger.entries();
  expect(on.database.sent.length - before).toBe(3);
  expect(entries).toHaveLength(2500);
  expect(entries[2499]).toMatchObject({
    version: version(2500),
    state: 'applied',
    run: on.run,
    reversible: true,
    rows: 0,
    actor: 'x',
  });
  await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: { durationMs: 5 } });
  await on.ledger.acquire({ run: runArn('down'), direction: 'down', begun: { digest: 'd' }, goal: { kind: 'all' } });
  expect(await on.ledger.history(2)).toMatchObject([
    { kind: 'begun', run: runArn('down'), detail: { direction: 'down', digest: 'd', goal: { kind: 'all' } } },
    { kind: 'ended', run: on.run, detail: { durationMs: 5, verdict: 'done' } },
  ]);
  expect((await on.ledger.history(1))[0]?.detail).not.toHaveProperty('versions');
});
