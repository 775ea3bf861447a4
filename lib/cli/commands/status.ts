import type { Invocation } from '../invocation.ts';
import type { Outcome } from '../outcome.ts';

/** Where every migration stands. Reads only. */
export const status = async (invocation: Invocation): Promise<Outcome> => {
  const { stack } = invocation.options;
  if (stack !== undefined) return (await import('../stack-status.ts')).stackStatus(stack, invocation);
  return (await import('../laptop-status.ts')).laptopStatus(invocation);
};
