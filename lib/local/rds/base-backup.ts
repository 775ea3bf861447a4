import { copyFile, lchown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { copyDirectory, type LocalPostgres, serverAccount } from '../postgres/index.ts';
import type { CopyProgress } from './snapshot-copies.ts';

/** Their content is of no use to a copy: https://www.postgresql.org/docs/17/protocol-replication.html (BASE_BACKUP). */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const left = new Set(['postmaster.pid', 'postmaster.opts', 'backup_label', 'tablespace_map', 'pg_internal.init']);

/**
 * Copies the data of a running server into `target/data`, with the WAL that makes it consistent, and its password beside it; writes go
 * on meanwhile. The copy belongs to who runs the server. A server started on the copy has everything that was committed before the copy ended.
 * https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export const baseBackup = async (
  postgres: LocalPostgres,
  target: string,
  { report, beforeEnd }: CopyProgress,
): Promise<void> => {
  const from = postgres.dataDirectory;
  const to = join(target, 'data');
  const client = new pg.Client({ connectionString: postgres.url('postgres'), application_name: 'lockkeeper snapshot' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The slot keeps the WAL from here on, and is gone with the session, however that ends.
    await client.query(`select pg_create_physical_replication_slot('lockkeeper_' || pg_backend_pid(), true, true)`);
    await client.query(`select pg_backup_start('lockkeeper', true)`);
    if ((await readdir(join(from, 'pg_tblspc'))).length > 0) throw new Error('tablespaces cannot be copied');
    await mkdir(target, { recursive: true, mode: 0o700 });
    const account = serverAccount(from);
    const own = async (path: string): Promise<void> => {
      if (account !== undefined) await lchown(path, account.uid, account.gid);
    };
    await copyDirectory(from, to, {
      account,
      without: (path) =>
        emptied.has(dirname(path)) || left.has(basename(path)) || basename(path).startsWith('pgsql_tmp'),
      onProgress: (copied, all) => report(Math.floor((copied * 99) / all)),
    });
    await beforeEnd();
    const { rows } = await client.query<{ label: string; last: string; segmentBytes: number }>(
      `select labelfile as label, pg_walfile_name(lsn) as last,
         (select setting::int from pg_settings where name = 'wal_segment_size') as "segmentBytes"
       from pg_backup_stop(false)`,
    );
    const [stopped] = rows;
    const first = /^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)$/m.exec(stopped?.label ?? '')?.[1];
    if (stopped === undefined || first === undefined) throw new Error('pg_backup_stop gave no label');
    for (const name of segments(first, stopped.last, stopped.segmentBytes)) {
      await copyFile(join(from, 'pg_wal', name), join(to, 'pg_wal', name));
      await own(join(to, 'pg_wal', name));
    }
    await writeFile(join(to, 'backup_label'), stopped.label, { mode: 0o600 });
    await own(join(to, 'backup_label'));
    await writeFile(join(target, 'password'), postgres.password, { mode: 0o600 });
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Names of the WAL files from `first` to `last`: timeline, then the number in two halves. */
export const segments = (first: string, last: string, segmentBytes: number): string[] => {
  const perHalf = 0x1_0000_0000 / segmentBytes;
  const numberOf = (name: string): number =>
    Number.parseInt(name.slice(8, 16), 16) * perHalf + Number.parseInt(name.slice(16), 16);
  const from = numberOf(first);
  return Array.from(
    { length: numberOf(last) - from + 1 },
    (_, index) => first.slice(0, 8) + hex(Math.floor((from + index) / perHalf)) + hex((from + index) % perHalf),
  );
};

const hex = (number: number): string => number.toString(16).toUpperCase().padStart(8, '0');
