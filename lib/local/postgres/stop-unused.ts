import { existsSync } from 'node:fs';
import { postgresLayout } from './postgres-layout.ts';
import { processMutex } from './process-mutex.ts';
import { findServer, stopServer } from './server-process.ts';
import { serverUsers } from './server-users.ts';

/** Stops the server of a directory that no living process uses, or, when `force` is set, whoever uses it. */
export const stopUnused = async (directory: string, { force = false } = {}): Promise<void> => {
  const layout = postgresLayout(directory);
  if (!existsSync(layout.data)) return;
  await processMutex(layout.mutex).run(async () => {
    if (!force && serverUsers(layout.users).living().length > 0) return;
    const server = await findServer(layout.data);
    if (server !== undefined) await stopServer(server.pid);
  });
};
