import { afterEach, describe, expect, it, test } from 'vitest';
import { probes } from '../../lib/workflow/probes/probes.ts';
import { manifestOf, table } from '../support/changelog.ts';
import {
  answered,
  entered,
  executionSucceeded,
  history,
  invoked,
  planFixture,
  started,
} from '../support/history-events.ts';
import { useLocalRuns } from '../support/local-run.ts';
import { jsonLines, runCli } from '../support/run-cli.ts';
import { openScriptedStepFunctions, type ScriptedStepFunctions } from '../support/scripted-step-functions.ts';

const open = useLocalRuns();

test('Migrate and Rollback look at the database where they are asked to, and change nothing but the ledger', async () => {
  const run = await open({ manifest: manifestOf([table('a')]) });
  for (const machine of ['Migrate', 'Rollback'] as const) {
    const end = await run.run(machine, { doctor: true });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { verdict: 'fit' } });
    expect(end.output['findings']).toHaveLength(probes.length);
    expect(await run.states(end.arn)).toEqual(['Check the ledger', 'Anything to do?', 'Probe the database', 'Probed']);
  }
  expect(await run.query('select version from lockkeeper.migration')).toEqual([]);
  expect(await run.query("select kind from lockkeeper.event where kind <> 'installed'")).toEqual([]);
  expect(await run.query("select nspname from pg_namespace where nspname like 'lockkeeper_doctor%'")).toEqual([]);
});

test('a doctor that asks for a run, too, is refused before anything is looked at', async () => {
  const run = await open({ manifest: manifestOf([table('a')]) });
  const refused = await run.run('Migrate', { doctor: true, plan: true });
  expect(refused).toMatchObject({ status: 'FAILED', error: 'InputInvalid' });
  expect(run.calls()).toBe(0);
});

const finding = {
  name: 'vacuum',
  tries: 'runs VACUUM',
  expected: 'done',
  found: 'done',
  holds: true,
  outcome: 'as expected',
  means: null,
};
const around = {
  name: 'inout-row',
  tries: 'calls a procedure with an INOUT argument',
  expected: 'its row comes back',
  found: 'no row',
  holds: false,
  outcome: 'worked around',
  means: 'each migration is applied by a call of its own',
};
const probed = (verdict: string) =>
  history([
    started(),
    entered('Check the ledger'),
    invoked({ action: 'check' }),
    answered({
      decision: 'doctor',
      plan: planFixture,
      message: 'looks',
      leaseWaitSeconds: 0,
      target: null,
      pending: '',
      planned: null,
    }),
    entered('Probe the database'),
    invoked({ action: 'doctor' }),
    answered({ verdict, message: '1 of 2 as expected; 1 worked around', findings: [finding, around] }),
    executionSucceeded({ verdict, message: '1 of 2 as expected; 1 worked around', findings: [finding, around] }),
  ]);

describe('lockkeeper doctor --stack', () => {
  let server: ScriptedStepFunctions;
  afterEach(() => server.close());

  const stack = async (verdict: string) => {
    server = await openScriptedStepFunctions({
      machines: { 'shop-Migrate': probed(verdict), 'shop-Rollback': probed(verdict) },
    });
    return {
      AWS_ENDPOINT_URL_SFN: server.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 's',
    };
  };

  it('starts Migrate and prints each finding, and under those that are otherwise what they mean', async () => {
    const { exit, out } = await runCli(['doctor', '--stack', 'shop'], { environment: await stack('fit') });
    expect([exit, out.split('\n').slice(1)]).toEqual([
      0,
      [
        'as expected    vacuum     done    runs VACUUM',
        'worked around  inout-row  no row  calls a procedure with an INOUT argument',
        '  expected: its row comes back; found: no row',
        '  means: each migration is applied by a call of its own',
        '1 of 2 as expected; 1 worked around',
        '',
      ],
    ]);
    const inputs = server.calls.filter(({ operation }) => operation === 'StartExecution').map(({ input }) => input);
    expect(inputs).toMatchObject([
      { stateMachineArn: expect.stringMatching(/shop-Migrate$/) as string, input: '{"doctor":true}' },
    ]);
  });

  it.each([
    ['fit', 0],
    ['unclear', 3],
    ['unfit', 4],
  ])('of verdict %s ends with exit code %i', async (verdict, code) => {
    const { exit, out } = await runCli(['doctor', '--stack', 'shop', '--json'], { environment: await stack(verdict) });
    const lines = jsonLines(out);
    expect(exit).toBe(code);
    expect(lines.at(-2)).toMatchObject({ type: 'doctor', findings: [finding, around] });
    expect(lines.at(-1)).toMatchObject({ type: 'result', exit: code, failure: null, output: { verdict } });
    expect(lines.filter(({ type }) => type === 'plan')).toEqual([]);
  });
});
