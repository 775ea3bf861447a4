import { LockkeeperError } from '../../errors/index.ts';
import { errorAt, stretchesOf } from '../../migration/index.ts';
import { bodyOf, embeddedIn } from '../embedded.ts';
import { type NodeKind, unwrap } from '../facts/facts.ts';
import type { Node } from '../parse.ts';
import type { SplitStatement } from '../split.ts';
import type { StatementFacts } from '../statement-facts.ts';
import { refusedAnywhere } from './everywhere.ts';
import type { Refusal, RefusalTable, Setting } from './refusal.ts';
import { serverRefusals } from './server.ts';
import { sessionRefusals } from './session.ts';

const table: RefusalTable = { ...sessionRefusals, ...serverRefusals };

const refusalOf = (node: Node, setting: Setting): Refusal => {
  const [kind, body] = unwrap(node);
  const known = table[kind as NodeKind] as ((body: unknown, setting: Setting) => Refusal) | undefined;
  return known?.(body, setting) ?? refusedAnywhere(node, setting);
};

/** The Data API's limit on the text of one statement, less the leading comment that names run, version and statement. */
export const aloneLimit = 65_000;

/** A colon before a word outside quotes and comments; dollar quotes do not count as quotes to the Data API. */
const parameterLike = /(?<!:):(?=\w)/;

const looksParameterized = (sql: string): boolean =>
  stretchesOf(sql).some(
    ({ kind, start, end }) => (kind === 'code' || kind === 'dollar-quote') && parameterLike.test(sql.slice(start, end)),
  );

const refusedInDo = (statement: SplitStatement, setting: Setting): LockkeeperError | null => {
  if (!('DoStmt' in statement.node)) return null;
  const embedded = bodyOf(statement.node.DoStmt.args).language === 'plpgsql' ? embeddedIn(statement.sql) : null;
  if (embedded === null) return null;
  const bodyStart = statement.sql.slice(0, Math.max(0, statement.sql.search(/\$|'/))).split('\n').length - 1;
  const at = (line: number) => ({ file: statement.place.file, line: statement.place.line + bodyStart + line - 1 });
  const [transaction] = embedded.transactionLines;
  if (transaction !== undefined)
    return errorAt(
      'StatementRefused',
      at(transaction),
      "COMMIT or ROLLBACK in a DO block cannot run in the migration's transaction; take it out",
    );
  for (const { node, line } of embedded.statements) {
    const refusal = refusalOf(node, { ...setting, transactional: true });
    if (refusal !== null) return errorAt('StatementRefused', at(line), `in a DO block: ${refusal}`);
  }
  return null;
};

/** Why a statement may not stand in its section; null when it may. */
export const refuse = (statement: SplitStatement, facts: StatementFacts, setting: Setting): LockkeeperError | null => {
  const { node, sql, place } = statement;
  const refusal = refusalOf(node, setting);
  if (refusal !== null) return errorAt('StatementRefused', place, refusal);
  if (facts.judge === undefined) return refusedInDo(statement, setting);
  if (setting.transactional)
    return errorAt(
      'StatementRefused',
      place,
      `${facts.kind} cannot run in a transaction; write transaction:false behind the section's marker`,
    );
  if (sql.length > aloneLimit)
    return errorAt(
      'StatementTooLarge',
      place,
      `${facts.kind} has ${sql.length} characters, at most ${aloneLimit} are allowed outside a transaction`,
    );
  if (looksParameterized(sql))
    return errorAt(
      'StatementRefused',
      place,
      `${facts.kind} has a colon before a word outside quotes, which the Data API takes for a parameter; write it as a cast (CAST(x AS y)) or in single quotes`,
    );
  return null;
};
