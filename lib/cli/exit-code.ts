/** What the command line's exit code tells a script; `docs/cli.md` says it in words. */
export const exitCodes = {
  done: 0,
  changes: 2,
  failed: 3,
  person: 4,
  refused: 5,
  running: 6,
  usage: 64,
  detached: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
