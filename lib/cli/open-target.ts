import type { Invocation } from './invocation.ts';
import type { Target } from './target.ts';

/** The stack that `--stack` names, or the laptop. The SDK and the servers are loaded here, not before. */
export const openTarget = async (invocation: Invocation): Promise<Target> => {
  const { stack } = invocation.options;
  if (stack !== undefined) return (await import('./stack-target.ts')).openStackTarget(stack);
  return (await import('./laptop-target.ts')).openLaptopTarget(invocation);
};
