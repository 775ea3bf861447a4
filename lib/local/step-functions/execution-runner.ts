import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { type Json, LockkeeperError } from '../../errors/index.ts';
import {
  type Clock,
  type ExecutionEnd,
  ExecutionStopped,
  type Resumption,
  runExecution,
  type TaskRunner,
} from '../states-language/index.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { LocalMachine } from './machines.ts';
import { type StatusChange, statusChange } from './status-change.ts';

export interface RunnerOptions {
  readonly tasks: TaskRunner;
  readonly clock: Clock;
  /** Told of an execution that failed, timed out or was aborted, as EventBridge tells a rule's target. What it throws is dropped, as there. */
  readonly onEnd?: (change: StatusChange) => Promise<void>;
  readonly onEvent?: (executionArn: string, event: HistoryEvent) => void;
}

interface Running {
  readonly stop: AbortController;
  /** Settles when the end is on disk. */
  readonly recorded: Promise<ExecutionRecord>;
  /** Settles when `onEnd` is through as well. */
  readonly done: Promise<ExecutionRecord>;
}

/** Runs executions in this process and writes down what happens. */
export class ExecutionRunner {
  readonly #store: ExecutionStore;
  readonly #options: RunnerOptions;
  readonly #running = new Map<string, Running>();

  constructor(store: ExecutionStore, options: RunnerOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Begins an execution whose record is kept already, or goes on with it. */
  begin(machine: LocalMachine, record: ExecutionRecord, resume?: Resumption): void {
    const stop = new AbortController();
    const recorded = this.#run(machine, record, stop.signal, resume);
    const done = recorded
      .then((end) => this.#tell(end))
      .finally(() => {
        // it may have been redriven while `onEnd` was at work
        if (this.#running.get(record.executionArn) === running) this.#running.delete(record.executionArn);
      });
    done.catch(() => {});
    const running: Running = { stop, recorded, done };
    this.#running.set(record.executionArn, running);
  }

  /** Stops one that runs here, and resolves when that is on disk; null when it does not run here. */
  stop(executionArn: string, error?: string, cause?: string): Promise<ExecutionRecord> | null {
    const running = this.#running.get(executionArn);
    if (!running) return null;
    running.stop.abort(new ExecutionStopped(error, cause));
    return running.recorded;
  }

  /** Resolves when an execution of this process has ended and `onEnd` is through; null when it does not run here. */
  ended(executionArn: string): Promise<ExecutionRecord> | null {
    return this.#running.get(executionArn)?.done ?? null;
  }

  async close(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { stop } of all) {
      stop.abort(new ExecutionStopped('Local.ProcessEnded', 'the process that ran this execution was closed'));
    }
    await Promise.allSettled(all.map(({ done }) => done));
  }

  async #run(
    machine: LocalMachine,
    record: ExecutionRecord,
    signal: AbortSignal,
    resume: Resumption | undefined,
  ): Promise<ExecutionRecord> {
    const { executionArn, name } = record;
    const { tasks, clock, onEvent } = this.#options;
    const end = await runExecution({
      definition: machine.definition,
      input: JSON.parse(record.input) as Json,
      context: {
        executionArn,
        executionName: name,
        roleArn: machine.roleArn ?? '',
        stateMachineArn: record.stateMachineArn,
        stateMachineName: machine.name,
      },
      tasks,
      clock,
      signal,
      resume,
      onEvent: (event) => {
        this.#store.append(machine.name, name, event);
        onEvent?.(executionArn, event);
      },
    }).catch((fault: Error): ExecutionEnd => ({
      status: 'FAILED',
      error: fault instanceof LockkeeperError ? fault.code : 'States.Runtime',
      cause: fault.message,
    }));
    const { credentials: _, ...runner } = record.runner;
    const ended = { ...record, ...withOutput(end), stopDate: clock.now(), runner };
    this.#store.replace(machine.name, ended);
    return ended;
  }

  async #tell(record: ExecutionRecord): Promise<ExecutionRecord> {
    // who waits for the execution asks how it ended, not how its finisher fared: that one has its own log
    if (record.status !== 'SUCCEEDED') await this.#options.onEnd?.(statusChange(record)).catch(() => {});
    return record;
  }
}

/** An execution that timed out has neither error nor cause, as there; only its history names `States.Timeout`. */
const withOutput = (end: ExecutionEnd): Partial<ExecutionRecord> => {
  if (end.status === 'SUCCEEDED') return { status: end.status, output: JSON.stringify(end.output) };
  return end.status === 'TIMED_OUT' ? { status: end.status } : end;
};
