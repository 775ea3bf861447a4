import { afterEach, expect, test } from 'vitest';
import {
  type ClusterCondition,
  type DataApiOptions,
  type DataApiServer,
  startDataApi,
} from '../../lib/local/data-api/index.ts';

const arn = 'arn:aws:rds:eu-west-1:123456789012:cluster:shop';
const shop = {
  resourceArn: arn,
  secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop',
  connect: () => ({}),
};

const servers: DataApiServer[] = [];
const start = async (options: object): Promise<DataApiServer> => {
  const server = await startDataApi(options as DataApiOptions);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

test.for([
  [
    { clusters: [], fault: [{ call: 1, kind: 'throttled' }] },
    'the Data API has no option named fault; known are clusters, port, clock, credentials, now, seed, sessionState, latencyMs, faults, onRequest, procedures',
  ],
  [{}, "the Data API's option clusters is undefined; expected a list"],
  [{ clusters: [], faults: { call: 1 } }, "the Data API's option faults is [object Object]; expected a list"],
  [{ clusters: [shop, shop] }, `the Data API's option clusters is two of ${arn}; expected each once`],
  [
    { clusters: [{ ...shop, connect: 'postgresql://me:secret@db/x' }] },
    `the Data API's connect of ${arn} is string; expected a function that says how to reach its PostgreSQL`,
  ],
  [
    { clusters: [{ ...shop, secretArn: undefined }] },
    `the Data API's secretArn of ${arn} is undefined; expected an ARN`,
  ],
  [{ clusters: [{ ...shop, maxSessions: 0 }] }, `the Data API's maxSessions of ${arn} is 0; expected a number from 1`],
  [
    { clusters: [{ ...shop, autoPause: true }] },
    `the Data API's autoPause.afterMs of ${arn} is null; expected a number from 0`,
  ],
  [
    { clusters: [], sessionState: 'gone' },
    "the Data API's option sessionState is gone; expected one of chance, kept, lost",
  ],
  [
    { clusters: [], procedures: 'maybe' },
    "the Data API's option procedures is maybe; expected one of commit, no-commit, no-row",
  ],
  [{ clusters: [], port: 99999 }, "the Data API's option port is 99999; expected a number from 0 to 65535"],
  [{ clusters: [], seed: 'x' }, "the Data API's option seed is x; expected a number"],
  [{ clusters: [], latencyMs: -1 }, "the Data API's option latencyMs is -1; expected a number from 0"],
] as const)('%j is refused: %s', async ([options, message]) => {
  await expect(start(options)).rejects.toMatchObject({ code: 'UsageInvalid', message });
});

test('what was left out, said as undefined, is no option of its own', async () => {
  await start({ clusters: [{ ...shop, autoPause: undefined }], port: undefined, seed: undefined, faults: undefined });
});

test('a condition that is not known is refused with what is', async () => {
  const server = await start({ clusters: [shop] });
  const set = (condition: object) => () => server.setCondition(arn, condition as ClusterCondition);
  expect(set({ refuses: false, resuming: 3 })).not.toThrow();
  expect(set({ sleeping: true })).toThrow(
    'the Data API has no condition named sleeping; known are resuming, dataApiEnabled, hasInstance, refuses',
  );
  expect(set({ refuses: 'Nonsense' })).toThrow(
    "the Data API's condition refuses is Nonsense; expected one of false, AccessDeniedException, BadRequestException,",
  );
});
