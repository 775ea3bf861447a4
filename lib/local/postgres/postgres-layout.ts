import { join } from 'node:path';

/** Where things lie below the directory given to `openPostgres`. */
export interface PostgresLayout {
  readonly home: string;
  readonly data: string;
  /** The superuser's password, mode 0600. */
  readonly password: string;
  readonly log: string;
  /** A file for each user of the server, named by process. */
  readonly users: string;
  readonly mutex: string;
  /** The port last used, taken again when it is free so that addresses stay. */
  readonly port: string;
}

export const postgresLayout = (directory: string): PostgresLayout => {
  const home = join(directory, 'postgres');
  return {
    home,
    data: join(home, 'data'),
    password: join(home, 'password'),
    log: join(home, 'server.log'),
    users: join(home, 'users'),
    mutex: join(home, 'mutex'),
    port: join(home, 'port'),
  };
};
