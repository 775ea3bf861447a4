import { RDSData } from '@aws-sdk/client-rds-data';
import { Kysely, type Migration, Migrator, sql } from 'kysely';
import { DataApiDialect } from 'kysely-data-api';
import { credentials, type Peer } from '../contestant.ts';

export const peer: Peer = {
  name: 'kysely 0.27.6 + kysely-data-api 2.0.0',
  concurrently: false,
  open: async ({ dataApiUrl, resourceArn, secretArn, region, migrations }) => {
    const client = new RDSData({ endpoint: dataApiUrl, region, credentials });
    const known = Object.fromEntries(
      migrations.map(({ version, name, statements }): [string, Migration] => [
        `${version}-${name}`,
        {
          up: async (db) => {
            for (const text of statements) await sql.raw(text).execute(db);
          },
        },
      ]),
    );
    return {
      ready: async (database) => ({
        apply: async () => {
          const db = new Kysely<unknown>({
            dialect: new DataApiDialect({ mode: 'postgres', driver: { client, database, resourceArn, secretArn } }),
          });
          const { error } = await new Migrator({
            db,
            provider: { getMigrations: async () => known },
          }).migrateToLatest();
          if (error !== undefined) throw error;
        },
      }),
      close: async () => client.destroy(),
    };
  },
};
