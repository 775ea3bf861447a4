import { LockkeeperError } from '../errors/index.ts';
import { errorAt, type ManifestSection, type ManifestStatement, type Section } from '../migration/index.ts';
import { createdAfter, nothingCreated } from './created-objects.ts';
import { refuse } from './refusals/refuse.ts';
import { type SplitStatement, splitSection } from './split.ts';
import { factsOf, type StatementFacts } from './statement-facts.ts';

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

/** Statements, facts and refusals of an up or down section. */
export const compileSection = (file: string, section: Section, ledgerSchema: string): Compiled<ManifestSection> => {
  const { transactional } = section;
  const split = splitSection(file, section);
  if (split instanceof LockkeeperError) return { value: { transactional, statements: [] }, findings: [split] };
  const findings: LockkeeperError[] = [];
  let created = nothingCreated;
  const kept = transactional ? withoutOuterPair(split) : split;
  const statements = kept.map((statement) => {
    const facts = factsOf(statement.node, statement.sql, created);
    const refusal = refuse(statement, facts, { ledgerSchema, transactional });
    if (refusal !== null) findings.push(refusal);
    created = createdAfter(created, statement.node);
    return manifestStatement(statement, facts);
  });
  if (statements.length === 0)
    findings.push(errorAt('StatementRefused', { file, line: section.line }, 'the section has no statement'));
  return { value: { transactional, statements }, findings };
};
