import type { Screen } from './screen.ts';

/** The options that every command understands. */
export interface CommonOptions {
  /** The project's root: where `lockkeeper.json` lies, or would. */
  readonly directory: string;
  readonly databaseUrl?: string;
  readonly stage?: string;
  readonly stack?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** What a command works with. */
export interface Invocation {
  readonly options: CommonOptions;
  readonly screen: Screen;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
