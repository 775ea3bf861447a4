import type { Node } from '../parse.ts';
import { advance } from '../schema/advance.ts';
import type { RunningSchema } from '../schema/running-schema.ts';
import { factsOf } from '../statement-facts.ts';
import type { KnownStatement, SectionAt, Visit } from './statement-at.ts';

const transactionWord = (node: Node): 'begin' | 'end' | null => {
  if (!('TransactionStmt' in node)) return null;
  const kind = node.TransactionStmt.kind ?? '';
  if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') return 'begin';
  return kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK' ? 'end' : null;
};

/** Takes the schema through a section, asking about each statement just before it takes effect. */
export const replaySection = (section: SectionAt, schema: RunningSchema, visit: Visit): readonly KnownStatement[] => {
  const earlier: KnownStatement[] = [];
  let transaction = 0;
  let open = section.transactional;
  for (const [index, statement] of section.statements.entries()) {
    const facts = factsOf(statement.node, statement.sql, schema);
    const word = transactionWord(statement.node);
    if (index > 0 && (!open || word === 'begin')) transaction += 1;
    if (word === 'begin') open = true;
    const known: KnownStatement = { statement, facts, transaction };
    visit({ ...known, section, index, earlier, schema });
    earlier.push(known);
    advance(schema, statement.node, statement.sql, facts);
    if (word === 'end') open = false;
  }
  return earlier;
};
