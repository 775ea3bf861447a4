import { copyRefusal } from '../../migration/index.ts';
import type { RefusalTable } from './refusal.ts';

const wholeServer = (words: string): string =>
  `${words} concerns the whole server and cannot be taken back; run it by hand`;

/** What reaches beyond one database, or needs a client. */
export const serverRefusals: RefusalTable = {
  CopyStmt: ({ filename, is_program: isProgram, is_from: isFrom }) => {
    if (filename !== undefined || isProgram === true) return null;
    return isFrom === true ? copyRefusal : 'COPY … TO STDOUT has no client to write to; take it out';
  },
  CreatedbStmt: () => wholeServer('CREATE DATABASE'),
  DropdbStmt: () => wholeServer('DROP DATABASE'),
  CreateTableSpaceStmt: () => wholeServer('CREATE TABLESPACE'),
  DropTableSpaceStmt: () => wholeServer('DROP TABLESPACE'),
  CreateSubscriptionStmt: () => wholeServer('CREATE SUBSCRIPTION'),
  AlterSubscriptionStmt: () => wholeServer('ALTER SUBSCRIPTION'),
  DropSubscriptionStmt: () => wholeServer('DROP SUBSCRIPTION'),
  AlterSystemStmt: () => wholeServer('ALTER SYSTEM'),
  AlterDatabaseStmt: () => wholeServer('ALTER DATABASE'),
  IndexStmt: ({ concurrent, idxname, if_not_exists: ifNotExists }) => {
    if (concurrent !== true) return null;
    if (idxname === undefined || idxname === '')
      return 'CREATE INDEX CONCURRENTLY without a name cannot be looked for in the catalogue; name the index';
    return ifNotExists === true
      ? 'IF NOT EXISTS hides an invalid index that an interrupted build left behind; leave it out, Lockkeeper looks for the index itself'
      : null;
  },
};
