/** One request as the hook sees it, before anything is done. `index` counts all requests of the server from 1. */
export interface DataApiRequest {
  readonly index: number;
  readonly operation: Operation;
  readonly resourceArn: string;
  /** The `sql` member; empty for the transaction operations. */
  readonly sql: string;
}

export type Operation =
  'ExecuteStatement' | 'BatchExecuteStatement' | 'BeginTransaction' | 'CommitTransaction' | 'RollbackTransaction';

/** What goes wrong with one request. */
export type Fault =
  /** The connection is closed; nothing ran. */
  | 'request-lost'
  /** It ran; the connection is closed instead of a reply. */
  | 'reply-lost'
  /** 500 InternalFailure; nothing ran. */
  | 'failed-before'
  /** It ran; the connection is closed in the middle of the reply's body. */
  | 'reply-cut'
  /** The connection is closed; it runs once `late` has settled, and nobody hears of it. */
  | 'request-late'
  /** It ran; 500 InternalServerErrorException all the same. */
  | 'failed-after'
  /** 503; nothing ran. */
  | 'unavailable'
  /** 504 DatabaseUnavailableException; nothing ran. */
  | 'writer-missing'
  | 'throttled'
  | 'resuming'
  /** Answered as if 45 s had passed and the statement was cancelled; nothing ran. */
  | 'timed-out-cancelled'
  /** Answered as if 45 s had passed; the statement runs on. */
  | 'timed-out-running'
  /** Its session's backend is ended while it runs, or just after. */
  | 'backend-killed';

export interface Disturbance {
  readonly fault?: Fault;
  /** Added before the request is looked at. */
  readonly latencyMs?: number;
  /** For `request-late`: until when the request is held back. */
  readonly late?: Promise<void>;
}

/** Decides about each request; a promise holds the request back until it settles. */
export type OnRequest = (request: DataApiRequest) => 'pass' | Disturbance | Promise<'pass' | Disturbance>;

/** Every word that a schedule of faults may use. */
export const faults = [
  'request-lost',
  'reply-lost',
  'reply-cut',
  'request-late',
  'failed-before',
  'failed-after',
  'unavailable',
  'writer-missing',
  'throttled',
  'resuming',
  'timed-out-cancelled',
  'timed-out-running',
  'backend-killed',
] as const satisfies readonly Fault[];
