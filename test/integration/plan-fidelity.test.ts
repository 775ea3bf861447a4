import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ManifestMigration } from '../../lib/migration/manifest.ts';
import { type RunSettings, runSettingsSchema } from '../../lib/migration/settings.ts';
import type { ActionOutput } from '../../lib/workflow/actions.ts';
import type { Ports } from '../../lib/workflow/ports.ts';
import { runAction } from '../../lib/workflow/run-action.ts';
import { type LedgerCase, migrationOf, openLedgerCase, runArn } from '../support/ledger-case.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
let live: Set<string>;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  on = await openLedgerCase(server);
  live = new Set();
  await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
});
afterEach(() => on.close());

const version = (n: number): string => String(20250101000000 + n);
const kept = (n: number): ManifestMigration =>
  migrationOf(n, { up: [`create table t${n} ()`], down: [`drop table t${n}`] });
const lossy = (n: number): ManifestMigration =>
  migrationOf(n, { up: [`create table t${n} ()`], down: [`drop table t${n}`], downLoss: 'data' });
const oneWay = (n: number): ManifestMigration => migrationOf(n, { up: ['select 1'], down: null });
const losing = (loss: 'data' | 'none'): ManifestMigration => migrationOf(1, { up: ['select 1'], loss });
const alone = (n: number): ManifestMigration =>
  migrationOf(n, { up: ['select 1'], down: ['select 1'], transactional: false });
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

type Machine = 'Migrate' | 'Rollback';
type Refs = readonly { readonly version: string; readonly revision: number }[];

/** One execution, whose states a test enters in its own time with what the machine would send. */
class Run {
  readonly arn: string;
  readonly ports: Ports;
  readonly machine: Machine;
  readonly input: object;
  checked: ActionOutput<'check'> | undefined;
  token = 0;

  constructor(
    name: string,
    machine: Machine,
    migrations: readonly ManifestMigration[],
    input: object,
    settings: object,
  ) {
    this.arn = runArn(name);
    this.machine = machine;
    this.input = input;
    const parsed: RunSettings = runSettingsSchema.parse(settings);
    this.ports = {
      manifest: { format: 1, root: 'a'.repeat(64), settings: parsed, migrations },
      ledger: on.ledger,
      database: on.database,
      executions: { isRunning: (arn) => Promise.resolve(live.has(arn)) },
      telemetry: { info: () => undefined, error: () => undefined, measure: () => undefined },
      clock: { now: () => Date.now() },
      lateCallMs: 240_000,
      service: 'shop',
    };
    live.add(this.arn);
  }

  async #act<T>(action: string, sends: object): Promise<T> {
    const direction = this.machine === 'Migrate' ? 'up' : 'down';
    const base = { action, direction, run: this.arn, startedAt: '2026-01-01T00:00:00.000Z' };
    return (await runAction(this.ports, { ...base, ...sends })) as T;
  }

  async check(): Promise<ActionOutput<'check'>> {
    this.checked = await this.#act<ActionOutput<'check'>>('check', { input: this.input });
    return this.checked;
  }

  async acquire(): Promise<ActionOutput<'acquire'>> {
    const { plan, target, planned } = this.checked!;
    const taken = await this.#act<ActionOutput<'acquire'>>('acquire', {
      input: this.input,
      target,
      digest: plan.digest,
      planned,
      waitedSeconds: 0,
      leaseWaitSeconds: 60,
    });
    if (taken.taken) this.token = taken.token;
    return taken;
  }

  next(): Promise<ActionOutput<'next'>> {
    const { target, pending } = this.checked!;
    return this.#act('next', { token: this.token, input: this.input, target, pending });
  }

  apply(migrations: Refs): Promise<ActionOutput<'apply'>> {
    return this.#act('apply', { token: this.token, migrations, unseen: null });
  }

  /** From the lease to the end; answers the versions of each batch. */
  async rest(): Promise<string[][]> {
    const batches: string[][] = [];
    for (;;) {
      const step = await this.next();
      if (step.kind === 'done') break;
      if (step.kind !== 'batch') throw new Error(step.kind);
      batches.push(step.migrations.map((each) => each.version.slice(-2)));
      await this.apply(step.migrations);
    }
    await this.#act('finish', { token: this.token });
    live.delete(this.arn);
    return batches;
  }

  async whole(): Promise<string[][]> {
    expect((await this.check()).decision).toBe('go');
    await this.acquire();
    return this.rest();
  }

  /** As an execution that stops where it is. */
  async cutOff(): Promise<void> {
    live.delete(this.arn);
    await on.ledger.endRun({ token: null, run: this.arn, verdict: 'aborted', detail: { status: 'ABORTED' } });
  }
}

