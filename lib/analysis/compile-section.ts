import { LockkeeperError } from '../errors/index.ts';
import { errorAt, type ManifestSection, type ManifestStatement, type Section } from '../migration/index.ts';
import type { StatementFacts } from './facts/facts.ts';
import { refuse } from './refusals/refuse.ts';
import { replaySection } from './replay/replay-section.ts';
import type { Script } from './replay/script.ts';
import type { KnownStatement, SectionAt, Visit } from './replay/statement-at.ts';
import type { RunningSchema } from './schema/running-schema.ts';
import { type SplitStatement, splitSection } from './split.ts';

const isBegin = (statement: SplitStatement | undefined): boolean =>
  statement !== undefined &&
  'TransactionStmt' in statement.node &&
  ['TRANS_STMT_BEGIN', 'TRANS_STMT_START'].includes(statement.node.TransactionStmt.kind ?? '') &&
  (statement.node.TransactionStmt.options ?? []).length === 0;

const isCommit = (statement: SplitStatement | undefined): boolean =>
  statement !== undefined &&
  'TransactionStmt' in statement.node &&
  statement.node.TransactionStmt.kind === 'TRANS_STMT_COMMIT' &&
  statement.node.TransactionStmt.chain !== true;

/** Without one outer BEGIN … COMMIT, which says what Lockkeeper does anyway. */
const withoutOuterPair = (statements: readonly SplitStatement[]): readonly SplitStatement[] =>
  isBegin(statements[0]) && isCommit(statements.at(-1)) ? statements.slice(1, -1) : statements;

const manifestStatement = (
  { sql, place }: SplitStatement,
  { kind, loss, judge }: StatementFacts,
): ManifestStatement => {
  const statement = { sql, line: place.line, kind, transactional: judge === undefined, loss };
  return judge === undefined ? statement : { ...statement, judge };
};

export interface Compiled<T> {
  readonly value: T;
  readonly findings: readonly LockkeeperError[];
}

/** A section as it will run, replayed, with what may not stand in it. The schema has been told which section begins. */
export const compileSection = (
  script: Script,
  name: SectionAt['name'],
  section: Section,
  ledgerSchema: string,
  schema: RunningSchema,
  visit: Visit,
): Compiled<ManifestSection> & { readonly known: readonly KnownStatement[] } => {
  const { transactional } = section;
  const split = splitSection(script.file, section);
  if (split instanceof LockkeeperError)
    return { value: { transactional, statements: [] }, findings: [split], known: [] };
  const findings: LockkeeperError[] = [];
  const statements = transactional ? withoutOuterPair(split) : split;
  const known = replaySection({ script, name, transactional, statements }, schema, (at) => {
    const refusal = refuse(at.statement, at.facts, { ledgerSchema, transactional });
    if (refusal !== null) findings.push(refusal);
    visit(at);
  });
  if (statements.length === 0)
    findings.push(
      errorAt('StatementRefused', { file: script.file, line: section.line }, 'the section has no statement'),
    );
  return {
    value: { transactional, statements: known.map(({ statement, facts }) => manifestStatement(statement, facts)) },
    findings,
    known,
  };
};
