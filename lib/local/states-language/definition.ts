import type { Template } from './template.ts';

/** A state machine that was read and found runnable. */
export interface Definition {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  /** The machine's `TimeoutSeconds`; null for no limit. */
  readonly timeoutSeconds: number | null;
  /** The text that was read, placeholders replaced. */
  readonly text: string;
}

/** The states of a machine, of a branch of a Parallel, or of a Map's processor. */
export type Branch = Pick<Definition, 'startAt' | 'states'>;

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | null;
  readonly jitter: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly assign: Template | null;
  readonly output: Template | null;
}

export interface ChoiceRule {
  readonly condition: Template;
  readonly next: string;
  readonly assign: Template | null;
  readonly output: Template | null;
}

interface Leaving {
  readonly name: string;
  /** Null where the branch ends. */
  readonly next: string | null;
  readonly assign: Template | null;
  /** Null for what the state answers by itself. */
  readonly output: Template | null;
}

interface Handling {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface TaskState extends Leaving, Handling {
  readonly type: 'Task';
  readonly resource: string;
  readonly arguments: Template | null;
  readonly timeoutSeconds: Template | null;
}

export interface ParallelState extends Leaving, Handling {
  readonly type: 'Parallel';
  readonly branches: readonly Branch[];
  readonly arguments: Template | null;
}

export interface MapState extends Leaving, Handling {
  readonly type: 'Map';
  readonly items: Template | null;
  readonly itemSelector: Template | null;
  readonly maxConcurrency: Template | null;
  readonly processor: Branch;
}

export interface PassState extends Leaving {
  readonly type: 'Pass';
}

export interface WaitState extends Leaving {
  readonly type: 'Wait';
  readonly seconds: Template | null;
  readonly timestamp: Template | null;
}

/** `next` is the `Default`, `assign` and `output` are for it; null when there is none. */
export interface ChoiceState extends Leaving {
  readonly type: 'Choice';
  readonly rules: readonly ChoiceRule[];
}

export interface SucceedState {
  readonly type: 'Succeed';
  readonly name: string;
  readonly output: Template | null;
}

export interface FailState {
  readonly type: 'Fail';
  readonly name: string;
  readonly error: Template | null;
  readonly cause: Template | null;
}

/** A state that can be tried again and whose errors can be caught. */
export type WorkState = TaskState | ParallelState | MapState;

export type State = WorkState | PassState | WaitState | ChoiceState | SucceedState | FailState;

export type StateType = State['type'];
