import type { Json } from '../../lib/errors/index.ts';
import { localNames as names } from '../../lib/local/local-names.ts';
import type { Lambdas } from './lambdas.ts';
import type { World } from './world.ts';

type Payload = { readonly [key: string]: Json };

/** Actions that need the lease: an execution that has ended and is redriven has lost it for good. */
const needingLease: ReadonlySet<string> = new Set(['acquire', 'recordSnapshot', 'apply', 'advance']);

/**
 * What RedriveExecution does to an execution that was aborted: the state that was under way is entered again with what the execution knew, and its
 * failure is settled (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html). All it may come to is `LeaseLost`.
 */
export const redrive = async (world: World, lambdas: Lambdas, name: string): Promise<void> => {
  let payload = lambdas.last as Payload | null;
  if (payload === null) return;
  const send = async (sent: Payload): Promise<{ answer?: Json; error?: Error }> => {
    try {
      const answer = (await lambdas.invoke(names.databaseFunctionArn, sent))?.payload ?? null;
      world.trace(name, `redriven ${String(sent['action'])}: ${JSON.stringify(answer).slice(0, 120)}`);
      return { answer };
    } catch (error) {
      world.trace(name, `redriven ${String(sent['action'])} failed: ${(error as Error).message.slice(0, 120)}`);
      return { error: error as Error };
    }
  };
  let outcome = await send(payload);
  const step = outcome.answer as { kind?: string; migrations?: Json; migration?: Json } | undefined;
  if (payload['action'] === 'next' && (step?.kind === 'batch' || step?.kind === 'alone')) {
    const { input: _, target: __, ...base } = payload;
    payload =
      step.kind === 'batch'
        ? { ...base, action: 'apply', migrations: step.migrations! }
        : { ...base, action: 'advance', migration: step.migration!, looks: 0, stepStartedAt: base['startedAt']! };
    outcome = await send(payload);
  }
  const { action } = payload as { action: string };
  const said = outcome.error?.message ?? JSON.stringify(outcome.answer);
  if (needingLease.has(action) && !said.startsWith('LeaseLost'))
    world.checker.report('I7', `redriven, ${action} of a run that has ended came to ${said.slice(0, 100)}`, name);
  const { direction, run, startedAt, token } = payload as Payload;
  await send({
    action: 'fail',
    direction: direction!,
    run: run!,
    startedAt: startedAt!,
    token: token ?? null,
    error: { Error: 'LeaseLost', Cause: 'redriven' },
  });
  await world.checker.step(`${name}, redriven`);
};
