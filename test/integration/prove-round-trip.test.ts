import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  openScratchServer,
  proofText,
  prove,
  type Proven,
  proveProject,
  type ScratchServer,
  type Unproven,
} from '../../lib/prove/index.ts';
import { compileProject, writeSum } from '../../lib/project/index.ts';
import { manifestOf, migration } from '../support/changelog.ts';

const trials: (readonly [title: string, texts: readonly string[], said: string])[] = [
  [
    'a table made and dropped',
    [migration('CREATE TABLE t (id int PRIMARY KEY);', 'DROP TABLE t;')],
    '20250101000100-step-1.sql: restores schema and data',
  ],
  [
    'a column dropped and added again, in another place and without its values',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY, email text, age int);', 'DROP TABLE t;'),
      migration('ALTER TABLE t DROP COLUMN email;', 'ALTER TABLE t ADD COLUMN email text;'),
    ],
    `20250101000200-step-2.sql: restores schema, not data
  public.t: email not as before
  public.t: the columns come back in another order`,
  ],
  [
    'values that the up moves and the down moves back',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY, email text);', 'DROP TABLE t;'),
      migration(
        'CREATE TABLE mails (id int PRIMARY KEY, email text); INSERT INTO mails SELECT id, email FROM t; ALTER TABLE t DROP email;',
        'ALTER TABLE t ADD email text; UPDATE t SET email = m.email FROM mails m WHERE m.id = t.id; DROP TABLE mails;',
      ),
    ],
    '20250101000200-step-2.sql: restores schema and data',
  ],
  [
    'values that the down takes from the wrong column',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY, name text, full_name text);', 'DROP TABLE t;'),
      migration('ALTER TABLE t DROP full_name;', 'ALTER TABLE t ADD full_name text; UPDATE t SET full_name = name;'),
    ],
    '20250101000200-step-2.sql: restores schema, not data\n  public.t: full_name not as before',
  ],
  [
    'numbers that the down takes from the wrong column',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY, a int, b int);', 'DROP TABLE t;'),
      migration('ALTER TABLE t DROP b;', 'ALTER TABLE t ADD b int; UPDATE t SET b = a;'),
    ],
    '20250101000200-step-2.sql: restores schema, not data\n  public.t: b not as before',
  ],
  [
    'a foreign key made anew over columns of other names, which our rows keep',
    [
      migration(
        'CREATE TABLE people (name text PRIMARY KEY); CREATE TABLE pets (owner text REFERENCES people (name), vet text CONSTRAINT vets REFERENCES people (name));',
        'DROP TABLE pets, people;',
      ),
      migration(
        'ALTER TABLE pets DROP CONSTRAINT vets;',
        'ALTER TABLE pets ADD CONSTRAINT vets FOREIGN KEY (vet) REFERENCES people (name);',
      ),
    ],
    '20250101000200-step-2.sql: restores schema and data',
  ],
  [
    'rows that the up deletes',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY);', 'DROP TABLE t;'),
      migration('DELETE FROM t WHERE id > 0;', 'SELECT 1;'),
    ],
    '20250101000200-step-2.sql: restores schema, not data\n  public.t: 0 rows, there were 3',
  ],
  [
    'rows that the down leaves',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY);', 'DROP TABLE t;'),
      migration('INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;', 'SELECT 1;'),
    ],
    '20250101000200-step-2.sql: restores schema, not data\n  public.t: 4 rows, there were 3',
  ],
  [
    'a narrowed type that takes our rows back changed',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY, price numeric(10,2));', 'DROP TABLE t;'),
      migration('ALTER TABLE t ALTER price TYPE int;', 'ALTER TABLE t ALTER price TYPE numeric(10,2);'),
    ],
    '20250101000200-step-2.sql: restores schema, not data\n  public.t: price not as before',
  ],
  [
    'a down that adds NOT NULL where there are rows',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);', 'DROP TABLE t;'),
      migration('ALTER TABLE t DROP a;', 'ALTER TABLE t ADD a int NOT NULL;'),
    ],
    `20250101000200-step-2.sql: restores schema, not data
  with rows in the tables the down is refused: column "a" of relation "t" contains null values (23502, line 5)`,
  ],
  [
    'an up that only an empty table accepts',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (a text);', 'DROP TABLE t, u;'),
      migration('ALTER TABLE t ADD a int NOT NULL;', 'ALTER TABLE t DROP a;'),
    ],
    '20250101000200-step-2.sql: restores schema and data',
  ],
  [
    'a table that takes none of our rows',
    [
      migration('CREATE TABLE t (id int PRIMARY KEY CHECK (id % 1000 = 999));', 'DROP TABLE t;'),
      migration('ALTER TABLE t ADD a int;', 'ALTER TABLE t DROP a;'),
    ],
    '20250101000200-step-2.sql: restores schema, not data\n  public.t: no row could be made to try it with',
  ],
  [
    'documented steps',
    ['-- irreversible: restore the snapshot\n-- migrate:up\nCREATE TABLE t (id int);\n'],
    '20250101000100-step-1.sql: documented steps only',
  ],
  [
    'a down that forgets something',
    [
      migration(
        'CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE INDEX i ON t (a); CREATE TABLE u (id int);',
        'DROP TABLE u;',
      ),
    ],
    `20250101000100-step-1.sql: does not restore
  after the down the schema is not what it was before the up:
  extra table public.t
      column a integer
      column id integer not null default nextval('public.t_id_seq'::regclass)
      owner postgres
      with 1 constraint, 1 index, 1 sequence
  after the down the up is refused: relation "t" already exists (SQLSTATE 42P07, statement at line 2)
  with rows in the tables another schema comes back
  with rows in the tables the second up is refused: relation "t" already exists (42P07, line 2)`,
  ],
  [
    'a down that puts back something else',
    [
      migration('CREATE TABLE t (id int, a varchar(10) NOT NULL);', 'DROP TABLE t;'),
      migration('ALTER TABLE t DROP a;', "ALTER TABLE t ADD a varchar(20) NOT NULL DEFAULT '';"),
    ],
    `20250101000200-step-2.sql: does not restore
  after the down the schema is not what it was before the up:
  changed table public.t
    - column a character varying(10) not null
    + column a character varying(20) not null default ''::character varying
  with rows in the tables another schema comes back
  public.t: a not as before`,
  ],
  [
    'a down that PostgreSQL refuses',
    [migration('CREATE TABLE t (id int);', 'SELECT 1;\nDROP TABLE tt;')],
    `20250101000100-step-1.sql: does not restore
  the down is refused: table "tt" does not exist (SQLSTATE 42P01, statement at line 6)
  with rows in the tables the down is refused: table "tt" does not exist (42P01, line 6)`,
  ],
  [
    'an up that is another one the second time',
    [
      migration(
        "DO $$ BEGIN IF to_regclass('s') IS NULL THEN CREATE TABLE t (id int); ELSE CREATE TABLE t (id bigint); END IF; END $$;",
        'DROP TABLE t; CREATE SEQUENCE s;',
      ),
    ],
    `20250101000100-step-1.sql: does not restore
  after the down the schema is not what it was before the up:
  extra sequence public.s
      as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1
      owner postgres
  the up after the down makes another schema than the first:
  extra sequence public.s
      as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1
      owner postgres
  changed table public.t
    - column id integer
    + column id bigint
  with rows in the tables another schema comes back
  with rows in the tables another schema comes back`,
  ],
  [
    'an up that does not run',
    [migration('CREATE TABLE t (id int);', 'DROP TABLE t;'), migration('DROP TABLE u;', 'SELECT 1;')],
    '20250101000200-step-2.sql: not proven\n  the up is refused: table "u" does not exist (SQLSTATE 42P01, statement at line 2)',
  ],
  [
    'a role and a database that only the real server has',
    [
      migration(
        "CREATE TABLE t (id int); GRANT SELECT ON t TO reporting; ALTER DATABASE shop SET work_mem = '5MB';",
        'ALTER DATABASE shop RESET work_mem; DROP TABLE t;',
      ),
    ],
    '20250101000100-step-1.sql: restores schema and data',
  ],
  [
    'a role that the up makes and the down forgets',
    [migration('CREATE ROLE maker NOLOGIN; CREATE TABLE t (id int);', 'DROP TABLE t;')],
    `20250101000100-step-1.sql: does not restore
  after the down the schema is not what it was before the up:
  extra role maker
  after the down the up is refused: role "maker" already exists (SQLSTATE 42710, statement at line 2)
  with rows in the tables another schema comes back
  with rows in the tables the second up is refused: role "maker" already exists (42710, line 2)`,
  ],
  [
    'an extension that may have been there',
    [migration('CREATE EXTENSION IF NOT EXISTS hstore; CREATE TABLE t (id int);', 'DROP TABLE t;')],
    '20250101000100-step-1.sql: restores schema and data\n  the down leaves extension hstore, which others may use',
  ],
  [
    'a verify that wants rows',
    [
      migration(
        'CREATE TABLE t (id int);',
        'DROP TABLE t;',
        '',
        'SELECT count(*) = 0 FROM t;\nSELECT count(*) > 0 FROM t;',
      ),
    ],
    '20250101000100-step-1.sql: restores schema and data\n  the verify query at line 9 does not answer true on empty tables',
  ],
  [
    'indexes built and dropped concurrently',
    [
      migration('CREATE TABLE t (id int, a int);', 'DROP TABLE t;'),
      '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\n',
    ],
    '20250101000200-step-2.sql: restores schema and data',
  ],
];

