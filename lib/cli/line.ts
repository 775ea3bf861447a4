import type { Catalogue } from '../analysis/index.ts';
import type { Report } from '../check/report.ts';
import type { DoctorFinding, Plan } from '../workflow/actions.ts';
import type { ExitCode } from './exit-code.ts';

export type Direction = 'up' | 'down';

/** Where a migration stands, derived from changelog and ledger. `newer`: in the ledger, after the changelog's last. */
export type MigrationState =
  'pending' | 'applied' | 'applying' | 'reverting' | 'reverted' | 'altered' | 'missing' | 'late' | 'newer';

export interface StatusRow {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
}

export interface HistoryRun {
  readonly run: string;
  readonly direction: Direction | null;
  readonly actor: string | null;
  /** ISO 8601, UTC. */
  readonly begunAt: string | null;
  readonly endedAt: string | null;
  readonly verdict: string | null;
  readonly applied: number;
  readonly reverted: number;
  readonly rows: number;
  readonly durationMs: number | null;
  readonly events: readonly {
    readonly at: string;
    readonly kind: string;
    readonly version: string | null;
    readonly text: string;
  }[];
}

/** Why a command did not do what was asked: what happened, what is true now, what to do. */
export interface Failure {
  readonly code: string;
  readonly happened: string;
  readonly now: string | null;
  readonly todo: string;
  /** The causes below it, outermost first; printed with `--verbose`. */
  readonly causes: readonly string[];
}

interface Timed {
  /** ISO 8601, UTC: when the event happened in the run. */
  readonly at: string;
}

/** What a run tells while it is followed. */
export type RunLine =
  | ({ readonly type: 'started'; readonly direction: Direction; readonly execution: string } & Timed)
  | ({ readonly type: 'state'; readonly state: string } & Timed)
  | ({ readonly type: 'plan'; readonly decision: string; readonly message: string; readonly plan: Plan } & Timed)
  | ({ readonly type: 'lease-wait'; readonly holder: string; readonly waitSeconds: number } & Timed)
  | ({ readonly type: 'lease'; readonly token: number } & Timed)
  | ({ readonly type: 'snapshot-started'; readonly identifier: string } & Timed)
  | ({ readonly type: 'snapshot'; readonly identifier: string; readonly durationMs: number } & Timed)
  | ({ readonly type: 'batch-started'; readonly direction: Direction; readonly versions: readonly string[] } & Timed)
  | ({
      readonly type: 'batch';
      readonly direction: Direction;
      /** What is applied or reverted now, in the order it was done. */
      readonly versions: readonly string[];
      readonly count: number;
      /** Found done already: an earlier call's reply was lost. */
      readonly already: number;
      readonly durationMs: number;
    } & Timed)
  | ({ readonly type: 'alone-started'; readonly direction: Direction; readonly migration: string } & Timed)
  | ({ readonly type: 'progress'; readonly migration: string | null; readonly progress: string } & Timed)
  | ({
      readonly type: 'alone';
      readonly direction: Direction;
      readonly migration: string;
      readonly durationMs: number;
    } & Timed)
  | ({
      readonly type: 'trouble';
      readonly state: string;
      readonly code: string;
      readonly message: string;
      /** How often it was met in this state, from 1. */
      readonly attempt: number;
    } & Timed);

/** The last line of every command. `failure` null when nothing failed: done, still running, or interrupted. */
export interface ResultLine {
  readonly type: 'result';
  readonly exit: ExitCode;
  readonly message: string | null;
  readonly failure: Failure | null;
  /** What a run's last state answered: verdict, counts, duration, snapshot. */
  readonly output: unknown;
}

/** Everything the command line says (`version` is the stream's: a migration's version goes by `migration`); `--json` prints these as they are, `lineText` puts them into words. */
export type Line =
  | RunLine
  | ResultLine
  | ({
      readonly type: 'check';
      /** The source line of each diagnostic, by file and line. */
      readonly sources: Readonly<Record<string, Readonly<Record<number, string>>>>;
    } & Report)
  /** A text in a format of its own: JSON, SARIF, workflow commands. */
  | { readonly type: 'document'; readonly text: string }
  | ({ readonly type: 'catalogue' } & Catalogue)
  | { readonly type: 'proof'; readonly file: string; readonly wayBack: string | null; readonly text: string }
  | { readonly type: 'fixed'; readonly file: string; readonly rule: string; readonly diff: string }
  | { readonly type: 'created'; readonly file: string; readonly migration: string }
  | {
      readonly type: 'sum';
      readonly file: string;
      /** In what the file differed before, each in a sentence; empty when it was up to date. */
      readonly changes: readonly string[];
    }
  | { readonly type: 'rebased'; readonly from: string; readonly to: string }
  | {
      readonly type: 'status';
      readonly migrations: readonly StatusRow[];
      readonly appliedCount: number;
      readonly lastApplied: string | null;
      readonly lease: { readonly holder: string; readonly since: string | null } | null;
    }
  | { readonly type: 'stack-status'; readonly plan: Plan | null; readonly running: readonly string[] }
  | { readonly type: 'history'; readonly runs: readonly HistoryRun[] }
  | { readonly type: 'doctor'; readonly findings: readonly DoctorFinding[] }
  | { readonly type: 'stopped'; readonly execution: string }
  | { readonly type: 'local'; readonly environment: Readonly<Record<string, string>> }
  | { readonly type: 'log'; readonly text: string };
