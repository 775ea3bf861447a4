import pg from 'pg';
import type { ManifestMigration, ManifestSection, ManifestStatement } from '../migration/index.ts';
import type { ObservedStatement } from './locks/observed-lock.ts';
import { watchAlone } from './locks/watch-alone.ts';
import { namedLocks, readLocks, readRelations, type Relations, rewrittenRelations } from './locks/watch-relations.ts';
import type { ScratchDatabase } from './scratch-server.ts';

/** Why PostgreSQL refused a statement of a scratch database, where every row is one that we made or the migration brought. */
export interface Refusal {
  /** Line in the migration file. */
  readonly line: number;
  readonly sqlstate: string;
  readonly message: string;
  /** The table that the error names, if it does. */
  readonly table: { readonly schema: string; readonly name: string } | null;
}

export interface SectionRun {
  /** Null when it went through. */
  readonly refusal: Refusal | null;
  /** In the order of the statements; empty when nobody looked. */
  readonly observed: readonly ObservedStatement[];
  /** Lines of verify queries that did not answer a single true. */
  readonly unverified: readonly number[];
}

export interface RunOptions {
  readonly verify?: ManifestMigration['verify'];
  /** Whether the locks are read. */
  readonly observe?: boolean;
}

const refusalOf = (error: unknown, line: number): Refusal => {
  if (!(error instanceof pg.DatabaseError)) throw error;
  const { code, message, schema, table } = error;
  return {
    line,
    sqlstate: code ?? 'XX000',
    message,
    table: schema !== undefined && table !== undefined ? { schema, name: table } : null,
  };
};

const isTrue = (row: Record<string, unknown> | undefined): boolean =>
  row !== undefined && Object.values(row).length === 1 && Object.values(row)[0] === true;

const unverifiedLines = async (client: pg.Client, verify: ManifestMigration['verify']): Promise<readonly number[]> => {
  const lines: number[] = [];
  for (const { sql, line } of verify) {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    if (rows.length !== 1 || !isTrue(rows[0])) lines.push(line);
  }
  return lines;
};

/**
 * Runs an up or a down as a run would: in one transaction with its verify queries, or statement by statement. What is refused leaves the
 * database as it was, but for the statements before it when they run alone.
 */
export const runSection = async (
  database: ScratchDatabase,
  section: ManifestSection,
  options: RunOptions = {},
): Promise<SectionRun> => {
  const client = await database.connect();
  try {
    return await (section.transactional ? inTransaction : oneByOne)(database, client, section, options);
  } finally {
    await client.end();
  }
};

type Runner = (
  database: ScratchDatabase,
  client: pg.Client,
  section: ManifestSection,
  options: RunOptions,
) => Promise<SectionRun>;

const inTransaction: Runner = async (_database, client, { statements }, { observe = false, verify = [] }) => {
  const observed: ObservedStatement[] = [];
  let line = statements[0]?.line ?? 1;
  await client.query('begin');
  try {
    const backend = await backendOf(client);
    const first: Relations = observe ? await readRelations(client) : new Map();
    let relations = first;
    let held = new Set<string>();
    for (const statement of statements) {
      ({ line } = statement);
      await client.query(statement.sql);
      if (!observe) continue;
      const locks = await readLocks(client, backend);
      const after = await readRelations(client);
      const fresh = [...locks].flatMap(([key, lock]) => (held.has(key) ? [] : [lock]));
      observed.push({
        line,
        locks: namedLocks(fresh, first),
        rewritten: rewrittenRelations(since(relations, first), after),
      });
      held = new Set(locks.keys());
      relations = after;
    }
    line = verify[0]?.line ?? line;
    const unverified = await unverifiedLines(client, verify);
    line = statements.at(-1)?.line ?? line;
    await client.query('commit');
    return { refusal: null, observed, unverified };
  } catch (error) {
    await client.query('rollback');
    return { refusal: refusalOf(error, line), observed, unverified: [] };
  }
};

/** Of the relations as they are now, those that the section found. */
const since = (now: Relations, first: Relations): Relations => new Map([...now].filter(([oid]) => first.has(oid)));

const oneByOne: Runner = async (database, client, { statements }, { observe = false, verify = [] }) => {
  const observed: ObservedStatement[] = [];
  const backend = await backendOf(client);
  const [watcher, holder] = observe ? [await database.connect(), await database.connect()] : [null, null];
  let line = statements[0]?.line ?? 1;
  try {
    for (const statement of statements) {
      ({ line } = statement);
      if (watcher === null || holder === null) await client.query(statement.sql);
      else observed.push(await observeAlone(client, { watcher, holder, backend, kind: statement.kind }, statement));
    }
    line = verify[0]?.line ?? line;
    return { refusal: null, observed, unverified: await unverifiedLines(client, verify) };
  } catch (error) {
    return { refusal: refusalOf(error, line), observed, unverified: [] };
  } finally {
    await Promise.all([watcher?.end(), holder?.end()]);
  }
};

const observeAlone = async (
  client: pg.Client,
  watching: Parameters<typeof watchAlone>[0],
  { sql, line }: ManifestStatement,
): Promise<ObservedStatement> => {
  const before = await readRelations(watching.watcher);
  const locks = await watchAlone(watching, () => client.query(sql));
  const after = await readRelations(watching.watcher);
  return { line, locks: namedLocks(locks.values(), before), rewritten: rewrittenRelations(before, after) };
};

const backendOf = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
};
