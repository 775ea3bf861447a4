/**
 * What a state reports when it fails: a name that Retry and Catch match, and a text.
 * Names that begin with `States.` are the language's own
 * (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation).
 */
export class StatesError extends Error {
  readonly error: string;
  readonly explanation: string;
  constructor(error: string, explanation: string, options?: { cause?: unknown }) {
    super(explanation === '' ? error : `${error}: ${explanation}`, options);
    this.name = 'StatesError';
    this.error = error;
    this.explanation = explanation;
  }
}

/** A task's failure: what a `TaskRunner` throws. `explanation` becomes the `Cause`. */
export class TaskError extends StatesError {
  constructor(error: string, explanation: string, options?: { cause?: unknown }) {
    super(error, explanation, options);
    this.name = 'TaskError';
  }
}

/** An expression that failed, or answered what its field cannot hold. `location` is the field, e.g. `Arguments/Payload`. */
export class EvaluationError extends StatesError {
  readonly location: string;
  constructor(location: string, explanation: string, options?: { cause?: unknown }) {
    super('States.QueryEvaluationError', explanation, options);
    this.name = 'EvaluationError';
    this.location = location;
  }
}
