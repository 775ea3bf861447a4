import type pg from 'pg';
import type { Refusal } from './run-section.ts';

/** Names of the roles that are not PostgreSQL's own. */
export const readRoles = async (admin: pg.Client): Promise<ReadonlySet<string>> => {
  const { rows } = await admin.query<{ name: string }>(`select rolname as name from pg_roles where rolname !~ '^pg_'`);
  return new Set(rows.map(({ name }) => name));
};

/**
 * Puts the server's roles back as they were, by name: those made since go, those that went come again, without their attributes.
 * The databases in which they owned something have to be gone.
 */
export const restoreRoles = async (admin: pg.Client, before: ReadonlySet<string>): Promise<void> => {
  const now = await readRoles(admin);
  for (const name of now) if (!before.has(name)) await admin.query(`drop role ${admin.escapeIdentifier(name)}`);
  for (const name of before) if (!now.has(name)) await admin.query(`create role ${admin.escapeIdentifier(name)}`);
};

/** The role that a statement names and the server does not have; null when something else was refused. */
export const missingRole = ({ sqlstate, message }: Refusal): string | null =>
  sqlstate === '42704' ? (/^role "(.+)" does not exist$/.exec(message)?.[1] ?? null) : null;
