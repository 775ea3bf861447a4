import pg from 'pg';
import type { Contestant, Surroundings } from './contestant.ts';

/** The same SQL on a connection of its own to PostgreSQL: each statement commits by itself, and nobody keeps a ledger. */
export const openDirect = ({ migrations, postgresUrl }: Surroundings): Contestant => ({
  ready: async (database) => {
    const client = new pg.Client({ connectionString: postgresUrl(database) });
    await client.connect();
    return {
      apply: async () => {
        for (const sql of migrations.flatMap(({ statements }) => statements)) await client.query(sql);
      },
      release: () => client.end(),
    };
  },
});
