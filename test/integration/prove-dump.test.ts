import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderDifference } from '../../lib/prove/difference-text.ts';
import { dumpSchema, readSchema } from '../../lib/prove/dump/dump-schema.ts';
import { renderDump, type SchemaDump } from '../../lib/prove/dump/schema-dump.ts';
import { compareDumps, isSameSchema, type SchemaDifference } from '../../lib/prove/schema-difference.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let client: pg.Client;
beforeAll(async () => {
  server = await startTestServer();
  client = new pg.Client({ connectionString: await server.createDatabase() });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const options = { ledgerSchema: 'lockkeeper', roles: true } as const;

const dump = (): Promise<SchemaDump> => readSchema(client, options);

/** Works in a transaction that is taken back: a new database for each case would take many times as long. */
const takenBack = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
  await client.query('begin');
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
};

const differenceAfter = (before: string, change: string): Promise<SchemaDifference> =>
  takenBack(async () => {
    await client.query(before);
    const first = await dump();
    await client.query(change);
    return compareDumps(first, await dump());
  });

const named = ({ missing, extra, changed, reordered }: SchemaDifference): readonly string[] => [
  ...missing.map(({ kind, name }) => `missing ${kind} ${name}`),
  ...extra.map(({ kind, name }) => `extra ${kind} ${name}`),
  ...changed.map(({ kind, name, lines }) =>
    [`changed ${kind} ${name}`, ...lines.map(({ sign, line }) => `${sign} ${line}`)].join('\n'),
  ),
  ...reordered.map(({ kind, name }) => `reordered ${kind} ${name}`),
];

const t = 'create table t (a int not null, b text);';

/** What is there, what changes, and what the difference says. */
const cases: readonly (readonly [what: string, before: string, change: string, found: readonly string[]])[] = [
  // columns
  ['a table', '', 'create table t (a int)', ['extra table public.t']],
  ['a new column', t, 'alter table t add c date', ['changed table public.t\n+ column c date']],
  ['a dropped column', t, 'alter table t drop b', ['changed table public.t\n- column b text']],
  ['the order of columns', t, 'alter table t drop a; alter table t add a int not null', ['reordered table public.t']],
  [
    'a type',
    t,
    'alter table t alter a type bigint',
    ['changed table public.t\n- column a integer not null\n+ column a bigint not null'],
  ],
  [
    'a length',
    'create table t (a varchar(5))',
    'alter table t alter a type varchar(6)',
    ['changed table public.t\n- column a character varying(5)\n+ column a character varying(6)'],
  ],
  [
    'NOT NULL',
    t,
    'alter table t alter b set not null',
    ['changed table public.t\n- column b text\n+ column b text not null'],
  ],
  [
    'a default',
    t,
    "alter table t alter b set default 'x'",
    ["changed table public.t\n- column b text\n+ column b text default 'x'::text"],
  ],
  [
    'an identity',
    t,
    'alter table t alter a add generated always as identity',
    [
      'extra sequence public.t_a_seq',
      'changed table public.t\n- column a integer not null\n+ column a integer not null generated always as identity',
    ],
  ],
  [
    'a generation expression',
    'create table t (a int, g int generated always as (a + 1) stored)',
    'alter table t alter g drop expression',
    ['changed table public.t\n- column g integer generated always as ((a + 1)) stored\n+ column g integer'],
  ],
  [
    'a collation',
    t,
    'alter table t alter b type text collate "C"',
    ['changed table public.t\n- column b text\n+ column b text collate "C"'],
  ],
  [
    'a storage',
    t,
    'alter table t alter b set storage external',
    ['changed table public.t\n- column b text\n+ column b text storage external'],
  ],
  [
    'a compression',
    t,
    'alter table t alter b set compression pglz',
    ['changed table public.t\n- column b text\n+ column b text compression pglz'],
  ],
  [
    'a statistics target',
    t,
    'alter table t alter b set statistics 500',
    ['changed table public.t\n- column b text\n+ column b text statistics 500'],
  ],
  [
    "a column's options",
    t,
    'alter table t alter b set (n_distinct = 5)',
    ['changed table public.t\n- column b text\n+ column b text with (n_distinct=5)'],
  ],
  ["a column's comment", t, "comment on column t.b is 'it''s'", ["changed table public.t\n+ comment on b 'it''s'"]],
  // tables
  ["a table's comment", t, "comment on table t is 'x'", ["changed table public.t\n+ comment 'x'"]],
  ['storage parameters', t, 'alter table t set (fillfactor = 70)', ['changed table public.t\n+ with (fillfactor=70)']],
  [
    "a TOAST table's parameters",
    t,
    'alter table t set (toast.autovacuum_enabled = off)',
    ['changed table public.t\n+ toast with (autovacuum_enabled=off)'],
  ],
  ['UNLOGGED', t, 'alter table t set unlogged', ['changed table public.t\n+ unlogged']],
  [
    'row level security',
    t,
    'alter table t enable row level security, force row level security',
    ['changed table public.t\n+ row level security enabled\n+ row level security forced'],
  ],
  ['a replica identity', t, 'alter table t replica identity full', ['changed table public.t\n+ replica identity full']],
  [
    'a replica identity by index',
    `${t} create unique index i on t (a);`,
    'alter table t replica identity using index i',
    ['changed index public.i\n+ replica identity'],
  ],
  [
    'a clustered index',
    `${t} create index i on t (a);`,
    'alter table t cluster on i',
    ['changed index public.i\n+ clustered'],
  ],
  [
    'an inheritance',
    `${t} create table u (a int not null, b text);`,
    'alter table u inherit t',
    [
      "changed table public.u\n- column a integer not null\n- column b text\n+ column a integer not null merged with the parent's\n+ column b text merged with the parent's\n+ inherits public.t",
    ],
  ],
  [
    'a partition',
    'create table p (a int) partition by range (a); create table q (a int);',
    'alter table p attach partition q for values from (1) to (2)',
    [
      'changed table public.q\n- column a integer\n+ column a integer inherited\n+ partition of public.p\n+ FOR VALUES FROM (1) TO (2)',
    ],
  ],
  [
    'a partition key',
    'create table p (a int) partition by range (a)',
    'drop table p; create table p (a int) partition by hash (a)',
    ['changed table public.p\n- partition by RANGE (a)\n+ partition by HASH (a)'],
  ],
  [
    'a table of a type',
    'create type c as (a int); create table t of c',
    'alter table t not of',
    ['changed table public.t\n- of type public.c'],
  ],
  // constraints and indexes
  ['a check', t, 'alter table t add constraint k check (a > 0)', ['extra constraint public.t.k']],
  [
    'the validity of a check',
    `${t} alter table t add constraint k check (a > 0) not valid;`,
    'alter table t validate constraint k',
    ['changed constraint public.t.k\n- CHECK ((a > 0)) NOT VALID\n+ CHECK ((a > 0))'],
  ],
  ['a primary key', t, 'alter table t add primary key (a)', ['extra constraint public.t.t_pkey']],
  [
    'deferrability',
    'create table t (a int unique); create table u (a int references t (a));',
    'alter table u alter constraint u_a_fkey deferrable initially deferred',
    [
      'changed constraint public.u.u_a_fkey\n- FOREIGN KEY (a) REFERENCES public.t(a)\n+ FOREIGN KEY (a) REFERENCES public.t(a) DEFERRABLE INITIALLY DEFERRED',
    ],
  ],
  [
    "a foreign key's disabled triggers",
    'create table t (a int unique); create table u (a int references t (a));',
    'alter table u disable trigger all',
    ['changed constraint public.u.u_a_fkey\n+ triggers disabled'],
  ],
  [
    'an exclusion',
    'create table t (r int4range)',
    'alter table t add constraint x exclude using gist (r with &&)',
    ['extra constraint public.t.x'],
  ],
  [
    "a constraint's comment",
    'create table t (a int primary key)',
    "comment on constraint t_pkey on t is 'x'",
    ["changed constraint public.t.t_pkey\n+ comment 'x'"],
  ],
  [
    "a constraint index's parameters",
    'create table t (a int primary key)',
    'alter index t_pkey set (fillfactor = 50)',
    ['changed constraint public.t.t_pkey\n+ with (fillfactor=50)'],
  ],
  ['an index', t, 'create index i on t (a)', ['extra index public.i']],
  [
    'the predicate of an index',
    `${t} create index i on t (a);`,
    'drop index i; create index i on t (a) where a > 1',
    [
      'changed index public.i\n- CREATE INDEX i ON public.t USING btree (a)\n+ CREATE INDEX i ON public.t USING btree (a) WHERE (a > 1)',
    ],
  ],
  [
    'the validity of an index',
    `${t} create index i on t (a);`,
    "update pg_index set indisvalid = false where indexrelid = 'i'::regclass",
    ['changed index public.i\n+ invalid'],
  ],
  [
    'statistics of an expression',
    `${t} create index i on t ((a + 1));`,
    'alter index i alter column 1 set statistics 7',
    ['changed index public.i\n+ statistics of column 1 7'],
  ],
  ['extended statistics', t, 'create statistics s on a, b from t', ['extra statistics public.s']],
  [
    "extended statistics' target",
    `${t} create statistics s on a, b from t;`,
    'alter statistics s set statistics 9',
    ['changed statistics public.s\n+ target 9'],
  ],
  // what acts on tables
  [
    'a trigger',
    `${t} create function f() returns trigger language plpgsql as 'begin return new; end';`,
    'create trigger g before insert on t for each row execute function f()',
    ['extra trigger public.t.g'],
  ],
  [
    'a disabled trigger',
    `${t} create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger g before insert on t for each row execute function f();`,
    'alter table t disable trigger g',
    ['changed trigger public.t.g\n+ disabled'],
  ],
  ['a rule', t, 'create rule r as on delete to t do instead nothing', ['extra rule public.t.r']],
  ['a policy', t, 'create policy p on t for select using (a > 1)', ['extra policy public.t.p']],
  [
    "a policy's expression",
    `${t} create policy p on t using (a > 1);`,
    'alter policy p on t using (a > 2)',
    ['changed policy public.t.p\n- using ((a > 1))\n+ using ((a > 2))'],
  ],
  [
    'an event trigger',
    "create function f() returns event_trigger language plpgsql as 'begin end'; create event trigger e on ddl_command_end when tag in ('GRANT') execute function f();",
    'alter event trigger e disable',
    ['changed event trigger e\n+ disabled'],
  ],
  [
    'a publication',
    `${t} create publication p;`,
    'alter publication p add table t (a) where (a > 1)',
    ['changed publication p\n+ table public.t (a) where (a > 1)'],
  ],
  // views and routines
  ['a view', t, 'create view v as select a from t', ['extra view public.v']],
  [
    "a view's query",
    `${t} create view v as select a from t;`,
    'create or replace view v as select a from t where a > 1',
    ['changed view public.v\n-    FROM public.t;\n+    FROM public.t\n+   WHERE (a > 1);'],
  ],
  [
    "a view's options",
    `${t} create view v as select a from t;`,
    'alter view v set (security_barrier = true)',
    ['changed view public.v\n+ with (security_barrier=true)'],
  ],
  ['a materialized view', t, 'create materialized view v as select a from t', ['extra materialized view public.v']],
  [
    'whether a materialized view is filled',
    `${t} create materialized view v as select a from t with no data;`,
    'refresh materialized view v',
    ['changed materialized view public.v\n- with no data'],
  ],
  [
    'a function',
    '',
    "create function f(a int) returns int language sql as 'select 1'",
    ['extra function public.f(a integer)'],
  ],
  [
    "a function's body",
    "create function f() returns int language sql as 'select 1'",
    "create or replace function f() returns int language sql as 'select 2'",
    ['changed function public.f()\n- AS $function$select 1$function$\n+ AS $function$select 2$function$'],
  ],
  [
    "a function's volatility",
    "create function f() returns int language sql as 'select 1'",
    'alter function f() immutable',
    ['changed function public.f()\n+  IMMUTABLE'],
  ],
  ['a procedure', '', "create procedure f() language sql as 'select 1'", ['extra procedure public.f()']],
  [
    'an aggregate',
    "create aggregate g (int) (sfunc = int4pl, stype = int, initcond = '0')",
    "drop aggregate g (int); create aggregate g (int) (sfunc = int4pl, stype = int, initcond = '1')",
    [
      "changed aggregate public.g(integer)\n- state integer by int4pl(integer,integer) initial '0' space 0\n+ state integer by int4pl(integer,integer) initial '1' space 0",
    ],
  ],
  // types
  ['an enum', '', "create type e as enum ('x')", ['extra enum public.e']],
  [
    'a value of an enum, in its place',
    "create type e as enum ('x', 'y')",
    "alter type e add value 'n' before 'y'",
    ["changed enum public.e\n+ value 'n'"],
  ],
  [
    'the order of an enum',
    "create type e as enum ('x', 'y')",
    "drop type e; create type e as enum ('y', 'x')",
    ["changed enum public.e\n- value 'x'\n+ value 'x'"],
  ],
  [
    'a domain',
    'create domain d as int',
    'alter domain d set default 4',
    ['changed domain public.d\n- as integer\n+ as integer default 4'],
  ],
  [
    "a domain's constraint",
    'create domain d as int',
    'alter domain d add constraint k check (value > 0) not valid',
    ['changed domain public.d\n+ constraint k CHECK ((VALUE > 0)) NOT VALID'],
  ],
  [
    'a composite type',
    'create type c as (a int)',
    'alter type c add attribute b text',
    ['changed composite type public.c\n+ attribute b text'],
  ],
  ['a range type', '', 'create type r as range (subtype = float8)', ['extra range type public.r']],
  ['a shell type', '', 'create type s', ['extra type public.s']],
  [
    'a base type',
    "create type s; create function s_in(cstring) returns s language internal immutable strict as 'int4in'; create function s_out(s) returns cstring language internal immutable strict as 'int4out';",
    'create type s (input = s_in, output = s_out, like = int4)',
    [
      'changed type public.s\n- shell\n+ input public.s_in output public.s_out receive - send - modifiers in - out - analyze - subscript - length 4 by value align i storage p category U f delimiter , collation 0',
    ],
  ],
  [
    'a cast',
    'create type c as (a int)',
    "create function f(c) returns int language sql as 'select 1'; create cast (c as int) with function f(c) as assignment",
    ['extra cast public.c as integer', 'extra function public.f(public.c)'],
  ],
  [
    'an operator',
    '',
    'create operator === (leftarg = int, rightarg = int, function = int4eq)',
    ['extra operator public.===(integer,integer)'],
  ],
  [
    'an operator class',
    '',
    'create operator class o for type int using hash as operator 1 =, function 1 hashint4(int)',
    ['extra operator class public.o using hash', 'extra operator family public.o using hash'],
  ],
  [
    'an operator family',
    'create operator family o using btree',
    'alter operator family o using btree add operator 1 < (int, int)',
    ['changed operator family public.o using btree\n+ operator 1 <(integer,integer) for s'],
  ],
  [
    'a collation object',
    '',
    `create collation k (provider = builtin, locale = 'C.UTF-8')`,
    ['extra collation public.k'],
  ],
  [
    'a conversion',
    '',
    "create conversion k for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
    ['extra conversion public.k'],
  ],
  [
    'a text search configuration',
    'create text search configuration k (copy = simple)',
    'alter text search configuration k drop mapping for email',
    ['changed text search configuration public.k\n- token 4 1 simple'],
  ],
  [
    'a text search dictionary',
    'create text search dictionary k (template = simple)',
    'alter text search dictionary k (accept = false)',
    ["changed text search dictionary public.k\n+ options accept = 'false'"],
  ],
  [
    'a text search template',
    '',
    'create text search template k (lexize = dsimple_lexize)',
    ['extra text search template public.k'],
  ],
  [
    'a text search parser',
    '',
    'create text search parser k (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype)',
    ['extra text search parser public.k'],
  ],
  // sequences
  [
    'a sequence',
    'create sequence s',
    'alter sequence s increment 2 cycle',
    [
      'changed sequence public.s\n- as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1\n+ as bigint start 1 increment 2 minvalue 1 maxvalue 9223372036854775807 cache 1 cycle',
    ],
  ],
  [
    "a sequence's owner column",
    `${t} create sequence s;`,
    'alter sequence s owned by t.a',
    ['changed sequence public.s\n+ owned by public.t.a'],
  ],
  ["not a sequence's value, which is data", 'create sequence s', "select nextval('s')", []],
  // the database
  ['a schema', '', 'create schema s', ['extra schema s']],
  [
    "a schema's privileges",
    'create schema s',
    'grant usage on schema s to public',
    ['changed schema s\n+ grant USAGE to public by postgres'],
  ],
  ['nothing of the ledger', '', 'create schema lockkeeper; create table lockkeeper.t (a int)', []],
  ['no temporary table', '', 'create temporary table t (a int primary key)', []],
  ['an extension', '', 'create extension pg_trgm', ['extra extension pg_trgm']],
  [
    'default privileges',
    '',
    'alter default privileges grant select on tables to public',
    ['extra default privileges of postgres on tables'],
  ],
  ['a privilege', t, 'grant select on t to public', ['changed table public.t\n+ grant SELECT to public by postgres']],
  [
    "a column's privilege",
    t,
    'grant update (b) on t to public',
    ['changed table public.t\n+ grant UPDATE (b) to public by postgres'],
  ],
  [
    'a revoked default privilege',
    "create function f() returns int language sql as 'select 1'",
    'revoke all on function f() from public',
    ['changed function public.f()\n+ revoked EXECUTE to public by postgres'],
  ],
  ['no privilege given and taken back', t, 'grant select on t to public; revoke select on t from public', []],
  ['a foreign-data wrapper', '', "create foreign data wrapper w options (a 'b')", ['extra foreign-data wrapper w']],
  [
    'a foreign server',
    'create foreign data wrapper w',
    'create server s foreign data wrapper w; create user mapping for public server s',
    ['extra foreign server s'],
  ],
  [
    "a foreign table's options",
    "create foreign data wrapper w; create server s foreign data wrapper w; create foreign table f (a int) server s options (x '1')",
    "alter foreign table f options (set x '2')",
    ['changed foreign table public.f\n- server s options (x=1)\n+ server s options (x=2)'],
  ],
  ['an access method', '', 'create access method m type index handler bthandler', ['extra access method m']],
  ['a language', '', 'create language l handler plpgsql_call_handler', ['extra language l']],
  [
    'a transform',
    '',
    "create function f(internal) returns internal language internal immutable as 'int4in'; create transform for int language plpgsql (from sql with function f(internal))",
    ['extra function public.f(internal)', 'extra transform for integer language plpgsql'],
  ],
  [
    "a role's attributes",
    'create role dump_test',
    'alter role dump_test createdb',
    ['changed role dump_test\n+ createdb'],
  ],
  [
    'a setting of this database',
    '',
    "do $$ begin execute format('alter database %I set work_mem = ''5MB''', current_database()); end $$",
    ['extra settings of the database'],
  ],
  [
    'an owner',
    `${t} create role dump_owner;`,
    'alter table t owner to dump_owner',
    ['changed table public.t\n- owner postgres\n+ owner dump_owner'],
  ],
];

test.each(cases)('the dump sees %s', async (_what, before, change, found) => {
  expect(named(await differenceAfter(before, change))).toEqual(found);
});

test('a schema is the same text whatever the order in which it was made, and the search path is the caller’s again', async () => {
  const [one, two] = [
    'create table t (a int, b int); create index i on t (a); create view v as select a from t;',
    "create function f() returns int language sql as 'select 1'; create type e as enum ('x');",
  ];
  const texts: string[] = [];
  for (const sql of [`${one}${two}`, `${two}${one}`])
    await takenBack(async () => {
      await client.query(`set local search_path = public; ${sql}`);
      texts.push(renderDump(await dump()));
      const { rows } = await client.query<{ search_path: string }>('show search_path');
      expect(rows).toEqual([{ search_path: 'public' }]);
    });
  expect(texts[0]).toContain(
    'table public.t\n  column a integer\n  column b integer\n  owner postgres\n  columns in order: a, b\n',
  );
  expect(texts[1]).toBe(texts[0]);
});

test('a difference reads object by object, with what hangs on a missing table folded under it', async () => {
  const difference = await differenceAfter(
    `create table gone (id serial primary key, a int, b int, c int, d int); create index on gone (a); create view v as select 1 as x; ${t}`,
    'drop table gone; drop view v; alter table t alter b set not null; create sequence s; alter table t drop a; alter table t add a int not null',
  );
  expect(isSameSchema(difference)).toBe(false);
  expect(renderDifference(difference)).toBe(`missing table public.gone
    column a integer
    column b integer
    column c integer
    column d integer
    column id integer not null default nextval('public.gone_id_seq'::regclass)
    owner postgres
    with 1 constraint, 1 index, 1 sequence
missing view public.v
    column x integer
     SELECT 1 AS x;
    owner postgres
extra sequence public.s
    as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1
    owner postgres
changed table public.t
  - column b text
  + column b text not null
reordered table public.t
  - columns in order: a, b
  + columns in order: b, a`);
});

test('200 tables are dumped in less than 300 ms', async () => {
  const large = new pg.Client({ connectionString: await server.createDatabase() });
  await large.connect();
  try {
    for (let n = 0; n < 200; n += 1)
      await large.query(
        `create table t${n} (id serial primary key, a text unique, b text, c int check (c > 0), d jsonb); create index on t${n} (b)`,
      );
    const times: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const began = performance.now();
      expect(await dumpSchema(large, options)).toHaveLength(1203);
      times.push(performance.now() - began);
    }
    expect(Math.min(...times)).toBeLessThan(300);
  } finally {
    await large.end();
  }
});
