import { LockkeeperError } from '../errors/index.ts';
import { errorAt, type ManifestMigration, type Section } from '../migration/index.ts';
import type { Compiled } from './compile-section.ts';
import type { SelectStmt } from './parse.ts';
import { refusedAnywhere } from './refusals/everywhere.ts';
import { type SplitStatement, splitSection } from './split.ts';
import type { RunningSchema } from './schema/running-schema.ts';
import { factsOf } from './statement-facts.ts';
import { visitNodes } from './walk.ts';

const writes = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'LockingClause']);

const firstSelect = (select: SelectStmt): SelectStmt => (select.larg === undefined ? select : firstSelect(select.larg));

/** Why a statement is not a query that can answer one true and change nothing. */
const verifyRefusal = ({ node, sql }: SplitStatement, schema: RunningSchema): string | null => {
  const facts = factsOf(node, sql, schema);
  if (!('SelectStmt' in node)) return `${facts.kind} is not a query, expected one SELECT`;
  const select = firstSelect(node.SelectStmt);
  if (select.intoClause !== undefined) return 'SELECT INTO creates a table, expected a SELECT that only reads';
  let found: string | null = null;
  visitNodes(node, (kind) => {
    if (writes.has(kind)) found = 'the query writes or locks rows, expected a SELECT that only reads';
  });
  if (found !== null) return found;
  if (facts.loss === 'data' || facts.inner.some((inner) => inner.facts.class !== 'query'))
    return 'the query calls a function that changes something, expected a SELECT that only reads';
  if (facts.hidden)
    return 'the query calls a function whose body is not in the changelog, so that it may change something; expected only functions of PostgreSQL, of its extensions, or of earlier migrations';
  const columns = select.targetList?.length ?? 0;
  if (select.valuesLists === undefined && columns !== 1)
    return `the query answers ${columns} columns, expected one that is true`;
  return null;
};

/** The queries of a verify section. */
export const compileVerify = (
  file: string,
  section: Section | null,
  ledgerSchema: string,
  schema: RunningSchema,
): Compiled<ManifestMigration['verify']> => {
  if (section === null) return { value: [], findings: [] };
  const split = splitSection(file, section);
  if (split instanceof LockkeeperError) return { value: [], findings: [split] };
  const findings = split.flatMap((statement) => {
    const refusal =
      refusedAnywhere(statement.node, { ledgerSchema, transactional: true }) ?? verifyRefusal(statement, schema);
    return refusal === null ? [] : [errorAt('VerifyInvalid', statement.place, refusal)];
  });
  return { value: split.map(({ sql, place }) => ({ sql, line: place.line })), findings };
};
