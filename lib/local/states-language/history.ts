import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { RunEnd } from './run-end.ts';

export type { HistoryEvent };

/** Events of one execution (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). */
export const historyLimit = 25_000;

/** The last event of a branch: the next one names it as its predecessor. */
export interface Cursor {
  last: number;
}

type Details = Omit<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'>;

/** Numbers the events of an execution and hands them on, in Step Functions' own shape. */
export class History {
  #count: number;
  readonly #now: () => number;
  readonly #onEvent: (event: HistoryEvent) => void;

  /** `count` events are there already. */
  constructor(now: () => number, onEvent: (event: HistoryEvent) => void, count = 0) {
    this.#count = count;
    this.#now = now;
    this.#onEvent = onEvent;
  }

  /** The event's number. @throws RunEnd when there is room for no more than the last event */
  add(cursor: Cursor, type: HistoryEventType, details: Details = {}): number {
    if (this.#count >= historyLimit - 1) {
      const cause = `The execution reached the maximum number of history events (${historyLimit}).`;
      throw new RunEnd({ status: 'FAILED', error: 'States.Runtime', cause });
    }
    return this.#emit(cursor, type, details);
  }

  /** The execution's last event, for which there is always room. */
  end(cursor: Cursor, type: HistoryEventType, details: Details): void {
    this.#emit(cursor, type, details);
  }

  #emit(cursor: Cursor, type: HistoryEventType, details: Details): number {
    this.#count += 1;
    const id = this.#count;
    const previousEventId = cursor.last;
    cursor.last = id;
    this.#onEvent({ timestamp: new Date(this.#now()), type, id, previousEventId, ...details });
    return id;
  }
}

/** What stands beside every payload of an event; payloads are kept whole here. */
export const whole = { truncated: false } as const;
