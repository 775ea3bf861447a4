/** What was asked for cannot be played: the run says so in a line and ends with `exitCode`. */
export class UsageError extends Error {
  static readonly exitCode = 64;
}
