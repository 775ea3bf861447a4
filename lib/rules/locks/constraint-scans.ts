import type { Constraint, QualifiedName, StatementAt } from '../../analysis/index.ts';
import { partsUnderLock } from '../alter.ts';
import type { Finding } from '../rule.ts';
import { identifier, lockWords, sqlName } from '../words.ts';

type ConstraintNode = NonNullable<ReturnType<typeof constraintNodeOf>>;

const constraintNodeOf = (part: ReturnType<typeof partsUnderLock>[number]['part']) => {
  const { def } = part.node;
  return def !== undefined && 'Constraint' in def ? def.Constraint : null;
};

/** Name to give a constraint that has none, so that the next migration can validate it. */
const nameFor = (table: QualifiedName, { conname, contype, fk_attrs = [] }: ConstraintNode): string => {
  if (conname !== undefined) return identifier(conname);
  const columns = fk_attrs.flatMap((attribute) => ('String' in attribute ? [attribute.String.sval ?? ''] : []));
  return identifier([table.name, ...columns, contype === 'CONSTR_FOREIGN' ? 'fkey' : 'check'].join('_'));
};

/** Of each constraint of that type that is added and checked under the lock: what waits, and the two migrations to write instead. */
export const scansOf = (
  at: StatementAt,
  contype: 'CONSTR_FOREIGN' | 'CONSTR_CHECK',
  called: Extract<Constraint['type'], 'foreign key' | 'check'>,
): readonly Finding[] =>
  partsUnderLock(at, 'ADD CONSTRAINT').flatMap(({ part, lock, table }) => {
    const constraint = constraintNodeOf(part);
    if (constraint?.contype !== contype || constraint.skip_validation === true || part.duration === 'instant')
      return [];
    const name = nameFor(table, constraint);
    const unnamed = constraint.conname === undefined;
    const alone = at.facts.parts.length === 1;
    const added = alone
      ? `${unnamed ? at.statement.sql.replace(/\bADD\s+(?=FOREIGN|CHECK)/i, `$&CONSTRAINT ${name} `) : at.statement.sql} NOT VALID;`
      : `ALTER TABLE ${sqlName(table)} ADD CONSTRAINT ${name} … NOT VALID;`;
    return [
      {
        location: constraint.location ?? 0,
        message: `the ${called} ${unnamed ? '' : `${name} `}${lockWords(lock)}`.replace('  ', ' '),
        remedy: `${added}\n-- and in the next migration\nALTER TABLE ${sqlName(table)} VALIDATE CONSTRAINT ${name};`,
      },
    ];
  });
