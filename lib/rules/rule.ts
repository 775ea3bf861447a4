import type { RunningSchema, StatementAt } from '../analysis/index.ts';

/** An `error` may not pass; a `warning` is shown; a `notice` is advice; `off` is not asked. */
export type Severity = 'error' | 'warning' | 'notice' | 'off';

/**
 * What a rule is about: locks that make others wait, code that still runs on the old schema, data that goes, how a migration is written,
 * types that are regretted later.
 */
export type RuleGroup = 'locks' | 'compatibility' | 'loss' | 'discipline' | 'types';

/** What a rule found of a statement. */
export interface Finding {
  /** The `location` of the node, in bytes; the statement's beginning when left out. */
  readonly location?: number;
  /** Which object, what happens, who waits: lower case, no full stop. */
  readonly message: string;
  /** The SQL to write instead, made for this very statement; or an instruction where there is none. */
  readonly remedy: string;
  /** Asked when all scripts are replayed: whether a later one made it good. */
  readonly unless?: (end: RunningSchema) => boolean;
}

/** SQL for the rule's page and its tests. */
export interface Example {
  /** What earlier migrations made. */
  readonly before: string;
  /** Name of the migration's file; bare SQL without one. */
  readonly file?: string;
  /** The up that is judged. */
  readonly up: string;
  /** `false` for an up that runs outside a transaction. */
  readonly transaction?: boolean;
}

/** One thing that a migration should not do, as data and one pure question. Each has a page made from it: docs/rules/<id>.md. */
export interface Rule {
  /** Kebab-case; what `lockkeeper.json` and `-- lockkeeper:allow` name. */
  readonly id: string;
  readonly group: RuleGroup;
  /** Unless `lockkeeper.json` says otherwise. */
  readonly severity: Severity;
  /** What is found, in a few words: `an index is built without CONCURRENTLY`. */
  readonly title: string;
  /** What PostgreSQL does then: which lock on which table, for how long, who waits, what breaks. Markdown. */
  readonly effect: string;
  /** What to do instead, and why that is better. Markdown. */
  readonly instead: string;
  /** The page of PostgreSQL's documentation that says so. */
  readonly source: string;
  /** Found, each of them. */
  readonly bad: readonly [Example, ...Example[]];
  /** Not found, each of them: what `instead` says, and what only looks alike. */
  readonly good: readonly [Example, ...Example[]];
  /** Sections it is asked about: a down is run in need, when locks matter and the way the text is written does not. */
  readonly sections: readonly ('up' | 'down')[];
  readonly ask: (at: StatementAt) => readonly Finding[];
}
