import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openPostgres } from '../local/postgres/index.ts';

/** A database that nobody else knows. */
export interface ScratchDatabase {
  readonly name: string;
  /** Lends a connection that has forgotten what its last user set, so that catalogues once read stay read. */
  use<Answer>(work: (client: pg.Client) => Promise<Answer>): Promise<Answer>;
  drop(): Promise<void>;
}

/** A server on which everything may be tried. */
export interface ScratchServer {
  /** e.g. `17.10` */
  readonly version: string;
  /** A new empty database, or one like another that nobody uses just now. */
  create(from?: ScratchDatabase): Promise<ScratchDatabase>;
  /** For what belongs to the server, not to a database. */
  readonly admin: pg.Client;
  close(): Promise<void>;
}

interface Held extends ScratchDatabase {
  /** Closes the connections that nobody uses; PostgreSQL copies only what nobody is connected to. */
  disconnect(): Promise<void>;
}

/**
 * Starts an embedded PostgreSQL in a directory of its own, which goes with it: what migrations do to roles and to the server's memory
 * never reaches the database that the developer works with.
 * @throws LockkeeperError what `openPostgres` throws
 */
export const openScratchServer = async (): Promise<ScratchServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-prove-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const server = await openPostgres({ directory, fsync: false }).catch((error: unknown) => {
    remove();
    throw error;
  });
  // for a caller that ends without `close()`: after the server's own farewell, which it has put there before us
  process.once('exit', remove);
  const admin = await connected(server.url('postgres'));
  const held = new Map<string, Held>();
  let count = 0;

  const databaseNamed = (name: string): Held => {
    const idle: pg.Client[] = [];
    const disconnect = async (): Promise<void> => {
      await Promise.all(idle.splice(0).map((client) => client.end().catch(() => undefined)));
    };
    return {
      name,
      use: async (work) => {
        const client = idle.pop() ?? (await connected(server.url(name)));
        try {
          return await work(client);
        } finally {
          await client.query('discard all').then(
            () => idle.push(client),
            () => client.end().catch(() => undefined),
          );
        }
      },
      disconnect,
      drop: async () => {
        held.delete(name);
        await disconnect();
        await admin.query(`drop database ${name} with (force)`);
      },
    };
  };

  return {
    version: server.version,
    admin,
    create: async (from) => {
      count += 1;
      const name = `scratch_${count}`;
      if (from !== undefined) await held.get(from.name)?.disconnect();
      await admin.query(`create database ${name} template ${from?.name ?? 'template1'} strategy file_copy`);
      const database = databaseNamed(name);
      held.set(name, database);
      return database;
    },
    close: async () => {
      try {
        await Promise.all([...held.values()].map((database) => database.disconnect()));
        await admin.end();
      } finally {
        await server.stop();
        process.off('exit', remove);
        remove();
      }
    },
  };
};

const connected = async (connectionString: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString, application_name: 'lockkeeper prove' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};
