import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestOf, table, versionOf } from '../support/changelog.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';
import { openVirtualStack } from '../support/virtual-stack.ts';

let server: TestServer;
beforeAll(async () => void (server = await startTestServer()));
afterAll(() => server.stop());

const hours = 3_600_000;

const manifest = manifestOf(
  [
    table('a'),
    '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_idx;\n',
  ],
  { longTransactionSeconds: 3600 },
);

interface Cost {
  readonly events: number;
  readonly invocations: number;
  /** Milliseconds for which a function was kept, in virtual time. */
  readonly keptMs: number;
  /** Milliseconds from the statement's beginning to the run's end. */
  readonly tookMs: number;
}

/** A build that PostgreSQL really cannot end before another session's transaction has ended, so many hours from its beginning. */
const build = async (lastsHours: number): Promise<Cost> => {
  const url = await server.createDatabase();
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  let began = 0;
  const stack = await openVirtualStack({
    manifest,
    url,
    onHeld: ({ time }) => {
      began = time.now();
      time.in(lastsHours * hours, async () => {
        await other.query('commit');
        while ((await stack.query('select from pg_index where not indisvalid')).length > 0)
          await new Promise((resolve) => setTimeout(resolve, 10));
      });
    },
  });
  try {
    expect(await stack.run('Migrate', { steps: 1 })).toMatchObject({ status: 'SUCCEEDED' });
    stack.invoked.length = 0;
    await other.query('begin; lock table a in row exclusive mode');
    const end = await stack.run('Migrate');
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
    expect(await stack.query("select version from lockkeeper.migration where state = 'applied' order by 1")).toEqual([
      { version: versionOf(1) },
      { version: versionOf(2) },
    ]);
    expect(await stack.query("select indisvalid from pg_index where indexrelid = 'a_idx'::regclass")).toEqual([
      { indisvalid: true },
    ]);
    return {
      events: (await stack.history(end.arn)).length,
      invocations: stack.invoked.length,
      keptMs: stack.invoked.reduce((sum, { from, to }) => sum + to - from, 0),
      tookMs: stack.time.now() - began,
    };
  } finally {
    await stack.close();
    await other.end();
  }
};

test('a concurrent build of an hour keeps a Lambda for its first 45 s only', async () => {
  const { events, invocations, keptMs, tookMs } = await build(1);
  expect(keptMs).toBe(45_000);
  expect(tookMs).toBeGreaterThanOrEqual(hours);
  expect(tookMs).toBeLessThan(hours + 121_000);
  expect(invocations).toBeLessThan(70);
  expect(events).toBeLessThan(600);
});

const full = process.env['LOCKKEEPER_FULL'] !== undefined;
const title =
  'a concurrent build of twelve hours leaves fewer than 5,000 events and keeps a Lambda for its first 45 s only';

test.runIf(full)(
  full ? title : `${title} (skipped: it belongs to npm run test:full)`,
  { timeout: 300_000 },
  async () => {
    const { events, invocations, keptMs, tookMs } = await build(12);
    expect(events).toBeLessThan(5_000);
    expect(invocations).toBeLessThan(450);
    expect(keptMs).toBe(45_000);
    expect(tookMs).toBeGreaterThanOrEqual(12 * hours);
    expect(tookMs).toBeLessThan(12 * hours + 121_000);
  },
);
