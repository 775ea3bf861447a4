/**
 * The ledger's tables. Later versions add to this list what brings an older ledger up, so that running all of it is always right.
 * The lease's token has a plain unique index: it is what makes a change of token wait for every `FOR KEY SHARE` on the row
 * (https://www.postgresql.org/docs/17/explicit-locking.html#LOCKING-ROWS).
 */
export const tables = (s: string): string => `
create table if not exists ${s}.installation (
  singleton boolean primary key default true check (singleton),
  version integer not null,
  installed_at timestamptz not null default clock_timestamp()
);
alter table ${s}.installation add column if not exists routines integer;
create table if not exists ${s}.lease (
  singleton boolean primary key default true check (singleton),
  token bigint not null default 1 constraint lease_token_key unique,
  holder text,
  since timestamptz
);
insert into ${s}.lease default values on conflict do nothing;
create table if not exists ${s}.migration (
  version text collate "C" primary key,
  revision integer not null,
  name text not null,
  checksum text not null,
  state text not null check (state in ('applied', 'applying', 'reverting', 'reverted')),
  up jsonb not null,
  down jsonb,
  irreversible text,
  verify jsonb not null,
  script_hash text not null,
  up_loss text not null,
  down_loss text,
  statements_done integer not null default 0,
  rows bigint[] not null default '{}',
  ms float8[] not null default '{}',
  total_ms float8 not null default 0,
  run text not null,
  reverted_run text,
  token bigint not null,
  actor text not null,
  snapshot text,
  instant_before timestamptz,
  applied_at timestamptz,
  reverted_at timestamptz,
  updated_at timestamptz not null default clock_timestamp()
);
create table if not exists ${s}.event (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  run text,
  version text,
  token bigint,
  detail jsonb not null default '{}'
);
create table if not exists ${s}.capability (
  name text primary key,
  holds boolean,
  found text not null,
  found_at timestamptz not null default clock_timestamp()
);
create index if not exists event_run_idx on ${s}.event (run, id);
create index if not exists event_up_idx on ${s}.event (id) where kind in ('applied', 'intent');
`;
