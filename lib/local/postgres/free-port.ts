import { createServer } from 'node:net';
import { LockkeeperError } from '../../errors/index.ts';
import { portTaken } from './server-log.ts';

/** `wanted`, or any free one for 0. @throws LockkeeperError `PortTaken` */
export const freePort = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(isTaken ? portTaken(wanted, error) : error);
    });
    server.listen({ port: wanted, host: '127.0.0.1' }, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The preferred port when it is free, else any other. */
export const preferredPort = async (preferred: number | undefined): Promise<number> => {
  try {
    return await freePort(preferred ?? 0);
  } catch (error) {
    if (error instanceof LockkeeperError) return freePort(0);
    throw error;
  }
};
