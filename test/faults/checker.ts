import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Bad, effects, order, type Seen, versions } from './invariants.ts';
import { runnerOf, standingText } from './telling.ts';

const [tables, once, deferred, , destroys] = versions;

/** What broke, by the invariant's number in docs/faults.md. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
  /** When it was found: after which state, or at which call. */
  readonly when: string;
}

export interface CheckerOptions {
  readonly url: string;
  readonly urlOf: (database: string) => string;
  /** Where the stand-in for RDS keeps its snapshots. */
  readonly snapshots: string;
  /** Checksum by version. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Takes a line: where the ledger stands, whenever it is seen to stand elsewhere, and what broke. */
  readonly tell?: (line: string) => void;
}

export interface RunVerdict {
  readonly run: string;
  readonly machine: 'Migrate' | 'Rollback';
  readonly status: string;
  readonly error: string | undefined;
  readonly cause: string;
  readonly output: Readonly<Record<string, unknown>>;
}

/** The checker's own function, stable so that all it reads belongs to the snapshot of the query that calls it. */
export const factsFunction = `
create function harness.facts() returns jsonb language plpgsql stable as $f$
declare
  v_tables boolean := (select count(*) = 2 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and c.relname in ('account', 'entry'));
  v_any boolean := exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and c.relname in ('account', 'entry'));
  v_entries jsonb := '{}';
  v_accounts integer := 0;
begin
  if v_any <> v_tables then return '{"half":true}'; end if;
  if v_tables then
    execute 'select coalesce(jsonb_object_agg(e.what, e.n), ''{}'') from (select what, count(*) as n from app.entry group by what) e' into v_entries;
    execute 'select count(*) from app.account' into v_accounts;
  end if;
  return jsonb_build_object('tables', v_tables, 'entries', v_entries, 'accounts', v_accounts,
    'legacy', exists (select from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'app' and c.relname = 'account' and a.attname = 'legacy'),
    'constraint', exists (select from pg_constraint where conname = 'entry_account_fkey'),
    'index', coalesce((select case when i.indisvalid then 'valid' else 'invalid' end from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relname = 'account_note_idx'), 'absent'),
    'tally', (select coalesce(jsonb_object_agg(t.what, t.n), '{}') from (select what, count(*) as n from app.tally group by what) t));
end $f$;`;

/** Everything at once, so that it belongs to one instant. */
const reading = `select jsonb_build_object(
  'lease', (select jsonb_build_object('token', token, 'holder', holder) from lockkeeper.lease),
  'entries', (select coalesce(jsonb_agg(jsonb_build_object('version', version, 'state', state, 'revision', revision, 'checksum', checksum, 'token', token,
    'done', statements_done, 'run', run, 'snapshot', snapshot, 'before', instant_before) order by version), '[]') from lockkeeper.migration),
  'events', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'at', at, 'kind', kind, 'run', run, 'version', version, 'token', token, 'detail', detail) order by id), '[]')
    from lockkeeper.event),
  'facts', harness.facts()) as seen`;
const withoutLedger = `select jsonb_build_object('lease', '{"token":0,"holder":null}'::jsonb, 'entries', '[]'::jsonb, 'events', '[]'::jsonb, 'facts', harness.facts()) as seen`;

/** A ledger once installed stays, so only a database without one is asked twice. */
const seenBy = async (client: pg.Client, isInstalled: boolean): Promise<Seen> => {
  const found = async (): Promise<boolean> => {
    const sql = "select to_regclass('lockkeeper.migration') is not null as there";
    return (await client.query<{ there: boolean }>(sql)).rows[0]?.there === true;
  };
  const { rows } = await client.query<{ seen: Seen }>(
    isInstalled || (await found()) ? { name: 'reading', text: reading } : withoutLedger,
  );
  return rows[0]!.seen;
};