let named = 0;
const migrate = (migrations: readonly ManifestMigration[], input: object = {}, settings: object = {}): Run =>
  new Run(`m${(named += 1)}`, 'Migrate', migrations, input, { snapshot: 'never', ...settings });
const rollback = (input: object = {}, settings: object = {}, migrations: readonly ManifestMigration[] = []): Run =>
  new Run(`r${(named += 1)}`, 'Rollback', migrations, input, { snapshot: 'never', ...settings });
const standing = (): Promise<unknown[]> =>
  on.sql("select right(version, 2) || ' ' || state || ' ' || revision from lockkeeper.migration order by version");
const changed = { code: 'PlanChanged' };

describe('a Migrate that waited for the lease', () => {
  const four = [1, 2, 3, 4].map(kept);

  test.each([{}, { steps: 1 }, { to: version(4) }])(
    'with %j applies nothing when a rollback meanwhile took back what its plan did not show',
    async (input) => {
      await migrate(four.slice(0, 3)).whole();
      const planned = await migrate(four, input).check();
      const waiting = migrate(four, { ...input, approve: planned.plan.digest }, { approval: 'always' });
      expect(await waiting.check()).toMatchObject({ decision: 'go', plan: { count: 1 } });
      await rollback({ to: version(1) }).whole();
      await waiting.acquire();
      await expect(waiting.next()).rejects.toMatchObject({
        ...changed,
        message:
          "another run changed the ledger while this one waited for the lease: 20250101000002-change-2.sql (and 1 more) would be applied, which is not in this run's plan",
      });
      expect(await standing()).toEqual(['01 applied 1', '02 reverted 2', '03 reverted 2']);
    },
  );

  test('without an approval is held to its plan all the same', async () => {
    await migrate(four.slice(0, 3)).whole();
    const waiting = migrate(four);
    await waiting.check();
    await rollback({ steps: 1 }).whole();
    await waiting.acquire();
    await expect(waiting.next()).rejects.toMatchObject(changed);
  });

  test('does not apply again what was planned, applied by another and taken back', async () => {
    const waiting = migrate(four);
    await waiting.check();
    await migrate(four, { steps: 1 }).whole();
    await rollback().whole();
    await waiting.acquire();
    await expect(waiting.next()).rejects.toMatchObject(changed);
    expect(await standing()).toEqual(['01 reverted 2']);
  });

  test('applies what another run of its changelog left, also where that is nothing', async () => {
    const [waiting, late] = [migrate(four), migrate(four)];
    await waiting.check();
    await late.check();
    await migrate(four, { steps: 3 }).whole();
    await waiting.acquire();
    expect(await waiting.rest()).toEqual([['04']]);
    await late.acquire();
    expect(await late.rest()).toEqual([]);
  });

  test('goes on with a migration outside a transaction that another run of its changelog began', async () => {
    const changelog = [kept(1), alone(2)];
    const waiting = migrate(changelog);
    await waiting.check();
    const first = migrate(changelog);
    await first.check();
    await first.acquire();
    const step = await first.next();
    if (step.kind === 'batch') await first.apply(step.migrations);
    await on.ledger.beginAlone({
      token: first.token,
      run: first.arn,
      direction: 'up',
      version: version(2),
      revision: 0,
      migration: changelog[1]!,
    });
    await first.cutOff();
    await waiting.acquire();
    expect(await waiting.next()).toEqual({ kind: 'alone', migration: { version: version(2), revision: 1 } });
  });

  test('carries its plan of 2,000 migrations in a few bytes', async () => {
    const { pending, target } = await migrate(numbers(1, 2000).map(kept), { steps: 1500 }).check();
    expect({ pending, target }).toEqual({ pending: '20250101000001*1500@0', target: '20250101001500' });
  });
});

