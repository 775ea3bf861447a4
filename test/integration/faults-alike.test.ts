import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataApiDatabase } from '../../lib/dataapi/index.ts';
import type { Disturbance, Fault } from '../../lib/local/data-api/index.ts';
import { refusedConnection } from '../faults/disturber.ts';
import { alike } from '../faults/schedule.ts';
import { resourceArn, secretArn, startTestDataApi, type TestDataApi } from '../support/data-api.ts';

let it: TestDataApi;
let direct: pg.Client;
let kind: string | undefined;
beforeAll(async () => {
  it = await startTestDataApi({
    onRequest: (): 'pass' | Disturbance => {
      if (kind === 'connections-taken') throw refusedConnection(kind);
      return kind === undefined ? 'pass' : { fault: kind as Fault };
    },
  });
  direct = new pg.Client({ connectionString: it.databaseUrl });
  await direct.connect();
  await direct.query('CREATE TABLE ran (what text)');
});
afterAll(async () => {
  await direct.end();
  await it.close();
});

/** What a call under a fault leaves behind, and the code of the error that its caller gets. */
const under = async (fault: string): Promise<{ code: string; ran: boolean }> => {
  const database = dataApiDatabase({ client: it.client, resourceArn, secretArn, database: it.target.database });
  kind = fault;
  const code = await database.query('INSERT INTO ran VALUES (:fault)', { fault }).then(
    () => 'none',
    (error: { code: string }) => error.code,
  );
  kind = undefined;
  const { rowCount } = await direct.query('SELECT FROM ran WHERE what = $1', [fault]);
  return { code, ran: rowCount === 1 };
};

describe('faults of which npm run faults plays one for all do the same and throw the same', () => {
  const meaning = [
    { code: 'OutcomeUnknown', ran: false },
    { code: 'OutcomeUnknown', ran: true },
    { code: 'DatabaseUnavailable', ran: false },
  ];
  test.each(alike.flatMap((kinds, at) => kinds.map((each) => [each, meaning[at]] as const)))(
    '%s',
    async (each, expected) => {
      expect(await under(each)).toEqual(expected);
    },
  );
});
