import type { Ledger } from '../../lib/ledger/ledger.ts';
import type { ChangelogName } from './reference.ts';
import type { FaultAt, RunnerPlan, Schedule } from './schedule.ts';
import type { FaultServer } from './server.ts';
import { makeTemplates, play } from './suite.ts';
import type { Mutation } from './world.ts';

type Body = Omit<Schedule, 'seed' | 'part'>;

/** A rule of the protocol taken out, and the schedules that have to notice. */
export interface Mutant {
  readonly rule: string;
  /** Pieces of the installed SQL and what stands there instead. */
  readonly sql?: readonly (readonly [find: string, replace: string])[];
  readonly ports?: Mutation;
  readonly schedules: readonly Body[];
}

const up = (...faults: readonly FaultAt[]): RunnerPlan => ({ machine: 'Migrate', input: {}, faults });
const one = (...runners: readonly RunnerPlan[]): Body => ({
  start: 'installed',
  changelog: 'good',
  procedures: 'commit',
  runners,
});
const at = (calls: readonly number[], ...kinds: readonly string[]): Body[] =>
  kinds.flatMap((kind) => calls.map((call) => one(up({ service: 'data', call, kind }))));
const wrong = (changelog: ChangelogName): Body => ({ ...one(up()), changelog });
const paused = (before: number): Body => ({ ...one(up(), up()), interleaving: { before, until: 60, aborted: false } });

/** The same ledger with one of its methods in other words. */
const ledgerWith = (change: (ledger: Ledger) => Partial<Record<keyof Ledger, unknown>>): Mutation => ({
  tamper: (ports) => {
    const changed = change(ports.ledger);
    const ledger = new Proxy(ports.ledger, {
      get: (target, key) => {
        const own = (changed as Record<PropertyKey, unknown>)[key] ?? Reflect.get(target, key, target);
        return typeof own === 'function' ? (own as (...values: unknown[]) => unknown).bind(target) : own;
      },
    });
    return { ...ports, ledger };
  },
});

/** The definitions without the retries of these errors. */
const withoutRetryOf = (...errors: readonly string[]): Mutation => ({
  definition: (text) =>
    JSON.stringify(JSON.parse(text), (key, value: unknown) =>
      key === 'Retry'
        ? (value as { ErrorEquals: string[] }[]).filter(
            ({ ErrorEquals }) => !errors.some((each) => ErrorEquals.includes(each)),
          )
        : value,
    ),
});

/** A refused statement alone is believed to be refused, whatever a late call of it did. */
const withoutDuplicates = (): Mutation => {
  const refused = new WeakSet<Ledger>();
  return ledgerWith((ledger) => ({
    startAlone: async (...request: Parameters<Ledger['startAlone']>) => {
      try {
        return await ledger.startAlone(...request);
      } catch (error) {
        if ((error as { code?: string }).code === 'StatementFailed') refused.add(ledger);
        throw error;
      }
    },
    activity: async (...asked: Parameters<Ledger['activity']>) =>
      refused.has(ledger) ? [] : ledger.activity(...asked),
    judge: async (...asked: Parameters<Ledger['judge']>) => (refused.has(ledger) ? 'open' : ledger.judge(...asked)),
  }));
};

const fails = (): never => {
  throw new Error('the log is full');
};

/** A call that PostgreSQL refuses whole is looked into afterwards; without that the rules before it stand alone. */
const noSecondLook = ['.fail_first_open(', '.look_no_further('] as const;

const everyCall = Array.from({ length: 24 }, (_, n) => n + 1);
const alone = Array.from({ length: 13 }, (_, n) => n + 10);

