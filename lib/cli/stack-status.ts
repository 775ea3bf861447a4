import type { Invocation } from './invocation.ts';
import { done, type Outcome, outcomeOf } from './outcome.ts';
import { runningExecutions } from './running-executions.ts';
import type { Screen } from './screen.ts';
import { openStackTarget } from './stack-target.ts';
import { startRun, tellRun } from './start-run.ts';

/** Shows on the terminal that it works, and keeps the run's lines to itself. */
const quiet = (screen: Screen): Screen => ({
  ...screen,
  line: (line) => {
    if (line.type === 'state') screen.busy(line.state);
  },
});

/** A stack answers for itself: a run of `Migrate` that plans and stops says where the ledger stands. */
export const stackStatus = async (stack: string, { screen, signal }: Invocation): Promise<Outcome> => {
  const { client, arns, ...target } = await openStackTarget(stack);
  try {
    const running = await runningExecutions(client, [arns.up, arns.down]);
    const execution = await startRun(client, arns.up, { plan: true });
    const { end, plan } = await tellRun({ ...target, client, arns }, execution, 'up', quiet(screen), signal);
    screen.line({ type: 'stack-status', plan, running });
    if (end === null) return done(`detached; the plan goes on as ${execution}`, null, 130);
    const outcome = outcomeOf(end);
    return outcome.failure === null ? done(null) : outcome;
  } finally {
    await target.close();
  }
};
