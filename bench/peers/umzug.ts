import { Agent } from 'node:http';
import { MigrationError, Umzug } from 'umzug';
import { credentials, type Peer } from '../contestant.ts';

interface Batch {
  query(sql: string): Batch;
  commit(): Promise<unknown>;
}

interface DataApi {
  transaction(): Batch;
  query(sql: string, parameters?: Readonly<Record<string, string>>): Promise<{ records?: { name: string }[] }>;
}

export const peer: Peer = {
  name: 'umzug 3.8.3 + data-api-client 1.3.1',
  concurrently: true,
  open: async ({ dataApiUrl, resourceArn, secretArn, region, migrations }) => {
    process.env['AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE'] = '1';
    // The package has no types. Its SDK opens a connection a call unless it is told otherwise.
    const { default: dataApiClient } = (await import('data-api-client' as string)) as {
      default: (options: object) => DataApi;
    };
    const agent = new Agent({ keepAlive: true });
    const options = { endpoint: dataApiUrl, region, credentials, httpOptions: { agent } };
    return {
      ready: async (database) => {
        const data = dataApiClient({ engine: 'pg', resourceArn, secretArn, database, options });
        const umzug = new Umzug({
          migrations: migrations.map(({ version, name, statements, transactional }) => ({
            name: `${version}-${name}`,
            up: async () => {
              // umzug leaves transactions to its user; data-api-client begins, runs and commits one
              if (transactional && statements.length > 1)
                await statements.reduce((batch, sql) => batch.query(sql), data.transaction()).commit();
              else for (const sql of statements) await data.query(sql);
            },
          })),
          storage: {
            logMigration: async ({ name }) =>
              void (await data.query('insert into umzug_migration (name) values (:name)', { name })),
            unlogMigration: async ({ name }) =>
              void (await data.query('delete from umzug_migration where name = :name', { name })),
            executed: async () => {
              await data.query('create table if not exists umzug_migration (name text primary key)');
              const { records = [] } = await data.query('select name from umzug_migration order by name');
              return records.map(({ name }) => name);
            },
          },
          logger: undefined,
        });
        return {
          apply: async () => void (await umzug.up()),
          failedAt: (error) => (error instanceof MigrationError ? error.migration.name : null),
        };
      },
      close: async () => agent.destroy(),
    };
  },
};
