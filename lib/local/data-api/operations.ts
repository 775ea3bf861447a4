import type { Clock } from './clock.ts';
import { type Cluster, sessionOf } from './cluster.ts';
import type { ProcedureSupport } from './cluster-facts.ts';
import { CallLimit, execute, timeout } from './execution.ts';
import type { Fault, Operation } from './fault.ts';
import { boundValues } from './parameters.ts';
import { type Numbered, numberPlaceholders } from './placeholders.ts';
import type { SessionPool } from './pool.ts';
import type { RequestBody } from './request.ts';
import { replyJson } from './result.ts';
import { notImitated, validation } from './service-error.ts';
import type { Session } from './session.ts';
import { Transactions } from './transactions.ts';

export interface OperationsContext {
  readonly procedures: ProcedureSupport;
  readonly clock: Clock;
  readonly transactions: Transactions;
}

interface Call extends OperationsContext {
  readonly cluster: Cluster;
  readonly body: RequestBody;
  readonly fault: Fault | undefined;
}

/** The reply's body. @throws ServiceError */
export const perform = (operation: Operation, call: Call): Promise<string> => {
  switch (operation) {
    case 'ExecuteStatement':
      return executeStatement(call);
    case 'BatchExecuteStatement':
      return batchExecuteStatement(call);
    case 'BeginTransaction':
      return beginTransaction(call);
    case 'CommitTransaction':
      return endTransaction(call, 'COMMIT', 'Transaction Committed');
    case 'RollbackTransaction':
      return endTransaction(call, 'ROLLBACK', 'Rollback Complete');
    default:
      return operation satisfies never;
  }
};

/** A session for the call, the transaction's own or one of the pool, and how it is given back. */
const held = async (call: Call): Promise<{ session: Session; pool: SessionPool; release: () => void }> => {
  const { body, cluster, transactions } = call;
  if (body.transactionId === undefined) {
    const pool = cluster.pool(body.database);
    const session = await sessionOf(pool);
    return { session, pool, release: () => void pool.release(session) };
  }
  const { transaction, release } = transactions.hold(body.transactionId, cluster);
  if (body.database !== undefined && cluster.pool(body.database) !== transaction.pool) {
    release();
    throw validation('Database name is not the same as transaction database name');
  }
  return { ...transaction, release };
};

const comments = String.raw`^(?:\s+|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*`;
/** A CALL or a DO, which can hold a COMMIT. */
const mayCommit = new RegExp(String.raw`${comments}(?:CALL|DO)\b`, 'i');
/** Aurora has no such statement; here it would change the settings of the whole server. */
const alterSystem = new RegExp(String.raw`${comments}ALTER\s+SYSTEM\b`, 'i');

/** The statement as PostgreSQL gets it. @throws ServiceError */
const numbered = (sql: string): Numbered => {
  const found = numberPlaceholders(sql);
  if (alterSystem.test(found.text)) throw notImitated('ALTER SYSTEM');
  return found;
};

const executeStatement = async (call: Call): Promise<string> => {
  const { body, clock, fault, procedures } = call;
  if (body.continueAfterTimeout === true && body.transactionId !== undefined)
    throw validation('continueAfterTimeout is not supported within a transaction');
  const statement = numbered(body.sql);
  const values = boundValues(statement, body.parameters ?? []);
  if (fault === 'timed-out-cancelled') throw timeout();
  const { session, pool, release } = await held(call);
  const { reply, ended } = execute(
    { session, pool, clock },
    {
      sql: statement.text,
      values,
      continues: body.continueAfterTimeout === true,
      inBlock: procedures === 'no-commit' && body.transactionId === undefined && mayCommit.test(statement.text),
    },
    fault,
  );
  let free = ended;
  try {
    const result = await reply;
    if (result.tag === '' && result.copy === null) throw notImitated('an empty statement');
    const shown = procedures === 'no-row' && /^CALL\b/.test(result.tag) ? { ...result, columns: null } : result;
    const json = replyJson(session, shown, body);
    free = json.then(
      () => {},
      () => {},
    );
    return await json;
  } finally {
    void free.then(release);
  }
};

/** All sets or none, unless within a transaction of the caller's. */
const batchExecuteStatement = async (call: Call): Promise<string> => {
  const { body, clock, fault } = call;
  const statement = numbered(body.sql);
  const sets = (body.parameterSets?.length ?? 0) === 0 ? [[]] : body.parameterSets!;
  const bound = sets.map((set) => boundValues(statement, set));
  if (fault === 'timed-out-cancelled') throw timeout();
  const { session, pool, release } = await held(call);
  const limit = new CallLimit(clock);
  let free = Promise.resolve();
  const one = async (sql: string, values: ReturnType<typeof boundValues> = []): Promise<void> => {
    const { reply, ended } = execute({ session, pool, clock }, { sql, values, continues: false, limit }, fault);
    free = ended;
    const result = await reply;
    if (result.columns !== null) throw notImitated('a batch of statements that return rows');
  };
  const own = body.transactionId === undefined && bound.length > 1;
  try {
    if (own) await one('BEGIN');
    for (const values of bound) await one(statement.text, values);
    if (own) await one('COMMIT');
  } finally {
    limit.end();
    void free.then(release);
  }
  return JSON.stringify({
    updateResults: body.parameterSets === undefined ? [] : bound.map(() => ({ generatedFields: [] })),
  });
};

const beginTransaction = async ({ body, cluster, clock, transactions, fault }: Call): Promise<string> => {
  const pool = cluster.pool(body.database);
  const session = await sessionOf(pool);
  const { reply, ended } = execute({ session, pool, clock }, { sql: 'BEGIN', values: [], continues: false }, fault);
  try {
    await reply;
  } catch (error) {
    void ended.then(() => pool.release(session));
    throw error;
  }
  return JSON.stringify({ transactionId: transactions.add(cluster, pool, session) });
};

/** Success is reported for an aborted transaction too, as COMMIT itself does. */
const endTransaction = async (
  { body, cluster, clock, transactions, fault }: Call,
  sql: 'COMMIT' | 'ROLLBACK',
  transactionStatus: string,
): Promise<string> => {
  const id = body.transactionId!;
  const { transaction, release } = transactions.hold(id, cluster, Transactions.notFound(id));
  const { reply, ended } = execute({ ...transaction, clock }, { sql, values: [], continues: false }, fault);
  void ended.then(release);
  await reply;
  return JSON.stringify({ transactionStatus });
};
