import { worstLoss } from '../../migration/index.ts';
import { bodyOf, embeddedIn } from '../embedded.ts';
import type { FactsTable } from './facts.ts';

/** Routines with what hides in them, and privileges. Creating a routine runs nothing. */
export const routineFacts: FactsTable = {
  DoStmt: ({ args }, { sql, inner }) => {
    const embedded = bodyOf(args).language === 'plpgsql' ? embeddedIn(sql) : null;
    if (embedded === null) return { kind: 'DO', loss: 'unknown' };
    const losses = embedded.statements.map((each) => ({ loss: inner(each.node, each.sql).loss }));
    return { kind: 'DO', loss: worstLoss([...losses, { loss: embedded.hidden ? 'unknown' : 'none' }]) };
  },
  GrantStmt: ({ is_grant: isGrant }) => ({ kind: isGrant === true ? 'GRANT' : 'REVOKE', loss: 'none' }),
  GrantRoleStmt: ({ is_grant: isGrant }) => ({ kind: isGrant === true ? 'GRANT ROLE' : 'REVOKE ROLE', loss: 'none' }),
  CallStmt: () => ({ kind: 'CALL', loss: 'unknown' }),
  CreateFunctionStmt: ({ is_procedure: isProcedure, replace }) => ({
    kind: `CREATE ${replace === true ? 'OR REPLACE ' : ''}${isProcedure === true ? 'PROCEDURE' : 'FUNCTION'}`,
    loss: 'none',
  }),
};
