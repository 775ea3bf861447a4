import { LockkeeperError } from '../errors/index.ts';
import type { Database, QueryOptions, Row } from './database.ts';
import { own } from './operators.ts';

/** SQLSTATE of a refusal, and the settings of a session that bring it about. */
const causes: Readonly<Record<string, readonly string[]>> = {
  '25006': ['default_transaction_read_only'],
  LK006: ['default_transaction_read_only', 'default_transaction_isolation'],
  '42501': ['role'],
  '57014': ['statement_timeout'],
};
/** What a statement of a migration's own may meet by itself. */
const ambiguous = new Set(['42501', '57014']);

const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

const whose = ({ database, role }: Row): string =>
  role === null
    ? database === null
      ? 'ALTER ROLE ALL'
      : `ALTER DATABASE ${quoted(String(database))}`
    : `ALTER ROLE ${quoted(String(role))}${database === null ? '' : ` IN DATABASE ${quoted(String(database))}`}`;

/**
 * `SessionUnfit` for a refusal that comes of a setting which ALTER ROLE or ALTER DATABASE gives to our sessions, naming it and how to undo it;
 * null when no such setting stands in pg_db_role_setting, or it cannot be asked. One call, only after a refusal.
 */
export const unfitBySetting = async (
  database: Database,
  sqlstate: string | undefined,
  error: unknown,
  { continueAfterTimeout = false }: QueryOptions = {},
): Promise<LockkeeperError | null> => {
  const names = causes[sqlstate ?? ''];
  if (names === undefined || (continueAfterTimeout && ambiguous.has(sqlstate ?? ''))) return null;
  const rows = await database
    .query(
      `SELECT pg_catalog.split_part(c.setting, '=', 1) AS name, CAST(d.datname AS text) AS database, CAST(r.rolname AS text) AS role
      FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c (setting)
      LEFT JOIN pg_catalog.pg_database d ON d.oid ${own.is} s.setdatabase LEFT JOIN pg_catalog.pg_roles r ON r.oid ${own.is} s.setrole
      WHERE (d.datname IS NULL OR d.datname ${own.is} current_database()) AND (r.rolname IS NULL OR r.rolname ${own.is} session_user)
        AND (d.datname IS NOT NULL OR s.setdatabase ${own.is} CAST(0 AS oid)) AND (r.rolname IS NOT NULL OR s.setrole ${own.is} CAST(0 AS oid))`,
    )
    .catch((): readonly Row[] => []);
  const found = rows.filter(({ name }) => names.includes(String(name)));
  if (found.length === 0) return null;
  const settings = found.map((row) => `${String(row['name'])} by ${whose(row)}`).join(', ');
  const undo = found.map((row) => `${whose(row)} RESET ${String(row['name'])}`).join('; ');
  const said = error instanceof Error ? error.message : '';
  return new LockkeeperError('SessionUnfit', `${said}: our sessions get ${settings}; to undo it: ${undo}`, {
    details: { sqlstate: sqlstate ?? null, undo },
    cause: error,
  });
};
