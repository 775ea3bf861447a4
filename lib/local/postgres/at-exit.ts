const actions = new Set<() => void>();

/** Runs `action` when the process exits, unless it is taken back before; what it throws is passed over. */
export const atExit = (action: () => void): { takeBack(): void } => {
  if (actions.size === 0) process.once('exit', runAll);
  actions.add(action);
  return {
    takeBack() {
      actions.delete(action);
      if (actions.size === 0) process.removeListener('exit', runAll);
    },
  };
};

const runAll = (): void => {
  for (const action of actions) {
    try {
      action();
    } catch {
      continue;
    }
  }
};
