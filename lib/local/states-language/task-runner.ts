import type { Json } from '../../errors/index.ts';

export interface TaskOptions {
  /** The Task's `TimeoutSeconds`; the interpreter itself gives up then and aborts `signal`. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Name of the state. */
  readonly state: string;
}

/** What stands behind a Task's `Resource`. */
export interface TaskRunner {
  /** The task's result. @throws TaskError */
  run(resource: string, taskArguments: Json, options: TaskOptions): Promise<Json>;
  /**
   * Why a Task with this resource and these arguments, as the definition writes them, can never run; null when it may.
   * `taskArguments` still hold their `{% … %}`.
   */
  refusal?(resource: string, taskArguments: Json | undefined): string | null;
}
