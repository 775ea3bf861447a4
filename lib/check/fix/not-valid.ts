import type { SplitStatement } from '../../analysis/index.ts';
import { identifier, sqlName } from '../../rules/words.ts';
import { replaceOnce, type Rewriting } from './rewrite.ts';

const rules = { CONSTR_CHECK: 'check-checked-under-lock', CONSTR_FOREIGN: 'foreign-key-checked-under-lock' } as const;

/** A CHECK or foreign key with a name, alone in its ALTER TABLE: added NOT VALID here, and validated in the next migration. */
export const notValid = (text: string, { node, sql }: SplitStatement): Rewriting | null => {
  if (!('AlterTableStmt' in node)) return null;
  const { relation, cmds = [] } = node.AlterTableStmt;
  const [only] = cmds;
  if (relation?.relname === undefined || cmds.length !== 1 || only === undefined || !('AlterTableCmd' in only))
    return null;
  const { subtype, def } = only.AlterTableCmd;
  if (subtype !== 'AT_AddConstraint' || def === undefined || !('Constraint' in def)) return null;
  const { contype, conname, skip_validation } = def.Constraint;
  if (contype !== 'CONSTR_CHECK' && contype !== 'CONSTR_FOREIGN') return null;
  if (conname === undefined || skip_validation === true) return null;
  const rewritten = replaceOnce(text, sql, `${sql} NOT VALID`);
  if (rewritten === null) return null;
  const table = sqlName({ schema: relation.schemaname ?? null, name: relation.relname });
  const name = identifier(conname);
  return {
    rule: rules[contype],
    text: rewritten,
    next: {
      words: `validate ${conname}`,
      text: `-- migrate:up\nALTER TABLE ${table} VALIDATE CONSTRAINT ${name};\n\n-- migrate:down\n-- a validation cannot be taken back, so the constraint is added anew as it was\nALTER TABLE ${table} DROP CONSTRAINT ${name};\n${sql} NOT VALID;\n`,
    },
  };
};
