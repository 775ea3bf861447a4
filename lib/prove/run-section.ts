import pg from 'pg';
import type { ManifestMigration, ManifestSection, ManifestStatement } from '../migration/index.ts';
import type { LockedRelation, ObservedStatement } from './locks/observed-lock.ts';
import { watchAlone, type Watching } from './locks/watch-alone.ts';
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

/** Where a section has come to. */
interface Cursor {
  line: number;
}

const unverifiedLines = async (
  client: pg.Client,
  verify: ManifestMigration['verify'],
  cursor: Cursor,
): Promise<readonly number[]> => {
  const lines: number[] = [];
  for (const { sql, line } of verify) {
    cursor.line = line;
    const { rows } = await client.query<Record<string, unknown>>(sql);
    if (rows.length !== 1 || !isTrue(rows[0])) lines.push(line);
  }
  return lines;
};

/**
 * Runs an up or a down as a run would: in one transaction with its verify queries, or statement by statement. What is refused leaves the
 * database as it was, but for the statements before it when they run alone.
 */
export const runSection = (
  database: ScratchDatabase,
  section: ManifestSection,
  options: RunOptions = {},
): Promise<SectionRun> =>
  database.use(async (client) => {
    if (section.transactional) return inTransaction(client, section, options);
    if (options.observe !== true) return oneByOne(client, section, options, null);
    return database.use((watcher) => database.use((holder) => oneByOne(client, section, options, { watcher, holder })));
  });

const inTransaction = async (
  client: pg.Client,
  { statements }: ManifestSection,
  { observe = false, verify = [] }: RunOptions,
): Promise<SectionRun> => {
  const observed: ObservedStatement[] = [];
  const cursor: Cursor = { line: statements[0]?.line ?? 1 };
  await client.query('begin');
  try {
    const backend = await backendOf(client);
    const first: Relations = observe ? await readRelations(client) : new Map();
    let relations = first;
    let held = new Set<string>();
    for (const statement of statements) {
      cursor.line = statement.line;
      await client.query(statement.sql);
      if (!observe) continue;
      const locks = await readLocks(client, backend);
      const after = await readRelations(client);
      const fresh = [...locks].flatMap(([key, lock]) => (held.has(key) ? [] : [lock]));
      observed.push({
        line: statement.line,
        locks: namedLocks(fresh, first),
        rewritten: writtenAnew(statement, since(relations, first), after),
      });
      held = new Set(locks.keys());
      relations = after;
    }
    const unverified = await unverifiedLines(client, verify, cursor);
    await client.query('commit');
    return { refusal: null, observed, unverified };
  } catch (error) {
    await client.query('rollback');
    return { refusal: refusalOf(error, cursor.line), observed, unverified: [] };
  }
};

/** TRUNCATE gives a table new storage, but copies nothing into it. */
const writtenAnew = ({ kind }: ManifestStatement, before: Relations, after: Relations): readonly LockedRelation[] =>
  kind.startsWith('TRUNCATE') ? [] : rewrittenRelations(before, after);

/** Of the relations as they are now, those that the section found. */
const since = (now: Relations, first: Relations): Relations => new Map([...now].filter(([oid]) => first.has(oid)));

const oneByOne = async (
  client: pg.Client,
  { statements }: ManifestSection,
  { verify = [] }: RunOptions,
  sessions: Pick<Watching, 'watcher' | 'holder'> | null,
): Promise<SectionRun> => {
  const observed: ObservedStatement[] = [];
  const backend = await backendOf(client);
  const cursor: Cursor = { line: statements[0]?.line ?? 1 };
  try {
    for (const statement of statements) {
      cursor.line = statement.line;
      if (sessions === null) await client.query(statement.sql);
      else observed.push(await observeAlone(client, { ...sessions, backend, kind: statement.kind }, statement));
    }
    return { refusal: null, observed, unverified: await unverifiedLines(client, verify, cursor) };
  } catch (error) {
    return { refusal: refusalOf(error, cursor.line), observed, unverified: [] };
  }
};

const observeAlone = async (
  client: pg.Client,
  watching: Watching,
  statement: ManifestStatement,
): Promise<ObservedStatement> => {
  const before = await readRelations(watching.watcher);
  const locks = await watchAlone(watching, () => client.query(statement.sql));
  const after = await readRelations(watching.watcher);
  return {
    line: statement.line,
    locks: namedLocks(locks.values(), before),
    rewritten: writtenAnew(statement, before, after),
  };
};

const backendOf = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
};
