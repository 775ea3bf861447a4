import { errors } from './errors.ts';
import { limits } from './limits.ts';
import type { Probe } from './probe.ts';
import { outsideTransactions, procedures } from './procedures.ts';
import { results } from './results.ts';
import { rights } from './rights.ts';
import { scanner } from './scanner.ts';
import { sessions } from './sessions.ts';

/** Everything that `lockkeeper doctor` looks at, in the order in which it does. */
export const probes: readonly Probe[] = [
  ...rights,
  ...procedures,
  ...outsideTransactions,
  ...scanner,
  ...sessions,
  ...results,
  ...limits,
  ...errors,
];
