import type { StatementFacts } from '../facts/facts.ts';
import type { RunningSchema } from '../schema/running-schema.ts';
import type { SplitStatement } from '../split.ts';
import type { Script } from './script.ts';

/** A section of a script, split into statements. */
export interface SectionAt {
  readonly script: Script;
  readonly name: 'up' | 'down';
  /** Whether it runs in one transaction. */
  readonly transactional: boolean;
  readonly statements: readonly SplitStatement[];
}

/** A statement with its facts. */
export interface KnownStatement {
  readonly statement: SplitStatement;
  readonly facts: StatementFacts;
  /** Number of its transaction in the section, from 0: statements with one number share it. */
  readonly transaction: number;
}

/** A statement in its place, as a rule is asked about it. */
export interface StatementAt extends KnownStatement {
  readonly section: SectionAt;
  /** Position in `section.statements`. */
  readonly index: number;
  /** The statements before it in the section. */
  readonly earlier: readonly KnownStatement[];
  /** The schema just before the statement; it changes when the replay goes on. */
  readonly schema: RunningSchema;
}

/** Asked about each statement in order: up, then down, file by file. */
export type Visit = (at: StatementAt) => void;
