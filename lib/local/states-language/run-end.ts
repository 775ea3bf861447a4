/** How an execution that did not succeed ended. */
export interface BadEnd {
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error?: string;
  readonly cause?: string;
}

/** Ends the whole execution, past every Retry and Catch. */
export class RunEnd extends Error {
  readonly end: BadEnd;
  constructor(end: BadEnd) {
    super(end.error ?? end.status);
    this.name = 'RunEnd';
    this.end = end;
  }
}

/** The reason of a branch's signal when a branch beside it has failed. */
export class BranchCancelled extends Error {
  override readonly name = 'BranchCancelled';
}

/** The reason to abort an execution's signal with: what StopExecution was given. */
export class ExecutionStopped extends Error {
  readonly error: string | undefined;
  readonly explanation: string | undefined;
  constructor(error?: string, explanation?: string) {
    super(error ?? 'the execution was stopped');
    this.name = 'ExecutionStopped';
    this.error = error;
    this.explanation = explanation;
  }
}