let server: ScratchServer;
beforeAll(async () => {
  server = await openScratchServer();
});
afterAll(() => server.close());

const tried = async (texts: readonly string[]): Promise<Proven | Unproven> => {
  const manifest = manifestOf(texts);
  const newest = manifest.migrations.at(-1);
  const proofs = await prove(manifest, { server, isWanted: (each) => each === newest });
  const last = proofs.at(-1);
  if (last === undefined) throw new Error('nothing was tried');
  return last;
};

test.each(trials)('%s', async (_title, texts, said) => {
  expect(proofText(await tried(texts))).toBe(said);
});

const proven = async (texts: readonly string[]): Promise<Proven> => {
  const proof = await tried(texts);
  if (proof.wayBack === null) throw new Error(proofText(proof));
  return proof;
};

const t = { schema: 'public', name: 't', kind: 'table' } as const;

test('the locks of each statement are read before the commit, and what is written anew is seen', async () => {
  const { up, down } = await proven([
    migration('CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (b int);', 'DROP TABLE t, u;'),
    migration(
      `CREATE TABLE fresh (id int);
CREATE INDEX i ON t (a);
ALTER TABLE t ALTER a TYPE bigint;
ALTER TABLE u ADD FOREIGN KEY (b) REFERENCES t (id);
TRUNCATE u;
DROP TABLE u;`,
      'CREATE TABLE u (b int); ALTER TABLE t ALTER a TYPE int; DROP INDEX i; DROP TABLE fresh;',
    ),
  ]);
  const u = { schema: 'public', name: 'u', kind: 'table' };
  const key = { schema: 'public', name: 't_pkey', kind: 'index' };
  expect(up).toEqual([
    { line: 2, locks: [], rewritten: [] },
    { line: 3, locks: [{ object: t, mode: 'SHARE' }], rewritten: [] },
    {
      line: 4,
      locks: [
        { object: t, mode: 'ACCESS EXCLUSIVE' },
        { object: key, mode: 'ACCESS EXCLUSIVE' },
      ],
      rewritten: [t, key],
    },
    {
      line: 5,
      locks: [
        { object: t, mode: 'SHARE ROW EXCLUSIVE' },
        { object: key, mode: 'ACCESS SHARE' },
        { object: u, mode: 'SHARE ROW EXCLUSIVE' },
      ],
      rewritten: [],
    },
    { line: 6, locks: [{ object: u, mode: 'ACCESS EXCLUSIVE' }], rewritten: [] },
    { line: 7, locks: [], rewritten: [] },
  ]);
  expect(down.flatMap(({ rewritten }) => rewritten.map(({ name }) => name))).toEqual(['i', 't', 't_pkey']);
});

