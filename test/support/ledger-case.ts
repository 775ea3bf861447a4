import pg from 'pg';
import { Ledger } from '../../lib/ledger/ledger.ts';
import type { BatchResult } from '../../lib/ledger/standing.ts';
import type { Loss, ManifestMigration, ManifestSection } from '../../lib/migration/manifest.ts';
import { openPgDatabase, type PgDatabase, type ProcedureSupport } from './pg-database.ts';
import type { TestServer } from './postgres.ts';

const section = (
  statements: readonly string[],
  { transactional = true, loss = 'none' as Loss } = {},
): ManifestSection => ({
  transactional,
  statements: statements.map((sql) => ({
    sql,
    line: 1,
    kind: 'SQL',
    transactional: transactional || !sql.includes('CONCURRENTLY'),
    loss,
  })),
});

export interface MigrationText {
  readonly up: readonly string[];
  /** Null: irreversible. */
  readonly down?: readonly string[] | null;
  readonly verify?: readonly string[];
  readonly transactional?: boolean;
  readonly loss?: Loss;
  readonly downLoss?: Loss;
  readonly checksum?: string;
}

/** The n-th migration of a changelog that only a test knows: version `20250101000000` plus n. */
export const migrationOf = (n: number, text: MigrationText): ManifestMigration => {
  const { up, down = [], verify = [], transactional = true, loss = 'none', downLoss = 'none' } = text;
  const version = String(20250101000000 + n);
  return {
    version,
    name: `change-${n}`,
    file: `${version}-change-${n}.sql`,
    checksum: text.checksum ?? `sum-${n}`,
    chain: `chain-${n}`,
    up: section(up, { transactional, loss }),
    down: down === null ? null : section(down, { transactional, loss: downLoss }),
    irreversible: down === null ? 'call the accountant' : null,
    verify: verify.map((sql) => ({ sql, line: 1 })),
    phase: null,
    change: null,
    flag: null,
  };
};

/** Both ways in which the ledger's writing routines are called: a test that holds for one has to hold for the other. */
export const procedureSupports = ['procedures', 'no COMMIT inside CALL'] as const satisfies readonly ProcedureSupport[];

export const runArn = (name: string): string => `arn:aws:states:eu-west-1:123456789012:execution:Migrate:${name}`;

/** A new database with a ledger, and a run that holds its lease. */
export interface LedgerCase {
  readonly ledger: Ledger;
  readonly database: PgDatabase;
  readonly url: string;
  readonly token: number;
  readonly run: string;
  /** Applies at revision 0 unless said otherwise; 900 ms for a lock. */
  apply(
    migrations: readonly ManifestMigration[],
    request?: { revision?: number; token?: number; budgetMs?: number; lockTimeoutMs?: number; run?: string },
  ): Promise<BatchResult>;
  revert(
    refs: readonly (readonly [string, number])[],
    request?: { token?: number; run?: string },
  ): Promise<BatchResult>;
  /** First column of each row, over a direct connection. */
  sql(text: string): Promise<unknown[]>;
  /** A session of its own, closed with the case. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

export const openLedgerCase = async (
  server: TestServer,
  settings: readonly string[] = [],
  procedures: ProcedureSupport = 'procedures',
): Promise<LedgerCase> => {
  const url = await server.createDatabase();
  const database = openPgDatabase(url, settings, procedures);
  const ledger = new Ledger(database, 'lockkeeper');
  const run = runArn('first');
  const begin = async () => {
    await ledger.install();
    return ledger.acquire({ run, direction: 'up', begun: {} });
  };
  const acquired = await begin().catch(async (error: unknown) => {
    await database.end();
    throw error;
  });
  if (!acquired.taken) throw new Error('a new ledger has a holder');
  const { token } = acquired;
  const clients: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };
  const direct = await connect();
  const base = { run, token, comment: 'first' };
  return {
    ledger,
    database,
    url,
    token,
    run,
    apply: (migrations, { revision = 0, budgetMs = 30_000, lockTimeoutMs = 900, ...rest } = {}) =>
      ledger.apply({
        ...base,
        ...rest,
        options: { lockTimeoutMs, budgetMs },
        migrations: migrations.map((migration) => ({ migration, revision })),
      }),
    revert: (refs, rest = {}) =>
      ledger.revert({
        ...base,
        ...rest,
        options: { lockTimeoutMs: 900, budgetMs: 30_000 },
        migrations: refs.map(([version, revision]) => ({ version, revision })),
      }),
    async sql(text) {
      const result = await direct.query<unknown[]>({ text, rowMode: 'array' });
      return [result].flat().flatMap(({ rows }) => rows.map(([first]) => first));
    },
    connect,
    async close() {
      await Promise.all(clients.map((client) => client.end()));
      await database.end();
    },
  };
};