describe('a Rollback that waited for the lease', () => {
  test('reverts nothing when a Migrate meanwhile applied more, with and without an approval', async () => {
    await migrate([kept(1)]).whole();
    const { digest } = (await rollback().check()).plan;
    const waiting = rollback({}, { approval: 'destructive' });
    const approved = rollback({ to: 'none', approve: digest }, { approval: 'always' });
    expect((await waiting.check()).decision).toBe('go');
    expect((await approved.check()).decision).toBe('go');
    await migrate([kept(1), lossy(2)]).whole();
    await expect(waiting.acquire()).rejects.toMatchObject({
      ...changed,
      message: 'another run changed what would be reverted while this one waited for the lease',
    });
    await expect(approved.acquire()).rejects.toMatchObject(changed);
    expect(await standing()).toEqual(['01 applied 1', '02 applied 1']);
    expect(await on.sql('select holder from lockkeeper.lease')).toEqual([null]);
  });

  test('reverts no older ones in place of those that another rollback of as many steps reverted', async () => {
    await migrate([1, 2, 3, 4].map(kept)).whole();
    const [first, second] = [rollback({ steps: 2 }), rollback({ steps: 2 })];
    await first.check();
    await second.check();
    await first.acquire();
    expect(await first.rest()).toEqual([['04', '03']]);
    await second.acquire();
    expect(await second.rest()).toEqual([]);
    expect((await standing()).slice(0, 2)).toEqual(['01 applied 1', '02 applied 1']);
  });

  test('reverts what another rollback of the same left behind', async () => {
    await migrate([1, 2, 3].map(kept)).whole();
    const [first, second] = [rollback(), rollback()];
    await first.check();
    await first.acquire();
    // planned while the other one is at work
    await second.check();
    const step = await first.next();
    if (step.kind === 'batch') await first.apply(step.migrations.slice(0, 1));
    await first.cutOff();
    await second.acquire();
    expect(await second.rest()).toEqual([['02', '01']]);
  });

  test('does not revert again what was reverted and applied anew', async () => {
    await migrate([1, 2].map(kept)).whole();
    const waiting = rollback({ steps: 1 });
    await waiting.check();
    await rollback({ steps: 1 }).whole();
    await migrate([1, 2].map(kept)).whole();
    await expect(waiting.acquire()).rejects.toMatchObject(changed);
  });

  test('planned while a Migrate was at work goes on if that one did no more, else not', async () => {
    const migrating = migrate([1, 2].map(kept));
    await migrating.check();
    await migrating.acquire();
    const step = await migrating.next();
    if (step.kind !== 'batch') throw new Error(step.kind);
    await migrating.apply(step.migrations.slice(0, 1));
    const early = rollback();
    expect((await early.check()).plan.count).toBe(1);
    await migrating.apply(step.migrations.slice(1));
    const late = rollback();
    expect((await late.check()).plan.count).toBe(2);
    expect(await migrating.rest()).toEqual([]);
    await expect(early.acquire()).rejects.toMatchObject(changed);
    await late.acquire();
    expect(await late.rest()).toEqual([['02', '01']]);
  });

  test('goes on with a half reverted one whose up was in its plan', async () => {
    await migrate([kept(1)]).whole();
    const up = await on.ledger.acquire({ run: runArn('up2'), direction: 'up', begun: {} });
    if (!up.taken) throw new Error('held');
    const position = { token: up.token, run: runArn('up2'), version: version(2) };
    await on.ledger.beginAlone({ ...position, direction: 'up', revision: 0, migration: alone(2) });
    await on.ledger.endRun({ token: up.token, run: runArn('up2'), verdict: 'failed', detail: {} });
    const [first, second] = [rollback({ to: 'none' }), rollback({ to: 'none' })];
    await first.check();
    await second.check();
    await first.acquire();
    const claim = { token: first.token, run: first.arn, version: version(2), revision: 1, migration: null };
    await on.ledger.beginAlone({ ...claim, direction: 'down' });
    await first.cutOff();
    await second.acquire();
    expect(await second.next()).toEqual({ kind: 'alone', migration: { version: version(2), revision: 2 } });
  });
});

