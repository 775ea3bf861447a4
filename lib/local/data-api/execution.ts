import type { Clock } from './clock.ts';
import { statementError } from './database-error-text.ts';
import type { Fault } from './fault.ts';
import type { SessionPool } from './pool.ts';
import { opaque, ServiceError } from './service-error.ts';
import type { Session } from './session.ts';
import type { BoundValue, StatementResult } from './statement.ts';

/** How long a call may take: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html */
export const callLimitMs = 45_000;

/** The time of one call, for all that it runs. */
export class CallLimit {
  /** To be called when the call has ended in time. */
  readonly end: () => void;
  #passed = false;
  #act: () => void = () => {};

  constructor(clock: Clock) {
    this.end = clock.after(callLimitMs, () => {
      this.#passed = true;
      this.#act();
    });
  }

  /** Who is told when it is over; the last one asking, and at once when it is over already. */
  tell(act: () => void): void {
    this.#act = act;
    if (this.#passed) act();
  }
}

export interface Execution {
  /** @throws ServiceError within the call's time */
  readonly reply: Promise<StatementResult>;
  /** Settles, always well, when the session is free again. */
  readonly ended: Promise<void>;
}

export interface ExecutionRequest {
  readonly sql: string;
  readonly values: readonly BoundValue[];
  readonly continues: boolean;
  /** In a transaction block of its own, where PostgreSQL refuses a COMMIT inside CALL and DO. */
  readonly inBlock?: boolean;
  /** Of a call with several statements; a time of its own when left out. */
  readonly limit?: CallLimit;
}

/** The pool rolls a block back that an error left open. */
const runInBlock = async (session: Session, sql: string, values: readonly BoundValue[]): Promise<StatementResult> => {
  await session.run('BEGIN');
  const result = await session.run(sql, values);
  await session.run('COMMIT');
  return result;
};

/** Runs one statement within the call's limit; past it the statement is cancelled, or runs on without anyone waiting. */
export const execute = (
  { session, pool, clock }: { session: Session; pool: SessionPool; clock: Clock },
  { sql, values, continues, inBlock = false, limit }: ExecutionRequest,
  fault: Fault | undefined,
): Execution => {
  const running = inBlock ? runInBlock(session, sql, values) : session.run(sql, values);
  const ended = running.then(
    () => {},
    () => {},
  );
  const reply = new Promise<StatementResult>((resolve, reject) => {
    const timedOut = (): void => reject(timeout());
    const own = limit ?? new CallLimit(clock);
    const untimed = (): void => (limit === undefined ? own.end() : limit.tell(() => {}));
    own.tell(() => {
      timedOut();
      if (!continues && fault !== 'timed-out-running') void pool.signal(session.pid, 'cancel').catch(() => {});
    });
    if (fault === 'timed-out-running') timedOut();
    if (fault === 'backend-killed') void pool.signal(session.pid, 'terminate').then(() => reject(opaque()), reject);
    running.then(
      (result) => {
        untimed();
        if (fault !== 'backend-killed') resolve(result);
      },
      (error: unknown) => {
        untimed();
        try {
          reject(statementError(error));
        } catch (unforeseen) {
          reject(unforeseen);
        }
      },
    );
  });
  return { reply, ended };
};

/** `dbConnectionId` is not known to be PostgreSQL's pid, so it is nothing that could be relied upon. */
export const timeout = (): ServiceError =>
  new ServiceError('StatementTimeoutException', 400, 'Request timed out', 1 + Math.floor(Math.random() * 1_000_000));
