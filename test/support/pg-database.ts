import pg from 'pg';
import type { Cell, Database, Parameters, Row } from '../../lib/ledger/database.ts';
import { LockkeeperError } from '../../lib/errors/index.ts';

/** How the service in front of the database treats procedures: as we believe, or in one of the two ways that we work around. */
export type ProcedureSupport = 'procedures' | 'no COMMIT inside CALL' | 'no INOUT row';

/** A `Database` over direct connections, as strict as the Data API about types. */
export interface PgDatabase extends Database {
  /** Every statement so far, as it was sent. */
  readonly sent: readonly string[];
  end(): Promise<void>;
}

const resultTypes: ReadonlySet<number> = new Set([
  pg.types.builtins.BOOL,
  pg.types.builtins.INT8,
  pg.types.builtins.FLOAT8,
  pg.types.builtins.TEXT,
]);
/** Quoted text, quoted names and comments, which the Data API does not look into; a cast; a parameter. Dollar quotes it does look into. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([a-zA-Z_]\w*)/g;

const bind = (sql: string, parameters: Parameters): { text: string; values: unknown[] } => {
  const values: unknown[] = [];
  const text = sql.replace(tokens, (whole, name: string | undefined) => {
    if (name === undefined) return whole;
    const value = parameters[name];
    if (value === undefined) throw new LockkeeperError('RequestRefused', `parameter ${name} has no value`);
    values.push(value === null ? null : String(value));
    const type = typeof value === 'number' ? 'bigint' : typeof value === 'boolean' ? 'boolean' : 'text';
    return `$${values.length}::${type}`;
  });
  return { text, values };
};

const cell = (value: unknown, type: number): Cell =>
  value === null ? null : type === pg.types.builtins.INT8 ? Number(value) : (value as Cell);

/** What a service would do that opens a transaction block around a CALL. */
const withinBlock = async (client: pg.Client, query: pg.QueryArrayConfig): Promise<pg.QueryArrayResult<unknown[]>> => {
  await client.query('begin');
  try {
    const answer = await client.query<unknown[]>(query);
    await client.query('commit');
    return answer;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
};

/**
 * Each call is one autocommitted statement of the extended protocol, on a connection of a small pool chosen at random.
 * `settings` are SQL run on each new connection: what a pooled session may have been left with.
 */
export const openPgDatabase = (
  url: string,
  settings: readonly string[] = [],
  procedures: ProcedureSupport = 'procedures',
): PgDatabase => {
  const idle: pg.Client[] = [];
  const all: pg.Client[] = [];
  const sent: string[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    // A backend that was killed while it was idle leaves the pool at once, before another call can have its connection.
    const gone = (): void => {
      if (idle.includes(client)) idle.splice(idle.indexOf(client), 1);
      if (all.includes(client)) all.splice(all.indexOf(client), 1);
    };
    client.on('error', gone);
    client.once('end', gone);
    all.push(client);
    await client.connect();
    for (const setting of settings) await client.query(setting);
    return client;
  };
  const take = async (): Promise<pg.Client> => {
    if (all.length < 3) return connect();
    const [client] = idle.splice(Math.floor(Math.random() * idle.length), 1);
    return client ?? connect();
  };
  return {
    sent,
    async query(sql, parameters = {}) {
      if (sql.length > 65_536)
        throw new LockkeeperError('StatementTooLarge', `the statement has ${sql.length} characters`);
      sent.push(sql);
      const client = await take();
      const { text, values } = bind(sql, parameters);
      try {
        const query = { text, values, queryMode: 'extended', rowMode: 'array' } as const;
        const isCall = /^(\/\*.*?\*\/)?\s*CALL\b/.test(sql);
        const inBlock = procedures === 'no COMMIT inside CALL' && (isCall || sql.startsWith('DO '));
        const answer = inBlock ? await withinBlock(client, query) : await client.query<unknown[]>(query);
        const { rows, fields } = isCall && procedures === 'no INOUT row' ? { rows: [], fields: [] } : answer;
        idle.push(client);
        const strange = fields.find(({ dataTypeID }) => !resultTypes.has(dataTypeID));
        if (strange)
          throw new LockkeeperError(
            'ResultUnsupported',
            `column ${strange.name} has a type the Data API may not return`,
          );
        return rows.map((row): Row =>
          Object.fromEntries(fields.map(({ name, dataTypeID }, index) => [name, cell(row[index], dataTypeID)])),
        );
      } catch (cause) {
        if (cause instanceof pg.DatabaseError && cause.severity === 'ERROR') {
          idle.push(client);
          throw new LockkeeperError('StatementFailed', cause.message, {
            details: { sqlstate: cause.code ?? null },
            cause,
          });
        }
        if (cause instanceof LockkeeperError) throw cause;
        if (all.includes(client)) all.splice(all.indexOf(client), 1);
        throw new LockkeeperError('OutcomeUnknown', 'the connection was lost', { cause });
      }
    },
    async end() {
      await Promise.all([...all].map((client) => client.end()));
    },
  };
};
