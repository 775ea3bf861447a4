const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Aborted by the first Ctrl-C, SIGTERM or hang-up. */
  readonly signal: AbortSignal;
  release(): void;
}

/** Turns Ctrl-C into an abort; a second one ends the process at once. */
export const onInterrupt = (process: NodeJS.Process): Interrupt => {
  const controller = new AbortController();
  const interrupted = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const name of signals) process.on(name, interrupted);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, interrupted);
    },
  };
};
