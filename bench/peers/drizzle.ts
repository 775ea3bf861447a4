import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { drizzle } from 'drizzle-orm/aws-data-api/pg';
import { migrate } from 'drizzle-orm/aws-data-api/pg/migrator';
import { credentials, type Peer } from '../contestant.ts';

export const peer: Peer = {
  name: 'drizzle-orm 0.45.4',
  concurrently: false,
  open: async ({ dataApiUrl, resourceArn, secretArn, region, migrations, scratch }) => {
    const client = new RDSDataClient({ endpoint: dataApiUrl, region, credentials });
    mkdirSync(join(scratch, 'meta'), { recursive: true });
    for (const { version, name, statements } of migrations)
      writeFileSync(join(scratch, `${version}_${name}.sql`), statements.join('\n--> statement-breakpoint\n'));
    const entries = migrations.map(({ version, name }, idx) => ({
      idx,
      version: '7',
      when: Number(version),
      tag: `${version}_${name}`,
      breakpoints: true,
    }));
    writeFileSync(
      join(scratch, 'meta/_journal.json'),
      JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
    );
    return {
      ready: async (database) => ({
        apply: () => migrate(drizzle(client, { database, resourceArn, secretArn }), { migrationsFolder: scratch }),
      }),
      close: async () => client.destroy(),
    };
  },
};
