import { describe, expect, it } from 'vitest';
import { assumedApplied } from '../../lib/cli/assumed-applied.ts';
import { historyRuns } from '../../lib/cli/history-runs.ts';
import { standingRows } from '../../lib/cli/standing-rows.ts';
import type { Difference, EventKind, LedgerEvent } from '../../lib/ledger/index.ts';
import { manifestOf, migration, versionOf } from '../support/changelog.ts';

const manifest = manifestOf([1, 2, 3, 4].map((n) => migration(`SELECT ${n};`, 'SELECT 1;')));
const checksum = manifest.migrations[0]?.checksum ?? '';
const difference = (version: string, state: Difference['state'], of: Partial<Difference> = {}): Difference => ({
  version,
  state,
  revision: 1,
  checksum: null,
  name: null,
  statementsDone: 0,
  ...of,
});
const rows = (differences: readonly Difference[], lastApplied: string | null) =>
  standingRows(manifest, {
    lease: { token: 1, holder: null, since: null },
    runEnded: false,
    readOnly: false,
    appliedCount: 0,
    lastApplied,
    differences,
    snapshots: [],
  }).map(({ version, state }) => [version, state]);

describe('where migrations stand', () => {
  it('is applied where the ledger has no difference, and pending where it has no row', () => {
    expect(rows([difference(versionOf(3), 'absent'), difference(versionOf(4), 'absent')], versionOf(2))).toEqual([
      [versionOf(1), 'applied'],
      [versionOf(2), 'applied'],
      [versionOf(3), 'pending'],
      [versionOf(4), 'pending'],
    ]);
  });

  it('is altered with another checksum, late before the last applied, reverted after it', () => {
    const differences = [
      difference(versionOf(1), 'applied', { checksum: 'f'.repeat(64) }),
      difference(versionOf(2), 'absent'),
      difference(versionOf(4), 'reverted', { checksum }),
    ];
    expect(rows(differences, versionOf(3))).toEqual([
      [versionOf(1), 'altered'],
      [versionOf(2), 'late'],
      [versionOf(3), 'applied'],
      [versionOf(4), 'reverted'],
    ]);
  });

  it('is missing or newer where the ledger alone has it, and not shown once it was reverted', () => {
    const missing = `${versionOf(1).slice(0, -1)}9`;
    const differences = [
      difference(missing, 'applied', { name: 'gone' }),
      difference('99990101000000', 'applied', { name: 'future' }),
      difference('99990102000000', 'reverted'),
    ];
    expect(rows(differences, '99990101000000').filter(([, state]) => state !== 'applied')).toEqual([
      [missing, 'missing'],
      ['99990101000000', 'newer'],
    ]);
  });
});

const named = (version: string) => ({ version, name: 'x', file: `${version}-x.sql` });

describe('what counts as applied without a ledger', () => {
  const names = ['20260101000000', '20260102000000', '20260103000000'].map(named);
  const sum = ['lockkeeper-sum-1 0', '20260101000000-x.sql 0', '20260103000000-x.sql 0'].join('\n');
  const versions = (request: Parameters<typeof assumedApplied>[2]) =>
    assumedApplied(names, sum, request).map(({ version }) => version);

  it('is what lockkeeper.sum lists up to --after, and --after itself', () => {
    expect(versions({ versions: [], after: '20260102000000' })).toEqual(['20260101000000', '20260102000000']);
    expect(versions({ versions: [], after: '20260103000000' })).toEqual(['20260101000000', '20260103000000']);
  });

  it('is everything but the migrations that are named', () => {
    expect(versions({ versions: ['20260102000000'] })).toEqual(['20260101000000', '20260103000000']);
  });

  it('refuses a version that no file has', () => {
    expect(() => versions({ versions: ['20260109000000'] })).toThrow('no migration has the version 20260109000000');
  });
});

describe('the runs in a history', () => {
  let id = 100;
  const event = (
    kind: EventKind,
    run: string,
    detail: LedgerEvent['detail'] = {},
    version: string | null = null,
  ): LedgerEvent => ({
    id: id--,
    at: '2026-01-02T03:04:05.000Z',
    kind,
    run,
    version,
    detail,
  });
  const newestFirst = [
    event('ended', 'b', { verdict: 'failed', code: 'MigrationFailed', durationMs: 90 }),
    event('failed', 'b', { sqlstate: '42703', message: 'column "nik" does not exist' }, '2'),
    event('begun', 'b', { direction: 'up' }),
    event('taken-over', 'b', { from: 'a' }),
    event('applied', 'a', { rows: 2, ms: 1200 }, '1'),
    event('begun', 'a', { direction: 'up' }),
    event('applied', 'cut', { rows: 1 }, '0'),
  ];

  it('are told newest first with their sums; one that never ended has no verdict, one whose beginning is not there is left out', () => {
    const runs = historyRuns(newestFirst, [{ run: 'a', actor: 'ann' }], 10);
    expect(
      runs.map(({ run, direction, actor, verdict, applied, rows: sum, durationMs }) => [
        run,
        direction,
        actor,
        verdict,
        applied,
        sum,
        durationMs,
      ]),
    ).toEqual([
      ['b', 'up', null, 'failed', 0, 0, 90],
      ['a', 'up', 'ann', null, 1, 2, null],
    ]);
    expect(runs.flatMap(({ events }) => events.map(({ kind, text }) => `${kind}: ${text}`))).toEqual([
      'taken-over: from a',
      'failed: 42703 column "nik" does not exist',
      'applied: 2 rows, 1.2 s',
    ]);
  });

  it('are no more than was asked for', () => {
    expect(historyRuns(newestFirst, [], 1).map(({ run }) => run)).toEqual(['b']);
  });
});