/** Looks at a database, the snapshots and the verdicts from outside, and says what must not be. Shares no code with what it checks. */
export class Checker {
  readonly violations: Violation[] = [];
  readonly #options: CheckerOptions;
  #checksums: CheckerOptions['checksums'];
  #client: pg.Client | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** By snapshot: the rows of the table that is changed, where no database is copied for it. */
  readonly #kept = new Map<string, readonly { readonly id: number; readonly legacy?: string }[]>();
  #baseline = 0;
  #isInstalled = false;
  #told = '';

  constructor(options: CheckerOptions) {
    this.#options = options;
    this.#checksums = options.checksums;
  }

  #connected = async (): Promise<pg.Client> => {
    if (this.#client !== undefined) return this.#client;
    const client = new pg.Client({ connectionString: this.#options.url, application_name: 'checker' });
    client.on('error', () => undefined);
    await client.connect();
    return (this.#client = client);
  };

  /** Disconnects, so that the database can be copied. */
  release(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#client?.end().catch(() => undefined);
      this.#client = undefined;
    });
  }

  /** Runs `work` while the checker is disconnected; looks wait. */
  suspended<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      await this.#client?.end().catch(() => undefined);
      this.#client = undefined;
      return work();
    });
  }

  /** Runs `work` between two looks. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(work);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  look(): Promise<Seen> {
    return this.#inTurn(async () => {
      for (let attempt = 0; ; attempt++) {
        try {
          const client = await this.#connected();
          const seen = await seenBy(client, this.#isInstalled);
          this.#isInstalled = seen.lease.token > 0;
          return seen;
        } catch (error) {
          // a table went away between the catalogue and its rows, or the server is away: look again
          const { code } = error as { code?: string };
          if (attempt === 100) throw error;
          if (code !== '42P01') this.#client = undefined;
          await new Promise((resolve) => setTimeout(resolve, attempt === 0 ? 0 : 20));
        }
      }
    });
  }

  /** A snapshot under this identifier is another run's. */
  forgeTags(snapshot: string): void {
    const file = join(this.#options.snapshots, `${snapshot}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { tags: { Key: string; Value: string }[] };
    const tags = record.tags.map(({ Key, Value }) => ({
      Key,
      Value: Key === 'lockkeeper:run' ? `${Value}-of-another` : Value,
    }));
    writeFileSync(file, JSON.stringify({ ...record, tags }));
  }

  /** Keeps the rows of what is destroyed later, for a snapshot. */
  keepRows(snapshot: string): Promise<void> {
    return this.#inTurn(async () => {
      const client = await this.#connected();
      const { rows: found } = await client.query("select to_regclass('app.account') is not null as there");
      const { rows } = found[0]?.there ? await client.query('select * from app.account') : { rows: [] };
      this.#kept.set(snapshot, rows);
    });
  }

  /** From here on another changelog is what was planned. */
  expect(checksums: CheckerOptions['checksums']): void {
    this.#checksums = checksums;
  }

  /** What was there before the case is not held against it. */
  async begin(): Promise<void> {
    const { events } = await this.look();
    this.#baseline = events.at(-1)?.id ?? 0;
  }

  #report(invariant: string, what: string, when: string): void {
    if (this.violations.some((each) => each.invariant === invariant && each.what === what)) return;
    this.violations.push({ invariant, what, when });
    this.#options.tell?.(`XX ${invariant} is broken: ${what}`);
  }

  /** Everything that holds at each committed state. */
  async step(when: string): Promise<void> {
    const seen = await this.look();
    const standing = standingText(seen);
    if (standing !== this.#told) this.#options.tell?.((this.#told = standing));
    const bad = (invariant: string, what: string): void => this.#report(invariant, what, when);
    effects(seen, bad);
    order(seen, bad);
    this.#scripts(seen, bad);
    this.#snapshots(seen, bad);
  }

  #scripts({ entries }: Seen, bad: Bad): void {
    for (const { version, state, checksum } of entries) {
      if (state === 'reverted') continue;
      const expected = this.#checksums[version];
      if (checksum !== expected)
        bad('I12', `${version} is ${state} with checksum ${checksum}, planned was ${expected}`);
    }
  }

  #snapshots({ entries, events }: Seen, bad: Bad): void {
    const destructive = events.filter(
      ({ id, kind, version, detail }) =>
        id > this.#baseline &&
        ((kind === 'applied' && version === destroys) || (kind === 'reverted' && 'instantBefore' in detail)),
    );
    for (const event of destructive) {
      const entry = entries.find(({ version }) => version === event.version);
      const current = event.kind === 'applied' && entry?.run === event.run && entry?.state === 'applied';
      const named = event.kind === 'reverted' ? event.detail['snapshot'] : current ? entry.snapshot : undefined;
      const before = event.kind === 'reverted' ? event.detail['instantBefore'] : current ? entry.before : undefined;
      if (named === undefined) continue;
      const about = `${event.kind} ${event.version} of ${runnerOf(event.run)}`;
      if (typeof named !== 'string') {
        bad('I9', `${about} destroys and names no snapshot`);
        continue;
      }
      if (typeof before !== 'string') bad('I9', `${about} names no instant before it`);
      const file = join(this.#options.snapshots, `${named}.json`);
      if (!existsSync(file)) {
        bad('I9', `${about} names snapshot ${named}, which does not exist`);
        continue;
      }
      const snapshot = JSON.parse(readFileSync(file, 'utf8')) as {
        state: string;
        createdAtEpochMs: number;
        clusterIdentifier: string;
        tags: readonly { Key: string; Value: string }[];
      };
      const begun = events.find(({ kind, run }) => kind === 'begun' && run === event.run);
      if (snapshot.state !== 'complete') bad('I9', `${about}: snapshot ${named} is ${snapshot.state}`);
      if (snapshot.clusterIdentifier !== 'lockkeeper-local')
        bad('I9', `${about}: snapshot ${named} is of another cluster`);
      if (!snapshot.tags.some(({ Key, Value }) => Key === 'lockkeeper:run' && Value === event.run))
        bad('I9', `${about}: snapshot ${named} bears the tags of another run`);
      if (begun === undefined || snapshot.createdAtEpochMs < Math.floor(Date.parse(begun.at)) - 1)
        bad('I9', `${about}: snapshot ${named} was begun before the run held the lease`);
      if (typeof before === 'string' && snapshot.createdAtEpochMs > Date.parse(before) + 1)
        bad('I9', `${about}: snapshot ${named} was begun after the destruction`);
    }
  }

  /** What each snapshot that an entry names holds: the column that was dropped after it. */
  async snapshotContents(): Promise<void> {
    const { entries, events } = await this.look();
    const entry = entries.find(({ version, state }) => version === destroys && state === 'applied');
    const isOurs = events.some(
      ({ id, kind, version }) => id > this.#baseline && kind === 'applied' && version === destroys,
    );
    if (entry?.snapshot == null || !isOurs) return;
    try {
      const row = await this.#rowIn(entry.snapshot);
      // a column that was dropped and added again is there, its values are not
      const isFirst = !events.some(({ kind, version }) => kind === 'reverted' && version === destroys);
      if (row?.legacy === undefined || (isFirst && row.legacy !== 'kept 1'))
        this.#report('I9', `snapshot ${entry.snapshot} lacks what was destroyed`, 'at the end');
    } catch (error) {
      this.#report(
        'I9',
        `snapshot ${entry.snapshot} cannot give back what was destroyed: ${String(error)}`,
        'at the end',
      );
    }
  }

  /** A row as a snapshot has it. */
  async #rowIn(snapshot: string): Promise<{ readonly legacy?: string | null } | undefined> {
    const kept = this.#kept.get(snapshot);
    if (kept) return kept.find(({ id }) => id === 1);
    const client = new pg.Client({ connectionString: this.#options.urlOf(snapshot) });
    try {
      await client.connect();
      return (await client.query<{ legacy: string }>('select legacy from app.account where id = 1')).rows[0];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** I3: what the run said against what is there. `only`: nobody else changes the ledger; `whole`: it was to do all there is. */
  async verdict(said: RunVerdict, { only, whole }: { readonly only: boolean; readonly whole: boolean }): Promise<void> {
    const { entries, events } = await this.look();
    const when = `at the end of ${runnerOf(said.run)}`;
    const bad = (what: string): void => this.#report('I3', what, when);
    const own = events.filter(({ run }) => run === said.run);
    const did = own.filter(({ kind }) => kind === (said.machine === 'Migrate' ? 'applied' : 'reverted')).length;
    const applied = entries.filter(({ state }) => state === 'applied').map(({ version }) => version);
    const half = entries
      .filter(({ state }) => state === 'applying' || state === 'reverting')
      .map(({ version }) => version);
    if (said.status === 'SUCCEEDED' && said.output['verdict'] === 'done') {
      const counted = Number(said.output[said.machine === 'Migrate' ? 'applied' : 'reverted']);
      if (counted !== did) bad(`the run says it did ${counted}, the ledger's events of it are ${did}`);
      if (only && said.output['lastApplied'] !== (applied.at(-1) ?? null))
        bad(`the run says the ledger stands at ${String(said.output['lastApplied'])}, it stands at ${applied.at(-1)}`);
      if (only && whole && said.machine === 'Migrate' && applied.length !== 6)
        bad(`Migrate says done, ${applied.length} of 6 are applied`);
      if (only && half.length > 0) bad(`the run says done, ${half.join()} is half done`);
      return;
    }
    const [, now = ''] = said.cause.split('\n');
    const told =
      /^now: this run (?:applied|reverted) (\d+); the ledger stands at (no migration|\d+); (nothing|\d+) is half done/.exec(
        now,
      );
    if (told) {
      if (Number(told[1]) !== did) bad(`the failed run says it did ${told[1]}, the ledger's events of it are ${did}`);
      if (only && told[2] !== (applied.at(-1) ?? 'no migration'))
        bad(`the failed run says the ledger stands at ${told[2]}, it stands at ${applied.at(-1)}`);
      if (only && (told[3] === 'nothing') !== (half.length === 0))
        bad(`the failed run says ${told[3]} is half done, it is ${half.join() || 'nothing'}`);
    }
    if (now === 'now: nothing was begun' && did > 0)
      bad('the failed run says nothing was begun, the ledger has events of it');
    if (said.error === 'MigrationFailed' && !own.some(({ kind }) => kind === 'failed'))
      this.#report('I13', 'the run failed in a migration, the ledger has no event of it', when);
  }

  /** A run one of whose Tasks broke ends by itself, says what it has to say in three lines, and leaves no lease. `mute`: the Task that says so broke, too. */
  async endedClean(said: RunVerdict, mute: boolean): Promise<void> {
    const { lease } = await this.look();
    const when = `at the end of ${runnerOf(said.run)}`;
    if (said.status !== 'SUCCEEDED' && said.status !== 'FAILED')
      this.#report('I3', `the run with a broken task ended ${said.status} ${said.error}`, when);
    const lines = said.cause.split('\n');
    // the first may go on with the statement's own line
    const isToldWell = lines.length <= 4 && lines.at(-2)?.startsWith('now: ') && lines.at(-1)?.startsWith('do: ');
    if (said.status === 'FAILED' && !isToldWell && !mute)
      this.#report('I3', `the failed run says ${said.error}: ${said.cause.slice(0, 200)}`, when);
    if (lease.holder === said.run) this.#report('I6', 'the run has ended and holds the lease', when);
  }

  /** I6: who has ended holds no lease. */
  async released({ run, status }: RunVerdict): Promise<void> {
    const { lease } = await this.look();
    if (lease.holder === run) this.#report('I6', `a run that ended ${status} holds the lease`, 'at its end');
  }

  /** A run whose SQL is wrong says so, by our word for it, and leaves the event that the report is rebuilt from. */
  async failedWell(said: RunVerdict, version: string, phase: string): Promise<void> {
    const { events } = await this.look();
    const event = events.find(({ kind, run }) => kind === 'failed' && run === said.run);
    const when = `at the end of ${runnerOf(said.run)}`;
    if (said.status !== 'FAILED') this.#report('I3', `the run with a wrong migration ended ${said.status}`, when);
    if (said.error !== 'MigrationFailed')
      this.#report('I3', `the run with a wrong migration ended with ${said.error}: ${said.cause.split('\n')[0]}`, when);
    if (event?.version !== version) this.#report('I13', `the ledger has no failed event for ${version}`, when);
    else if (event.detail['phase'] !== phase)
      this.#report(
        'I13',
        `the ledger says that ${version} failed in phase ${String(event.detail['phase'])}, it was ${phase}`,
        when,
      );
  }

  /** What nobody may change behind a verdict: the ledger's rows and the schema. */
  async digest(): Promise<string> {
    const { entries, facts } = await this.look();
    const kept = entries.map(({ version, state, revision, run, done }) => [version, state, revision, run, done]);
    // of a migration outside a transaction that is on its way the ledger claims nothing: the catalogue is asked when it goes on
    const isOnItsWay = entries.some(({ state }) => state === 'applying' || state === 'reverting');
    const told = isOnItsWay ? { ...facts, index: null } : facts;
    return createHash('sha256')
      .update(JSON.stringify([kept, told]))
      .digest('hex');
  }

  /** Whether a rollback of a migration outside a transaction was broken off. */
  async isHalfBack(): Promise<boolean> {
    const { entries } = await this.look();
    return entries.some(({ state }) => state === 'reverting');
  }

  /** I6: the end of an undisturbed run. */
  async converged(said: RunVerdict, expected: 'up' | 'down'): Promise<void> {
    const { entries, facts, lease, events } = await this.look();
    const when = 'after the undisturbed run';
    if (said.status !== 'SUCCEEDED')
      this.#report(
        'I6',
        `an undisturbed run ended ${said.status} ${said.error ?? ''}: ${said.cause.split('\n')[0]}`,
        when,
      );
    const applied = entries.filter(({ state }) => state === 'applied').length;
    if (applied !== (expected === 'up' ? 6 : 0))
      this.#report('I6', `an undisturbed run ${expected} leaves ${applied} applied`, when);
    if (facts.tables !== (expected === 'up')) this.#report('I6', 'the schema is not what an unbroken run makes', when);
    if (lease.holder !== null) this.#report('I6', `the lease is still held by ${lease.holder}`, when);
    const ended = new Set(events.filter(({ kind }) => kind === 'ended').map(({ run }) => run));
    const taken = new Set(events.filter(({ kind }) => kind === 'taken-over').map(({ detail }) => detail['from']));
    for (const { kind, run } of events)
      if (kind === 'begun' && !ended.has(run) && !taken.has(run))
        this.#report('I13', `run ${runnerOf(run)} has no end in the ledger`, when);
  }

  /** I11: a second `Rollback {}` never undoes an older run. */
  async keptOlder(): Promise<void> {
    const { entries } = await this.look();
    for (const version of [tables, once, deferred])
      if (entries.find((each) => each.version === version)?.state !== 'applied')
        this.#report('I11', `Rollback {} reverted ${version} of an older run`, 'at the end of the rollbacks');
  }

  report(invariant: string, what: string, when: string): void {
    this.#report(invariant, what, when);
  }

  snapshotNames(): string[] {
    const { snapshots } = this.#options;
    if (!existsSync(snapshots)) return [];
    return readdirSync(snapshots)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -5));
  }
}
