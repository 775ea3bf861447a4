import pg from 'pg';
import type { ExternalCluster } from './cluster-source.ts';
import type { CopyProgress } from './snapshot-copies.ts';

/**
 * Copies a database that somebody else's server holds, as a database named `copy` beside it. PostgreSQL does so only while nobody is
 * connected to the original: https://www.postgresql.org/docs/17/manage-ag-templatedbs.html
 * @throws Error that says who is connected
 */
export const templateCopy = async (
  source: ExternalCluster,
  copy: string,
  { beforeEnd }: CopyProgress,
): Promise<void> => {
  const original = databaseOf(source.url);
  await source.withDrained(() =>
    administered(source.url, async (client) => {
      const name = client.escapeIdentifier(copy);
      try {
        await client.query(`create database ${name} template ${client.escapeIdentifier(original)}`);
      } catch (cause) {
        throw (cause as { code?: string }).code === '55006' ? await occupied(client, original, cause) : cause;
      }
      await client.query(`comment on database ${name} is ${client.escapeLiteral(commentOn(original))}`);
      await beforeEnd();
    }),
  );
};

/** Drops a copy that `templateCopy` made; a database of that name that is something else stays. */
export const dropTemplateCopy = (source: ExternalCluster, copy: string): Promise<void> =>
  administered(source.url, async (client) => {
    const { rows } = await client.query<{ comment: string | null }>(
      `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
      [copy],
    );
    if (rows[0]?.comment === commentOn(databaseOf(source.url))) {
      await client.query(`drop database ${client.escapeIdentifier(copy)}`);
    }
  });

const databaseOf = (url: string): string => new pg.Client({ connectionString: url }).database ?? 'postgres';

const commentOn = (original: string): string => `lockkeeper snapshot of ${original}`;

const occupied = async (client: pg.Client, original: string, cause: unknown): Promise<Error> => {
  const { rows } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = $1 order by pid',
    [original],
  );
  return new Error(
    `database ${original} has other sessions (${rows.map(({ pid }) => pid).join(', ') || 'gone by now'}); ` +
      'PostgreSQL copies it only while nobody is connected: stop the application and run again',
    { cause },
  );
};

/** Works in the server's maintenance database. */
const administered = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const elsewhere = new URL(url);
  elsewhere.pathname = '/postgres';
  const client = new pg.Client({ connectionString: elsewhere.href, application_name: 'lockkeeper snapshot' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};
