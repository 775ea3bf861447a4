import type pg from 'pg';
import type { Refusal } from './run-section.ts';

/** What belongs to the server, not to one database, by name. */
export interface ServerObjects {
  readonly roles: ReadonlySet<string>;
  /** Without those that a trial works in. */
  readonly databases: ReadonlySet<string>;
}

/** A role or a database that a migration names and only the real server has. */
export interface MissingObject {
  readonly kind: 'role' | 'database';
  readonly name: string;
}

export const readServerObjects = async (admin: pg.Client): Promise<ServerObjects> => {
  const { rows } = await admin.query<{ kind: string; name: string }>(
    `select 'role' as kind, rolname as name from pg_roles where rolname !~ '^pg_'
     union all select 'database', datname from pg_database where datname !~ '^scratch_'`,
  );
  const named = (kind: string): ReadonlySet<string> =>
    new Set(rows.filter((row) => row.kind === kind).map(({ name }) => name));
  return { roles: named('role'), databases: named('database') };
};

/**
 * Puts the server's objects back as they were, by name: those made since go, roles that went come again, without their attributes.
 * The databases in which a role owned something have to be gone.
 */
export const restoreServerObjects = async (admin: pg.Client, before: ServerObjects): Promise<void> => {
  const now = await readServerObjects(admin);
  const drop = (kind: string, names: ReadonlySet<string>, kept: ReadonlySet<string>) =>
    [...names].filter((name) => !kept.has(name)).map((name) => `drop ${kind} ${admin.escapeIdentifier(name)}`);
  const returning = [...before.roles]
    .filter((name) => !now.roles.has(name))
    .map((name) => `create role ${admin.escapeIdentifier(name)}`);
  for (const sql of [
    ...drop('database', now.databases, before.databases),
    ...drop('role', now.roles, before.roles),
    ...returning,
  ])
    await admin.query(sql);
};

const missing: readonly { readonly sqlstate: string; readonly kind: MissingObject['kind'] }[] = [
  { sqlstate: '42704', kind: 'role' },
  { sqlstate: '3D000', kind: 'database' },
];

/** What the server lacks; null when something else was refused. */
export const missingObject = ({ sqlstate, message }: Refusal): MissingObject | null => {
  for (const { sqlstate: expected, kind } of missing) {
    const name = sqlstate === expected ? new RegExp(`^${kind} "(.+)" does not exist$`).exec(message)?.[1] : undefined;
    if (name !== undefined) return { kind, name };
  }
  return null;
};

/** Makes an empty one in its place. */
export const makeObject = async (admin: pg.Client, { kind, name }: MissingObject): Promise<void> => {
  await admin.query(`create ${kind} ${admin.escapeIdentifier(name)}`);
};
