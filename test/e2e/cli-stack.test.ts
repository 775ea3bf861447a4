import { afterEach, describe, expect, it } from 'vitest';
import {
  answered,
  entered,
  executionFailed,
  executionSucceeded,
  history,
  invoked,
  planFixture,
  started,
} from '../support/history-events.ts';
import { jsonLines, runCli, startCli } from '../support/run-cli.ts';
import {
  openScriptedStepFunctions,
  type Script,
  type ScriptedStepFunctions,
} from '../support/scripted-step-functions.ts';

const arn = 'arn:aws:states:eu-central-1:111122223333';
const checked = (decision: string) => [
  started(),
  entered('Check the ledger'),
  invoked({ action: 'check' }),
  answered({
    decision,
    plan: planFixture,
    message: '2 migrations to apply',
    leaseWaitSeconds: 600,
    target: null,
    pending: '',
    planned: null,
  }),
];
const migrated = history([
  ...checked('go'),
  entered('Apply a batch'),
  invoked({ action: 'apply', migrations: planFixture.steps.map(({ version }) => ({ version, revision: 0 })) }),
  answered({ status: 'done', applied: 2, already: 0, last: '20260102000000', unseen: null }, 90),
  executionSucceeded({ verdict: 'done', message: 'applied 2 migrations; the ledger stands at 20260102000000' }),
]);
const planned = history([
  ...checked('plan'),
  executionSucceeded({ verdict: 'plan', message: '2 migrations to apply', plan: planFixture }),
]);
const needsApproval = history([
  ...checked('approve'),
  executionFailed('ApprovalNeeded', '2 migrations to apply; to approve, start again with "approve": "d1ge57"'),
]);
const endless = history([...checked('go'), entered('Wait for the lease', 'WaitStateEntered')]);

let server: ScriptedStepFunctions;
afterEach(() => server.close());

const stack = async (script: Partial<Script> & { readonly migrate?: Script['machines'][string] }) => {
  server = await openScriptedStepFunctions({
    machines: { 'shop-Migrate': script.migrate ?? migrated, 'shop-Rollback': migrated },
    ...script,
  });
  return {
    AWS_ENDPOINT_URL_SFN: server.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 's',
  };
};
const sent = (operation: string) =>
  server.calls.filter((call) => call.operation === operation).map(({ input }) => input);

