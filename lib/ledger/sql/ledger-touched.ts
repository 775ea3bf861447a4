/** Rows of a table that this transaction has written so far, those of subtransactions that were taken back too. */
const written = (oid: string): string =>
  ['inserted', 'updated', 'deleted'].map((how) => `pg_stat_get_xact_tuples_${how}(${oid})`).join(' + ');

/** For `v_writes`, taken behind the claim. */
export const rowsWritten = written('v_ours[1]');

/** For `v_made`, likewise: routines made, replaced or dropped, as rows of the catalogue. */
export const routinesWritten = written("'pg_proc'::regclass");

/** For `v_ours`: the tables, `migration` first, and the sequence. */
export const ledgerRelations = (s: string): string =>
  `array[${['migration', 'event', 'event_id_seq', 'lease', 'capability', 'installation'].map((name) => `'${s}.${name}'::regclass`).join(', ')}]::oid[]`;

/**
 * Whether the statements of a migration reached the ledger's own tables, routines or schema, as an SQL condition over `v_ours`, `v_writes`,
 * `v_made` and `v_home` (the schema). It stands within `take_step`, which a migration cannot replace while it runs.
 *
 * Locks on tables tell: they stay until the transaction ends, and nobody can give them back (https://www.postgresql.org/docs/17/explicit-locking.html).
 * What reads, and ANALYZE, holds weaker ones. On `migration` the claim itself holds the lock of a writer; there PostgreSQL's count of rows tells,
 * which a superuser alone can switch off (`track_counts`). Routines are looked through only after any routine was made or dropped.
 */
export const ledgerTouched = (s: string): string => `exists (
      select from pg_lock_status() l where l.relation = any (v_ours) and l.pid = pg_backend_pid()
        and l.mode in ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        and not (l.relation = v_ours[1] and l.mode = 'RowExclusiveLock'))
      or ${rowsWritten} <> v_writes
      or to_regnamespace('${s}') is distinct from v_home::regnamespace
      or exists (select from pg_inherits i where i.inhparent = any (v_ours))
      or ${routinesWritten} <> v_made and (select i.routines from ${s}.installation i)
        <> (select count(*) from pg_proc p where p.pronamespace = v_home and age(p.xmin) > 0)`;
