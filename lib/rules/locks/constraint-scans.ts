import { type Constraint, descendantsOf, type QualifiedName, type StatementAt } from '../../analysis/index.ts';
import { partsUnderLock } from '../alter.ts';
import { partTexts, withParts } from '../alter-text.ts';
import type { Finding } from '../rule.ts';
import { nextMigration } from '../steps.ts';
import { identifier, lockWords, nameOf, sqlName } from '../words.ts';

type ConstraintNode = NonNullable<ReturnType<typeof constraintNodeOf>>;

const constraintNodeOf = (part: ReturnType<typeof partsUnderLock>[number]['part']) => {
  const { def } = part.node;
  return def !== undefined && 'Constraint' in def ? def.Constraint : null;
};

/** Name to give a constraint that has none, so that the next migration can validate it. */
const nameFor = (table: QualifiedName, { conname, contype, fk_attrs = [] }: ConstraintNode): string => {
  if (conname !== undefined) return identifier(conname);
  const columns = fk_attrs.flatMap((attribute) => ('String' in attribute ? [attribute.String.sval ?? ''] : []));
  return nameOf([table.name, ...columns], contype === 'CONSTR_FOREIGN' ? 'fkey' : 'check');
};

/** A partitioned table takes no foreign key NOT VALID; one that each partition has already is taken over without a look at the rows. */
const onEachPartition = (at: StatementAt, table: QualifiedName, name: string, text: string): string => {
  const partitions = descendantsOf(at.schema, table);
  const steps = (words: (partition: string) => string): string[] =>
    (partitions.length === 0 ? ['<partition>'] : partitions.map(sqlName)).map(words);
  return [
    ...steps((partition) => `ALTER TABLE ${partition} ${text} NOT VALID;`),
    nextMigration(at),
    ...steps((partition) => `ALTER TABLE ${partition} VALIDATE CONSTRAINT ${name};`),
    nextMigration(at),
    `ALTER TABLE ${sqlName(table)} ${text};`,
  ].join('\n');
};

/** Of each constraint of that type that is added and checked under the lock: what waits, and the two migrations to write instead. */
export const scansOf = (
  at: StatementAt,
  contype: 'CONSTR_FOREIGN' | 'CONSTR_CHECK',
  called: Extract<Constraint['type'], 'foreign key' | 'check'>,
): readonly Finding[] => {
  const found = partsUnderLock(at, 'ADD CONSTRAINT').flatMap(({ part, lock, table }) => {
    const constraint = constraintNodeOf(part);
    if (constraint?.contype !== contype || constraint.skip_validation === true || part.duration === 'instant')
      return [];
    return [{ constraint, part, lock, table }];
  });
  if (found.length === 0) return [];
  const written = partTexts(at.statement.sql)?.parts;
  const scans = found.map(({ constraint, part, lock, table }) => {
    const name = nameFor(table, constraint);
    const index = at.facts.parts.indexOf(part);
    const text =
      written?.[index]?.replace(/^ADD\s+(?=FOREIGN|CHECK)/i, `$&CONSTRAINT ${name} `) ?? `ADD CONSTRAINT ${name} …`;
    return { constraint, lock, table, name, index, text };
  });
  const added = withParts(at.statement.sql, new Map(scans.map(({ index, text }) => [index, `${text} NOT VALID`])));
  return scans.map(({ constraint, lock, table, name, text }) => ({
    location: constraint.location ?? 0,
    message: `the ${called} ${constraint.conname === undefined ? '' : `${name} `}${lockWords(lock)}`,
    remedy:
      contype === 'CONSTR_FOREIGN' && at.schema.relation(table)?.kind === 'partitioned table'
        ? onEachPartition(at, table, name, text)
        : [
            added ?? `ALTER TABLE ${sqlName(table)} ${text} NOT VALID;`,
            nextMigration(at),
            ...scans.map((scan) => `ALTER TABLE ${sqlName(table)} VALIDATE CONSTRAINT ${scan.name};`),
          ].join('\n'),
  }));
};