describe('lockkeeper --stack', () => {
  it('up starts Migrate with what was asked for and follows it to its end', async () => {
    const environment = await stack({});
    const { exit, out } = await runCli(['up', '--stack', 'shop', '--steps', '2', '--manifest', 'abc'], { environment });
    expect([exit, out.split('\n').slice(4)]).toEqual([
      0,
      [
        'applied 20260101000000-create-users',
        'applied 20260102000000-drop-legacy',
        '2 migrations applied in 90 ms',
        'applied 2 migrations; the ledger stands at 20260102000000',
        '',
      ],
    ]);
    expect(sent('StartExecution')).toEqual([
      { stateMachineArn: `${arn}:stateMachine:shop-Migrate`, input: '{"steps":2,"manifest":"abc"}' },
    ]);
  });

  it('down starts Rollback', async () => {
    const environment = await stack({});
    expect((await runCli(['down', '--stack', 'shop', '--to', 'none'], { environment })).exit).toBe(0);
    expect(sent('StartExecution')).toEqual([
      { stateMachineArn: `${arn}:stateMachine:shop-Rollback`, input: '{"to":"none"}' },
    ]);
  });

  it('plan exits with 2 when there is something to do and that was asked', async () => {
    const environment = await stack({ migrate: planned });
    expect((await runCli(['plan', '--stack', 'shop'], { environment })).exit).toBe(0);
    const { exit, out } = await runCli(['plan', '--stack', 'shop', '--detailed-exitcode', '--json'], { environment });
    expect(exit).toBe(2);
    expect(jsonLines(out).at(-1)).toMatchObject({ type: 'result', exit: 2, failure: null });
    expect(sent('StartExecution').map(({ input }) => input)).toEqual(['{"plan":true}', '{"plan":true}']);
  });

  it('says with which command a plan is approved', async () => {
    const environment = await stack({ migrate: needsApproval });
    const { exit, err } = await runCli(['up', '--stack', 'shop', '--steps', '2'], { environment });
    expect(exit).toBe(5);
    expect(err).toContain(
      'do: read the plan; to approve it run: lockkeeper up --stack shop --steps 2 --approve d1ge57\n',
    );
  });

  it('--no-wait returns with 6 once the run is started', async () => {
    const environment = await stack({});
    const { exit, out } = await runCli(['up', '--stack', 'shop', '--no-wait'], { environment });
    expect([exit, out]).toEqual([6, `Migrate run-1\nstarted ${arn}:execution:shop-Migrate:run-1\n`]);
    expect(sent('GetExecutionHistory')).toEqual([]);
  });

  it('detaches on Ctrl-C with 130 and leaves the run alone', async () => {
    const environment = await stack({ migrate: endless });
    const cli = startCli(['up', '--stack', 'shop'], { environment });
    await cli.until('2 migrations to apply');
    cli.process.kill('SIGINT');
    const { exit, out } = await cli.ended;
    expect(exit).toBe(130);
    expect(out).toContain(
      `the run goes on as ${arn}:execution:shop-Migrate:run-1; stop it with: lockkeeper stop --stack shop`,
    );
    expect(sent('StopExecution')).toEqual([]);
  });

  it('exits with 6 when the run is lost from sight', async () => {
    const environment = await stack({ failReads: { 1: { status: 400, name: 'AccessDeniedException' } } });
    const { exit, err } = await runCli(['up', '--stack', 'shop'], { environment });
    expect(exit).toBe(6);
    expect(err).toContain('AccessDenied: ');
    expect(err).toContain(`now: the run may still go on as ${arn}:execution:shop-Migrate:run-1\n`);
  });

  it('status tells what the deployed migrations plan and what is running', async () => {
    const running = [`${arn}:execution:shop-Rollback:r`];
    const environment = await stack({ migrate: planned, running });
    const { exit, out } = await runCli(['status', '--stack', 'shop'], { environment });
    expect([exit, out.split('\n')]).toEqual([
      0,
      [
        '5 applied, last 20251231000000; 2 migrations pending',
        '  20260101000000-create-users  CREATE TABLE',
        '  20260102000000-drop-legacy   DROP TABLE · destroys data · snapshot first',
        `running: r (${running[0]})`,
        '',
      ],
    ]);
  });

  it('stop ends the only run in progress, or the named one', async () => {
    const running = [`${arn}:execution:shop-Migrate:a`];
    const environment = await stack({ running });
    expect((await runCli(['stop', '--stack', 'shop'], { environment })).exit).toBe(0);
    expect((await runCli(['stop', 'a', '--stack', 'shop'], { environment })).exit).toBe(0);
    expect(sent('StopExecution').map(({ executionArn }) => executionArn)).toEqual([running[0], running[0]]);
  });

  it('stop does not choose among several, and knows when there is none', async () => {
    const running = [`${arn}:execution:shop-Migrate:a`, `${arn}:execution:shop-Rollback:b`];
    const several = await stack({ running });
    const { exit, err } = await runCli(['stop', '--stack', 'shop'], { environment: several });
    expect([exit, err]).toEqual([
      64,
      `ExecutionUnknown: 2 runs are in progress, name one:\n${running.join('\n')}\ndo: name an execution that exists, see: lockkeeper status\n`,
    ]);
    expect(sent('StopExecution')).toEqual([]);
    await server.close();
    const none = await stack({});
    expect((await runCli(['stop', '--stack', 'shop'], { environment: none })).out).toBe(
      'nothing to stop: no run is in progress\n',
    );
    expect((await runCli(['stop', 'x', '--stack', 'shop'], { environment: none })).exit).toBe(64);
  });

  it('refuses a stack whose machines are not there, and a Step Functions that cannot be reached, without a stack trace', async () => {
    const environment = await stack({});
    const other = await runCli(['up', '--stack', 'other'], { environment });
    expect([other.exit, other.err]).toEqual([
      5,
      'StackUnusable: no state machine other-Migrate in eu-central-1, so no stack other of Lockkeeper\ndo: check the stack name, the region and the credentials\n',
    ]);
    const unreachable = await runCli(['up', '--stack', 'shop'], {
      environment: { ...environment, AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:9' },
    });
    expect(unreachable.exit).toBe(5);
    expect(unreachable.err).toMatch(
      /^StackUnusable: Step Functions cannot be asked: connect ECONNREFUSED 127\.0\.0\.1:9\ndo: [^\n]+\n$/,
    );
  });
});