export const mutants: readonly Mutant[] = [
  {
    rule: 'a step holds the lease row FOR KEY SHARE',
    sql: [['for key share;', ';']],
    schedules: at(everyCall, 'execution-aborted-running', 'timed-out-running'),
  },
  {
    rule: 'the token has a plain unique index, so that its change waits for every step',
    sql: [
      ['token bigint not null default 1 constraint lease_token_key unique', 'token bigint not null default 1'],
      [
        'insert into "lockkeeper".lease default values',
        'create unique index if not exists lease_token_key on "lockkeeper".lease (token) where token > 0;\ninsert into "lockkeeper".lease default values',
      ],
    ],
    schedules: at(everyCall, 'execution-aborted-running', 'timed-out-running'),
  },
  {
    rule: 'a migration is claimed by the revision and state of its row',
    sql: [
      [
        "v_expected integer := (p_migration->>''revision'')::integer;",
        "v_expected integer := coalesce((select t.revision from \"lockkeeper\".migration t where t.version = p_migration->>''version''), 0);",
      ],
      [" and t.state = ''reverted'' and t.revision = v_expected", ''],
    ],
    schedules: at(everyCall, 'reply-lost', 'late-soon'),
  },
  {
    rule: 'the token is changed before a verdict',
    sql: [
      ['set token = l.token + 1, holder = null', 'set token = l.token, holder = null'],
      ['returning l.token - 1 into v_held', 'returning l.token into v_held'],
    ],
    schedules: at(everyCall, 'execution-aborted-late', 'late-end'),
  },
  {
    rule: 'a run that has ended gets no lease',
    sql: [['if "lockkeeper".has_ended(v_run) then return', 'if false then return']],
    schedules: at([2], 'late-end', 'slow'),
  },
  {
    rule: 'the token is changed before "failed" is reported',
    sql: [
      [
        'set token = l.token + 1, holder = null',
        "set token = l.token + case a->>''verdict'' when ''failed'' then 0 else 1 end, holder = null",
      ],
      [
        'returning l.token - 1 into v_held',
        "returning l.token - case a->>''verdict'' when ''failed'' then 0 else 1 end into v_held",
      ],
    ],
    schedules: [4, 6, 7, 8, 9].map((call): Body => ({
      ...one(up({ service: 'data', call, kind: 'late-end' })),
      changelog: 'wrong-once',
    })),
  },
  {
    rule: 'the token is changed before an abandoned run is released',
    sql: [
      [
        'set token = l.token + 1, holder = null',
        "set token = l.token + case a->>''verdict'' when ''aborted'' then 0 else 1 end, holder = null",
      ],
      [
        'returning l.token - 1 into v_held',
        "returning l.token - case a->>''verdict'' when ''aborted'' then 0 else 1 end into v_held",
      ],
    ],
    schedules: at(everyCall, 'execution-aborted-late'),
  },
  {
    rule: 'lock_timeout is set before the first lock',
    sql: [["perform set_config(''lock_timeout'', p_options->>''lockTimeoutMs'', true);", '']],
    schedules: at(everyCall, 'lock-held'),
  },
  {
    rule: 'READ COMMITTED, READ WRITE whatever the session begins with',
    sql: [['set transaction isolation level read committed, read write;', '']],
    schedules: [{ ...one({ ...up(), input: { to: '20250101000300' } }), unfitSessions: true }],
  },
  {
    rule: 'a change of token gets through between two steps (the turnstile)',
    sql: [
      ['perform pg_advisory_lock_shared(', 'perform hashint8('],
      ['perform pg_advisory_unlock_shared(', 'perform hashint8('],
    ],
    schedules: [6, 7, 8, 9, 10, 8].flatMap((call) => at([call], 'execution-aborted-waiting')),
  },
  {
    rule: 'a migration that turns on its own row is taken back: the closing update names token and revision',
    sql: [
      [
        "where t.version = p_version and t.token = p_token and t.revision = (p_claim->>''revision'')::integer",
        'where t.version = p_version',
      ],
      ["raise exception using errcode = ''LK002'', message = ''the migration changed the ledger itself''", 'null'],
    ],
    schedules: [wrong('wrong-meddling')],
  },
  {
    rule: 'the finisher ends what was cut off',
    ports: ledgerWith((ledger) => ({
      endRun: async (request: Parameters<Ledger['endRun']>[0]) =>
        request.token === null ? null : ledger.endRun(request as { token: number } & typeof request),
    })),
    schedules: at([4, 6, 8, 10, 12, 14], 'execution-aborted'),
  },
  {
    rule: 'a duplicate of a statement alone that got there first is no failure',
    ports: withoutDuplicates(),
    schedules: at(alone, 'late-resend', 'late-soon', 'slow', 'cut-running', 'started-twice', 'lambda-killed-during'),
  },
  {
    rule: 'the intent is in the ledger before a statement alone is sent',
    ports: ledgerWith((ledger) => ({
      recordEvent: async (event: Parameters<Ledger['recordEvent']>[0]) =>
        event.kind === 'intent' ? undefined : ledger.recordEvent(event),
    })),
    schedules: [one(up())],
  },
  {
    rule: 'an invalid index is dropped before it is built again',
    ports: ledgerWith(() => ({
      dropInvalid: async () => undefined,
    })),
    schedules: at(alone, 'backend-killed', 'failover', 'execution-aborted-running', 'lambda-killed-during'),
  },
  {
    rule: 'an invalid index is dropped by who has the token, and once nobody builds it any more',
    sql: [
      ["if not \"lockkeeper\".hold_token((a->>''token'')::bigint) then", 'if false then'],
      ["if v_table.relkind = ''r'' then", 'if false then'],
    ],
    schedules: [10, 11, 12].flatMap((until) =>
      [11, 12].map((before): Body => ({
        ...one(up(), up()),
        interleaving: { before, until, aborted: true },
      })),
    ),
  },
  {
    rule: 'long transactions are looked for before a build',
    ports: ledgerWith(() => ({ longTransactions: async () => [] })),
    schedules: at([8, 10, 12, 13, 14, 15], 'long-transaction'),
  },
  {
    rule: 'a snapshot is recorded under the lease',
    sql: [['if v_token is not null and not "lockkeeper".hold_token(v_token) then', 'if false then']],
    schedules: at(everyCall, 'execution-aborted-late'),
  },
  {
    rule: 'an unclear reply is resolved by another call',
    ports: withoutRetryOf('OutcomeUnknown'),
    schedules: at(everyCall, 'reply-lost'),
  },
  {
    rule: 'a cluster that wakes is waited for',
    ports: withoutRetryOf('DatabaseResuming'),
    schedules: at([1, 5], 'paused'),
  },
  {
    rule: 'a migration that waited too long for a lock is tried again',
    ports: withoutRetryOf('LockTimeout'),
    schedules: at(everyCall, 'lock-held'),
  },
  {
    rule: 'no fault of the telemetry reaches the run',
    ports: {
      tamper: (ports) => {
        return { ...ports, telemetry: { info: fails, error: fails, measure: fails } };
      },
    },
    schedules: [one(up())],
  },
  {
    rule: 'SET CONSTRAINTS ALL IMMEDIATE inside the block',
    sql: [['set constraints all immediate;', ''], noSecondLook],
    schedules: [wrong('wrong-deferred')],
  },
  {
    rule: 'query_canceled is caught',
    sql: [['when query_canceled or assert_failure or others', 'when assert_failure or others'], noSecondLook],
    schedules: [wrong('wrong-canceled')],
  },
  {
    rule: 'assert_failure is caught',
    sql: [['when query_canceled or assert_failure or others', 'when query_canceled or others'], noSecondLook],
    schedules: [wrong('wrong-asserted')],
  },
  {
    rule: 'the ledger row is written in the migration’s own transaction',
    sql: [
      [
        "v_phase := ''run'';",
        "v_phase := ''run''; if p_action = ''apply'' then return jsonb_build_object(''rows'', 0); end if;",
      ],
    ],
    schedules: [one(up())],
  },
  {
    rule: 'an index is judged by indisvalid, not by being there',
    ports: ledgerWith((ledger) => ({
      judge: async (judge: Parameters<Ledger['judge']>[0]) => {
        const found = await ledger.judge(judge);
        return found === 'invalid' ? 'done' : found;
      },
    })),
    schedules: at(alone, 'backend-killed', 'failover', 'lambda-killed-during', 'cut-running'),
  },
  {
    rule: 'pg_stat_activity is looked at before a statement alone',
    ports: ledgerWith(() => ({ activity: async () => [] })),
    schedules: at(alone, 'cut-running', 'timed-out-running', 'lambda-killed-during'),
  },
  {
    rule: 'the SDK sends a request once (maxAttempts 1)',
    ports: { maxAttempts: 3 },
    schedules: at(everyCall, 'cut-running', 'reply-lost', 'failed-after'),
  },
  {
    rule: 'a snapshot is taken before the first destructive statement',
    ports: { manifest: (manifest) => ({ ...manifest, settings: { ...manifest.settings, snapshot: 'never' } }) },
    schedules: [one(up())],
  },
  {
    rule: 'a snapshot bears the tags of its run',
    ports: { definition: (text) => text.replaceAll('{% $snapshot.tags %}', '{% $step.tags %}') },
    schedules: [one(up({ service: 'rds', call: 1, kind: 'foreign' }))],
  },
  {
    rule: 'a lease that is taken over gets a new token',
    sql: [
      [
        'set token = t.token + 1, holder = v_run, since',
        'set token = t.token + case when t.holder is null then 1 else 0 end, holder = v_run, since',
      ],
    ],
    // the finisher's three attempts are lost, too
    schedules: [4, 8, 20, 22].map((before) => ({
      ...one(up(...[1, 2, 3].map((n) => ({ service: 'data', call: before + n, kind: 'request-lost' }) as const)), up()),
      interleaving: { before, until: 4, aborted: true },
    })),
  },
  {
    rule: 'what a migration leaves in its session is taken back',
    sql: [['perform "lockkeeper".restore_session(p_before);', '']],
    schedules: [one(up()), ...at([5, 9], 'reply-lost', 'lambda-killed-after', 'failed-before')],
  },
  {
    rule: 'Step Functions is asked about the holder before its lease is taken over',
    ports: { tamper: (ports) => ({ ...ports, executions: { isRunning: async () => false } }) },
    schedules: everyCall.slice(2).map(paused),
  },
  {
    rule: 'a snapshot is recorded before what it is for runs',
    ports: ledgerWith(() => ({ recordSnapshot: async () => undefined })),
    schedules: [one(up())],
  },
];

