/**
 * Settings of a laptop's server, given at each start so that a change reaches clusters made before.
 * A base backup of a running server needs `wal_level` replica, and a slot to keep the WAL it copies.
 * The log gets neither statements nor their errors, since both hold row values.
 */
export const serverSettings = (port: number, { fsync }: { fsync: boolean }): string[] =>
  Object.entries({
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '60',
    shared_buffers: '64MB',
    fsync: fsync ? 'on' : 'off',
    // torn pages come from a crash of the machine, which a server without fsync does not survive anyway
    full_page_writes: fsync ? 'on' : 'off',
    wal_level: 'replica',
    max_wal_senders: '0',
    max_replication_slots: '8',
    max_logical_replication_workers: '0',
    min_wal_size: '8MB',
    max_wal_size: '256MB',
    checkpoint_timeout: '15min',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] ',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
