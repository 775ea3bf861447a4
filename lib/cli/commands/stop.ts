import type { Invocation } from '../invocation.ts';
import type { Outcome } from '../outcome.ts';
import { stopOn } from '../stack-stop.ts';

/** Stops a run: the named one, or the only one in progress. */
export const stop = async (execution: string | undefined, invocation: Invocation): Promise<Outcome> => {
  const { options, screen } = invocation;
  if (options.stack === undefined) return (await import('../laptop-stop.ts')).laptopStop(execution, invocation);
  const { openStackTarget } = await import('../stack-target.ts');
  const target = await openStackTarget(options.stack);
  try {
    return await stopOn(target.client, [target.arns.up, target.arns.down], execution, screen);
  } finally {
    await target.close();
  }
};
