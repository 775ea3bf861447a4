import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dataApiDatabase } from '../../lib/dataapi/index.ts';
import { Ledger } from '../../lib/ledger/ledger.ts';
import type { DataApiOptions } from '../../lib/local/data-api/index.ts';
import { doctor } from '../../lib/workflow/doctor.ts';
import type { Ports } from '../../lib/workflow/ports.ts';
import { probes } from '../../lib/workflow/probes/probes.ts';
import { runAction } from '../../lib/workflow/run-action.ts';
import { manifestOf } from '../support/changelog.ts';
import { startTestDataApi, type TestDataApi } from '../support/data-api.ts';
import { runArn } from '../support/ledger-case.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';
import pg from 'pg';

let server: TestServer;
const opened: TestDataApi[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
afterAll(() => server.stop());

const now = Date.parse('2026-01-01T12:00:00Z');

const open = async (options: Omit<DataApiOptions, 'clusters'> = {}) => {
  const api = await startTestDataApi(options, server);
  opened.push(api);
  const database = dataApiDatabase({ client: api.client, ...api.target });
  const ports: Ports = {
    manifest: manifestOf([]),
    database,
    ledger: new Ledger(database, 'lockkeeper'),
    executions: { isRunning: async () => false },
    telemetry: { info: () => undefined, error: () => undefined, measure: () => undefined },
    clock: { now: () => now },
    lateCallMs: 240_000,
    service: 'test',
  };
  const sql = async (text: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: api.databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
      return rows.map(([first]) => first);
    } finally {
      await client.end();
    }
  };
  return { ports, sql, api };
};

const action = { action: 'doctor', direction: 'up', run: runArn('doctor'), startedAt: '2026-01-01T12:00:00Z' } as const;
const schemas = "select nspname::text from pg_namespace where nspname like '%doctor%' order by 1";

test('finds everything as expected on the stand-in, removes its schema and keeps what it found in the ledger', async () => {
  const { ports, sql } = await open();
  const answer = await doctor(ports, action);
  expect(answer.findings.filter(({ outcome }) => outcome !== 'as expected')).toEqual([]);
  expect(answer).toMatchObject({ verdict: 'fit', message: `${probes.length} of ${probes.length} as expected` });
  expect(await sql(schemas)).toEqual([]);
  expect(await sql('select name from lockkeeper.capability where holds order by name')).toEqual(
    probes.map(({ name }) => name).toSorted(),
  );
});

test('again by the same run finds the same, and the answer fits its schema', async () => {
  const { ports } = await open();
  expect(await runAction(ports, action)).toMatchObject({ verdict: 'fit' });
  expect(await runAction(ports, action)).toMatchObject({ verdict: 'fit' });
});

describe.each([
  ['no-commit', 'commit-inside-call', 'SQLSTATE 2D000'],
  ['no-row', 'inout-row', 'no row'],
] as const)('on a service with %s', (procedures, name, found) => {
  test('says that it is worked around, and runs make no CALL any more', async () => {
    const { ports, sql } = await open({ procedures });
    const answer = await doctor(ports, action);
    expect(answer.verdict).toBe('fit');
    expect(answer.findings.filter(({ outcome }) => outcome !== 'as expected')).toEqual([
      expect.objectContaining({
        name,
        found,
        holds: false,
        outcome: 'worked around',
        means: expect.any(String) as string,
      }),
    ]);
    expect(await sql('select name from lockkeeper.capability where not holds')).toEqual([name]);
    const sent: string[] = [];
    const listening = {
      query: (...call: Parameters<Ports['database']['query']>) => (sent.push(call[0]), ports.database.query(...call)),
    };
    const ledger = new Ledger(listening, 'lockkeeper');
    await ledger.read([], null);
    expect(await ledger.acquire({ run: runArn('next'), direction: 'up', begun: {} })).toMatchObject({ taken: true });
    expect(sent.filter((text) => text.includes('CALL'))).toEqual([]);
    expect(sent).toHaveLength(2);
  });
});

test('without the right to create a schema says what was not tried, and what to do', async () => {
  const { ports, sql, api } = await open();
  await sql('create role bound');
  await sql(`alter role postgres in database "${api.database}" set role = bound`);
  const answer = await doctor(ports, action);
  expect(answer.verdict).toBe('unfit');
  const by = new Map(answer.findings.map((each) => [each.name, each]));
  expect(by.get('create-schema')).toMatchObject({ outcome: 'worked around', found: 'refused' });
  expect(by.get('ledger-install')).toMatchObject({
    outcome: 'needs you',
    found: expect.stringMatching(/^SQLSTATE 42501: permission denied/) as string,
  });
  expect(by.get('commit-inside-call')).toMatchObject({
    outcome: 'not known',
    holds: null,
    found: 'not tried: there was no schema to try it in',
  });
  expect(by.get('scanner-single-quotes')).toMatchObject({ outcome: 'as expected' });
});

test('a schema that a dead call left behind is removed, a younger one and one of somebody else are not', async () => {
  const { ports, sql } = await open();
  await sql('create schema lockkeeper_doctor_dead');
  await sql(`comment on schema lockkeeper_doctor_dead is 'lockkeeper doctor ${now - 3_700_000}'`);
  await sql('create schema lockkeeper_doctor_young');
  await sql(`comment on schema lockkeeper_doctor_young is 'lockkeeper doctor ${now - 60_000}'`);
  await sql('create schema lockkeeper_doctor_theirs');
  await doctor(ports, action);
  expect(await sql(schemas)).toEqual(['lockkeeper_doctor_theirs', 'lockkeeper_doctor_young']);
});

test('what passes is thrown, so that the state tries again, and the schema is gone all the same', async () => {
  let throttle = false;
  const { ports, sql } = await open({
    onRequest: ({ sql: text }) => {
      const now = throttle && text.includes('VACUUM');
      return now ? { fault: 'throttled' } : 'pass';
    },
  });
  throttle = true;
  await expect(doctor(ports, action)).rejects.toMatchObject({ code: 'Throttled' });
  expect(await sql(schemas)).toEqual([]);
  throttle = false;
  expect(await doctor(ports, action)).toMatchObject({ verdict: 'fit' });
});
