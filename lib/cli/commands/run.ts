import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Plan } from '../../workflow/actions.ts';
import type { ExecutionInput } from '../../workflow/execution-input.ts';
import { exitCodes } from '../exit-code.ts';
import { outcomeOfError } from '../failure.ts';
import type { CommonOptions, Invocation } from '../invocation.ts';
import type { Direction } from '../line.ts';
import { openTarget } from '../open-target.ts';
import { done, type Outcome, outcomeOf } from '../outcome.ts';
import { sdkError } from '../sdk-error.ts';
import { startRun, tellRun } from '../start-run.ts';
import type { Target } from '../target.ts';

export interface RunRequest {
  readonly direction: Direction;
  readonly input: ExecutionInput;
  /** Exit 2 when a plan has changes. */
  readonly detailedExitcode?: boolean;
  /** False: start it and return. */
  readonly wait: boolean;
}

/** How long a stopped laptop run may take to settle, in milliseconds. */
const settleMs = 20_000;

const commandOf = (direction: Direction, { stack, stage, directory }: CommonOptions): string =>
  [
    'lockkeeper',
    direction,
    ...(stack === undefined ? [] : ['--stack', stack]),
    ...(stage === undefined ? [] : ['--stage', stage]),
    ...(directory === '.' ? [] : ['--directory', directory]),
  ].join(' ');

const withApproval = (outcome: Outcome, plan: Plan | null, request: RunRequest, options: CommonOptions): Outcome => {
  if (outcome.failure?.code !== 'ApprovalNeeded' || plan === null) return outcome;
  const { to, steps } = request.input;
  const goal = [...(to === undefined ? [] : ['--to', to]), ...(steps === undefined ? [] : ['--steps', String(steps)])];
  const again = [commandOf(request.direction, options), ...goal, '--approve', plan.digest].join(' ');
  // the plan itself has been told, migration by migration
  const [happened = ''] = outcome.failure.happened.split('\n');
  return { ...outcome, failure: { ...outcome.failure, happened, todo: `read the plan; to approve it run: ${again}` } };
};

const interrupted = async (
  target: Target,
  execution: string,
  request: RunRequest,
  invocation: Invocation,
): Promise<Outcome> => {
  const { options, screen } = invocation;
  if (target.place === 'stack') {
    const stop = `lockkeeper stop --stack ${options.stack} ${execution}`;
    return done(`detached; the run goes on as ${execution}; stop it with: ${stop}`, null, exitCodes.detached);
  }
  screen.busy('stopping');
  const stop = new StopExecutionCommand({ executionArn: execution, error: 'RunAborted', cause: 'stopped with Ctrl-C' });
  await target.client.send(stop).catch(() => undefined);
  const told = await tellRun(target, execution, request.direction, screen, AbortSignal.timeout(settleMs));
  if (told.end !== null && told.end.status !== 'ABORTED') return outcomeOf(told.end);
  const again = commandOf(request.direction, options);
  return done(`stopped; what is applied stays, the next run continues: ${again}`, null, exitCodes.detached);
};

const runOn = async (target: Target, request: RunRequest, invocation: Invocation): Promise<Outcome> => {
  const { screen, signal, options } = invocation;
  const { direction, input } = request;
  if (signal.aborted) return done('stopped before the run began', null, exitCodes.detached);
  const execution = await startRun(target.client, target.arns[direction], input);
  screen.line({ type: 'started', direction, execution, at: new Date().toISOString() });
  if (!request.wait) return done(`started ${execution}`, { execution }, exitCodes.running);
  try {
    const { end, plan } = await tellRun(target, execution, direction, screen, signal);
    if (end === null) return await interrupted(target, execution, request, invocation);
    const outcome = withApproval(outcomeOf(end), plan, request, options);
    const hasChanges = request.detailedExitcode === true && outcome.failure === null && (plan?.count ?? 0) > 0;
    return hasChanges ? { ...outcome, exit: exitCodes.changes } : outcome;
  } catch (error) {
    if (target.place === 'laptop') throw error;
    const { failure } = outcomeOfError(sdkError(error));
    const lost = failure && { ...failure, now: `the run may still go on as ${execution}` };
    return { exit: exitCodes.running, message: null, failure: lost, output: { execution } };
  }
};

/** Starts a run of `Migrate` or `Rollback`, on the laptop or on a stack, and follows it to its end. */
export const run = async (request: RunRequest, invocation: Invocation): Promise<Outcome> => {
  const target = await openTarget(invocation);
  try {
    return await runOn(target, request, invocation);
  } finally {
    await target.close();
  }
};