const alone = (up: string, down: string): string =>
  `-- migrate:up transaction:false\n${up}\n\n-- migrate:down transaction:false\n${down}\n`;

test('a statement that runs alone is made to stand still while its locks are read', async () => {
  const { up, down } = await proven([
    migration('CREATE TABLE t (id int, a int);', 'DROP TABLE t;'),
    alone('CREATE INDEX CONCURRENTLY i ON t (a);\nVACUUM t;', 'DROP INDEX CONCURRENTLY i;'),
  ]);
  const held = { object: t, mode: 'SHARE UPDATE EXCLUSIVE' };
  expect(up).toEqual([
    { line: 2, locks: [held], rewritten: [] },
    { line: 3, locks: [held], rewritten: [] },
  ]);
  expect(down).toEqual([
    {
      line: 6,
      locks: [{ object: { schema: 'public', name: 'i', kind: 'index' }, mode: 'SHARE UPDATE EXCLUSIVE' }, held],
      rewritten: [],
    },
  ]);
});

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockkeeper-prove-project-'));
  mkdirSync(join(directory, 'migrations'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('grades are kept beside the migrations and hold until this or an earlier one is edited', async () => {
  const write = (version: string, text: string): void => {
    writeFileSync(join(directory, 'migrations', `${version}-step.sql`), text);
    writeSum(directory);
  };
  write('20250101000100', migration('CREATE TABLE t (id int, a int);', 'DROP TABLE t;'));
  write('20250101000200', migration('ALTER TABLE t DROP a;', 'ALTER TABLE t ADD a int;'));
  write('20250101000300', migration('CREATE TABLE u (id int);', 'SELECT 1;'));

  const first = await proveProject(directory, { server });
  expect(first.tried.map(({ wayBack }) => wayBack)).toEqual(['schema-and-data', 'schema', 'broken']);
  expect(first.surprises).toEqual([]);
  expect(first.findings.map(({ code, details }) => [code, details['file']])).toEqual([
    ['WayBackBroken', '20250101000300-step.sql'],
  ]);
  const kept = readFileSync(join(directory, 'migrations', 'lockkeeper.proof.json'), 'utf8');
  expect(kept.replaceAll(/[0-9a-f]{64}/g, '…')).toBe(`{
  "format": 1,
  "proofs": [
    {"file":"20250101000100-step.sql","chain":"…","wayBack":"schema-and-data","notes":[]},
    {"file":"20250101000200-step.sql","chain":"…","wayBack":"schema","notes":["public.t: a not as before"]},
    {"file":"20250101000300-step.sql","chain":"…","wayBack":"broken","notes":["after the down the schema is not what it was before the up","after the down the up is refused: relation \\"u\\" already exists (SQLSTATE 42P07, statement at line 2)","with rows in the tables another schema comes back","with rows in the tables the second up is refused: relation \\"u\\" already exists (42P07, line 2)"]}
  ]
}
`);
  const { migrations } = await compileProject(directory);
  expect(migrations.map(({ wayBack }) => wayBack)).toEqual(['schema-and-data', 'schema', 'broken']);

  // only what was broken is tried again, and what was edited with all behind it
  write('20250101000300', migration('CREATE TABLE u (id int);', 'DROP TABLE u;'));
  expect((await compileProject(directory)).migrations.map(({ wayBack }) => wayBack)).toEqual([
    'schema-and-data',
    'schema',
    undefined,
  ]);
  const second = await proveProject(directory, { server });
  expect(second.tried.map(({ version, wayBack }) => [version, wayBack])).toEqual([
    ['20250101000300', 'schema-and-data'],
  ]);
  expect((await proveProject(directory, { server })).tried).toEqual([]);
  write('20250101000200', migration('ALTER TABLE t ADD b int;', 'ALTER TABLE t DROP b;'));
  expect((await proveProject(directory, { server })).tried.map(({ version }) => version)).toEqual([
    '20250101000200',
    '20250101000300',
  ]);
});

test('a proof file that cannot be read says so', async () => {
  writeFileSync(join(directory, 'migrations', 'lockkeeper.proof.json'), '<<<<<<< HEAD\n');
  await expect(compileProject(directory)).rejects.toMatchObject({
    code: 'ProofInvalid',
    message: 'lockkeeper.proof.json: not JSON',
  });
});
