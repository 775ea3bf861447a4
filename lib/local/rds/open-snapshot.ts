import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockkeeperError } from '../../errors/index.ts';
import {
  copyDirectory,
  findServer,
  identityOf,
  isAlive,
  type LocalPostgres,
  openPostgres,
  serverAccount,
  stopServer,
} from '../postgres/index.ts';
import { snapshotStore } from './snapshot-store.ts';

let opened = 0;

/**
 * A server on a copy of a snapshot's data; the snapshot stays as it is. `stop()` removes the copy.
 * Only snapshots of the embedded cluster: one of an external database is a database beside it.
 * @throws LockkeeperError `SnapshotFailed` unless the snapshot is complete
 */
export const openSnapshot = async (directory: string, identifier: string): Promise<LocalPostgres> => {
  const store = snapshotStore(join(directory, 'snapshots'));
  const record = store.find(identifier);
  if (record?.state !== 'complete' || record.kind !== 'embedded') {
    const found = record === undefined ? 'there is none' : `it is ${record.state} and ${record.kind}`;
    throw new LockkeeperError('SnapshotFailed', `snapshot ${identifier} cannot be opened: ${found}`);
  }
  const copies = join(directory, 'opened');
  await removeLeftovers(copies);
  const home = join(copies, `${identityOf(process.pid) ?? process.pid}.${(opened += 1)}`);
  const from = store.dataOf(identifier);
  try {
    const to = join(home, 'postgres');
    mkdirSync(to, { recursive: true });
    await copyDirectory(join(from, 'data'), join(to, 'data'), { account: serverAccount(join(from, 'data')) });
    await copyFile(join(from, 'password'), join(to, 'password'));
    const postgres = await openPostgres({ directory: home, fsync: false });
    return {
      ...postgres,
      async stop() {
        await postgres.stop();
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
};

/** Copies of processes that were killed, and the servers on them. */
const removeLeftovers = async (copies: string): Promise<void> => {
  mkdirSync(copies, { recursive: true });
  for (const name of readdirSync(copies)) {
    if (isAlive(name.slice(0, name.indexOf('.')))) continue;
    const server = await findServer(join(copies, name, 'postgres', 'data')).catch(() => undefined);
    if (server !== undefined) await stopServer(server.pid);
    rmSync(join(copies, name), { recursive: true, force: true });
  }
};