export interface MutantResult {
  readonly rule: string;
  /** The invariant that it broke first; null when it lived. */
  readonly killedBy: string | null;
  readonly what: string;
  readonly tried: number;
}

/** Patches the installed SQL. @throws Error when a piece is not found */
const patchOf =
  ({ sql = [], rule }: Mutant) =>
  (text: string): string => {
    let patched = text;
    for (const [find, replace] of sql) {
      if (!patched.includes(find))
        throw new Error(`the mutant "${rule}" does not find ${JSON.stringify(find)} in the ledger's SQL`);
      patched = patched.replaceAll(find, () => replace);
    }
    return patched;
  };

/** Plays the mutant's schedules until one of them breaks an invariant; twice, since on a busy machine a race can pass unseen. */
export const tryMutant = async (server: FaultServer, mutant: Mutant, label: string): Promise<MutantResult> => {
  const templates = await makeTemplates(server, label, patchOf(mutant), false);
  let tried = 0;
  for (const body of [...mutant.schedules, ...mutant.schedules]) {
    tried += 1;
    const { outcome } = await play(server, templates, { seed: 1, part: 'single', ...body }, mutant.ports);
    const broken = outcome.violations.find(({ invariant }) => invariant !== 'harness');
    if (broken) return { rule: mutant.rule, killedBy: broken.invariant, what: broken.what, tried };
  }
  return { rule: mutant.rule, killedBy: null, what: '', tried };
};
