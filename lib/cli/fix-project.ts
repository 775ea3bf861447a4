import type { Invocation } from './invocation.ts';
import type { CheckFlags } from './program.ts';

export const fixProject = async (_: readonly string[], __: CheckFlags, ___: Invocation): Promise<void> => {};