describe('an approval', () => {
  test.each([
    ['Migrate', { snapshot: 'never' }],
    ['Migrate', { snapshotScope: 'step' }],
    ['Migrate', { ledgerSchema: 'other' }],
    ['Rollback', { snapshot: 'never' }],
    ['Rollback', { snapshotScope: 'step' }],
    ['Rollback', { ledgerSchema: 'other' }],
  ] as const)('of a %s does not go for the same moves with %j', async (machine, setting) => {
    const before = { snapshot: 'destructive', approval: 'always' };
    const changelog = [lossy(1), migrationOf(2, { up: ['select 1'], loss: 'data' })];
    if (machine === 'Rollback') await migrate(changelog).whole();
    const run = (input: object, settings: object): Run =>
      machine === 'Migrate' ? migrate(changelog, input, settings) : rollback(input, settings);
    const { digest } = (await run({}, before).check()).plan;
    expect((await run({ approve: digest }, before).check()).decision).toBe('go');
    expect((await run({ approve: digest }, { ...before, ...setting }).check()).decision).toBe('approve');
  });

  test('does not go for a migration that another version of the analysis judges otherwise', async () => {
    const { digest } = (await migrate([losing('data')], {}, { approval: 'always' }).check()).plan;
    const again = migrate([losing('none')], { approve: digest }, { approval: 'always' });
    expect((await again.check()).decision).toBe('approve');
  });
});

/** 600 more on top of these. */
const many = (last: readonly ManifestMigration[]): ManifestMigration[] => [...last, ...numbers(10, 609).map(kept)];

describe('a rollback of more than 500', () => {
  test('needs the approval and the snapshot that its oldest asks for', async () => {
    await migrate(many([lossy(1), lossy(2)])).whole();
    const run = rollback({ to: 'none' }, { approval: 'destructive', snapshot: 'destructive' });
    expect(await run.check()).toMatchObject({
      decision: 'approve',
      plan: { count: 602, destructive: true, destructiveCount: 2, snapshot: true },
      message: expect.stringContaining('602 migrations to revert, 2 of them destructive; a snapshot is taken first'),
    });
  });

  test('is refused for its oldest that have no way back', async () => {
    await migrate(many([oneWay(1), oneWay(2)])).whole();
    await expect(rollback({ to: 'none' }).check()).rejects.toMatchObject({
      code: 'MigrationIrreversible',
      message:
        '20250101000002-change-2 has no way back by script (and 1 more); its documented steps: call the accountant',
    });
  });
});

test('a plan counts what is destructive behind the steps that it shows', async () => {
  const changelog = [
    ...numbers(1, 150).map(kept),
    ...[151, 152].map((n) => migrationOf(n, { up: ['select 1'], loss: 'data' })),
  ];
  expect((await migrate(changelog).check()).message).toBe('152 migrations to apply, 2 of them destructive');
});

describe('an execution whose name a run had that ended', () => {
  test.each(['Migrate', 'Rollback'] as const)('is refused as %s at once, whatever it asks for', async (machine) => {
    const changelog = [kept(1), kept(2)];
    await new Run('same', machine, changelog, {}, {}).check();
    await new Run('same', 'Migrate', changelog, { steps: 1 }, {}).whole();
    for (const input of [{}, { plan: true }]) {
      await expect(new Run('same', machine, changelog, input, {}).check()).rejects.toMatchObject({
        code: 'RunEnded',
        message: `an execution of this name has run and ended before: ${runArn('same')}`,
        facts: { remedy: 'start a new execution, under a name that no run had before' },
      });
    }
    expect(await standing()).toEqual(['01 applied 1']);
  });
});
