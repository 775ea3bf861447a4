import type { QualifiedName } from '../../migration/index.ts';
import { asWritten, type LockSet, lockSetOf } from '../locks/lock-set.ts';
import { nameOfRelation } from '../names.ts';
import type { AlterTableCmd, Node } from '../parse.ts';
import { relationsIn } from '../schema/advance-create.ts';
import { constraintsBehind } from '../schema/column-of.ts';
import { noLoss, worstFact } from './age-loss.ts';
import { alterDuration } from './alter-duration.ts';
import { alterMode } from './alter-locks.ts';
import { lossOfPart } from './alter-loss.ts';
import { wordsOfCommand } from './alter-words.ts';
import { effectOfTree } from './call-effects.ts';
import { lockDefaultPartition, wordsOf } from './drops.ts';
import type { AlterPart, BodyOf, FactsTable, NamedObject, PartialFacts, Surroundings } from './facts.ts';
import { readLocks } from './reads.ts';

const partition = ({ def }: AlterTableCmd): QualifiedName | null =>
  def !== undefined && 'PartitionCmd' in def ? nameOfRelation(def.PartitionCmd.name) : null;

const foreignKeysIn = ({ def }: AlterTableCmd): readonly QualifiedName[] => {
  const constraints =
    def === undefined
      ? []
      : 'Constraint' in def
        ? [def.Constraint]
        : 'ColumnDef' in def
          ? constraintsBehind(def.ColumnDef)
          : [];
  return constraints.flatMap(({ contype, pktable }) => (contype === 'CONSTR_FOREIGN' ? [nameOfRelation(pktable)] : []));
};

/** Locks on tables other than the one that is named. */
const otherLocks = (command: AlterTableCmd, table: QualifiedName, around: Surroundings, locks: LockSet): void => {
  const { subtype, name = '', def } = command;
  const { schema } = around;
  for (const referenced of foreignKeysIn(command)) locks.addWithChildren(referenced, 'SHARE ROW EXCLUSIVE', 'instant');
  const other = partition(command);
  if (subtype === 'AT_AttachPartition' && other !== null) {
    locks.add(other, 'ACCESS EXCLUSIVE', attachDuration(other, table, around));
    lockDefaultPartition(table, 'scan', around, locks);
  } else if (subtype === 'AT_DetachPartition' && other !== null) {
    locks.add(other, 'ACCESS EXCLUSIVE', 'instant');
    lockDefaultPartition(table, 'instant', around, locks);
  } else if (subtype === 'AT_DetachPartitionFinalize' && other !== null)
    locks.add(other, 'ACCESS EXCLUSIVE', 'instant');
  else if (subtype === 'AT_AddInherit' && def !== undefined && 'RangeVar' in def)
    locks.add(nameOfRelation(def.RangeVar), 'SHARE UPDATE EXCLUSIVE', 'instant');
  else if (subtype === 'AT_DropInherit' && def !== undefined && 'RangeVar' in def)
    locks.add(nameOfRelation(def.RangeVar), 'ACCESS SHARE', 'instant');
  else if (subtype === 'AT_ValidateConstraint') {
    const references = schema.constraint(table, name)?.references;
    if (references !== null && references !== undefined) locks.add(references.table, 'ROW SHARE', 'instant');
  } else if (subtype === 'AT_DropConstraint') {
    // the triggers on the other table go with the key
    const constraint = schema.constraint(table, name);
    const references = constraint?.references;
    if (references !== null && references !== undefined) locks.add(references.table, 'ACCESS EXCLUSIVE', 'instant');
    else if (constraint !== null) lockReferring(table, constraint.columns, 'instant', around, locks);
  } else if (subtype === 'AT_DropColumn' || subtype === 'AT_AlterColumnType') {
    // foreign keys go with the column, or are made again
    for (const { columns, references } of schema.relation(table)?.constraints ?? [])
      if (references !== null && columns.includes(name)) locks.add(references.table, 'ACCESS EXCLUSIVE', 'instant');
    // where the values are stored as before, the keys hold as before
    const looks = subtype === 'AT_AlterColumnType' && alterDuration(command, table, schema) === 'rewrite';
    lockReferring(table, [name], looks ? 'scan' : 'instant', around, locks);
    if (command.behavior === 'DROP_CASCADE') lockViews(table, name, around, locks);
    if (subtype === 'AT_DropColumn') lockOwned(table, name, 'ACCESS EXCLUSIVE', around, locks);
  } else if (subtype === 'AT_DropIdentity') lockOwned(table, name, 'ACCESS EXCLUSIVE', around, locks);
  else if (subtype === 'AT_SetIdentity') lockOwned(table, name, 'SHARE ROW EXCLUSIVE', around, locks);
};

const lockOwned = (
  table: QualifiedName,
  name: string,
  mode: AlterPart['mode'],
  { schema }: Surroundings,
  locks: LockSet,
): void => {
  for (const { column, sequence } of schema.relation(table)?.owns ?? [])
    if (column === name) locks.add(asWritten(sequence, schema), mode, 'instant');
};

/** Views that read a column, and those that read them. */
const lockViews = (table: QualifiedName, column: string, { schema }: Surroundings, locks: LockSet): void => {
  const waiting = (schema.relation(table)?.readBy ?? []).filter((view) => {
    const mentions = schema.relation(view)?.mentions;
    // '' is a star
    return mentions === undefined || mentions.includes(column) || mentions.includes('');
  });
  const seen = new Set<string>();
  for (let view = waiting.pop(); view !== undefined; view = waiting.pop()) {
    if (seen.has(JSON.stringify(view))) continue;
    seen.add(JSON.stringify(view));
    locks.add(asWritten(view, schema), 'ACCESS EXCLUSIVE', 'instant');
    waiting.push(...(schema.relation(view)?.readBy ?? []));
  }
};

/** Tables whose foreign keys point to one of these columns. */
const lockReferring = (
  table: QualifiedName,
  names: readonly string[],
  duration: AlterPart['duration'],
  { schema }: Surroundings,
  locks: LockSet,
): void => {
  const relation = schema.relation(table);
  const key = relation?.constraints.find(({ type }) => type === 'primary key')?.columns ?? [];
  for (const child of relation?.referencedBy ?? []) {
    const refers = schema.relation(child)?.constraints.some(({ references }) => {
      if (references === null || schema.resolve(references.table).name !== relation?.name.name) return false;
      const columns = references.columns.length > 0 ? references.columns : key;
      return columns.some((column) => names.includes(column));
    });
    if (refers === true) locks.add(asWritten(child, schema), 'ACCESS EXCLUSIVE', duration);
  }
};

/**
 * A valid CHECK on the table to be attached may spare the scan; whether it implies the bound is not worked out. An index of the
 * parent that it lacks is built: https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION
 */
const attachDuration = (
  child: QualifiedName,
  parent: QualifiedName,
  { schema }: Surroundings,
): AlterPart['duration'] => {
  const own = schema.indexesOn(child);
  const isThere = ({ columns, unique, method }: (typeof own)[number]): boolean =>
    own.some((each) => each.columns.join() === columns.join() && each.unique === unique && each.method === method);
  if (schema.relation(child) !== null && !schema.indexesOn(parent).every(isThere)) return 'build';
  const proven = schema.relation(child)?.constraints.some(({ type, valid }) => type === 'check' && valid) ?? false;
  return proven ? 'instant' : 'scan';
};

const roleOfPart = (subtype: string): NamedObject['role'] =>
  subtype.startsWith('AT_Add') ? 'created' : subtype.startsWith('AT_Drop') ? 'dropped' : 'altered';

const partObjects = (
  commands: readonly AlterTableCmd[],
  table: QualifiedName,
  { schema }: Surroundings,
): NamedObject[] =>
  commands.flatMap(({ subtype = 'AT_SetOptions', name, def }): NamedObject[] => {
    const constraint = def !== undefined && 'Constraint' in def ? def.Constraint : undefined;
    const column = def !== undefined && 'ColumnDef' in def ? (def.ColumnDef.colname ?? name) : name;
    const part = constraint?.conname ?? column;
    if (part === undefined) return [];
    const kind = subtype.includes('Constraint') ? 'constraint' : subtype.includes('Trig') ? 'trigger' : 'column';
    const isNew = kind === 'column' && schema.columnAge(table, part) === 'new';
    return [{ kind, ...table, part, role: roleOfPart(subtype), isNew }];
  });

/** What an ALTER TABLE computes while it runs: a default that is only set and a check that is not validated is not. */
const evaluatedBy = (
  { subtype, name = '', def }: AlterTableCmd,
  table: QualifiedName,
  { schema }: Surroundings,
): unknown => {
  if (subtype === 'AT_ColumnDefault' || subtype === 'AT_AttachPartition') return null;
  if (subtype === 'AT_ValidateConstraint') return schema.constraint(table, name)?.expression;
  return def !== undefined && 'Constraint' in def && def.Constraint.skip_validation === true ? null : def;
};

const alterTable = (body: BodyOf<'AlterTableStmt'>, around: Surroundings): PartialFacts => {
  const table = nameOfRelation(body.relation);
  const { schema } = around;
  const commands = (body.cmds ?? []).flatMap((each) => ('AlterTableCmd' in each ? [each.AlterTableCmd] : []));
  const words = [...new Set(commands.map(wordsOfCommand))].join(', ');
  const kindOfObject = wordsOf(body.objtype).toLowerCase();
  const isType = body.objtype === 'OBJECT_TYPE';
  const locks = lockSetOf(schema);
  const parts = commands.map((node): AlterPart => {
    const duration = isType ? 'instant' : alterDuration(node, table, schema);
    return { node, kind: wordsOfCommand(node), mode: alterMode(node), duration, ...lossOfPart(node, table, around) };
  });
  const effect = effectOfTree(
    commands.map((command) => evaluatedBy(command, table, around)),
    around,
  );
  if (!isType)
    for (const [at, { mode, duration }] of parts.entries()) {
      const command = commands[at] as AlterTableCmd;
      const isIndex = body.objtype === 'OBJECT_INDEX';
      if (isIndex) lockIndex(table, mode, around, locks);
      else if (body.relation?.inh === true && goesOn(command)) {
        // a partitioned table gets its index by those of its partitions, which need no more than CREATE INDEX does
        const builds = duration === 'build' && schema.relation(table)?.kind === 'partitioned table';
        if (builds) locks.add(table, mode, duration);
        if (builds && !isPrimaryKey(command)) locks.addWithChildren(table, 'SHARE', duration);
        else locks.addWithChildren(table, mode, duration);
      } else locks.add(table, mode, duration);
      otherLocks(command, table, around, locks);
    }
  const facts: PartialFacts = {
    kind: `ALTER ${wordsOf(body.objtype)} ${words}`,
    class: 'ddl',
    objects: [
      { kind: kindOfObject, ...table, role: 'altered', isNew: schema.isUnseen(table) },
      ...(isType ? [] : partObjects(commands, table, around)),
    ],
    locks: locks.locks,
    parts,
    ...effect,
    ...worstFact([...parts, effect]),
    rerunFails: body.missing_ok !== true && commands.some(rerunFails),
  };
  const detached = commands.find(
    ({ subtype, def }) =>
      subtype === 'AT_DetachPartition' &&
      def !== undefined &&
      'PartitionCmd' in def &&
      def.PartitionCmd.concurrent === true,
  );
  const child = detached === undefined ? null : partition(detached);
  return child === null ? facts : { ...facts, judge: { by: 'partition-detached', table, partition: child } };
};

const lockIndex = (index: QualifiedName, mode: AlterPart['mode'], { schema }: Surroundings, locks: LockSet): void => {
  const known = schema.index(index);
  if (known === null || !schema.isUnseen(known.table)) locks.add(index, mode, 'instant', 'index');
};

const isPrimaryKey = ({ def }: AlterTableCmd): boolean =>
  def !== undefined && 'Constraint' in def && def.Constraint.contype === 'CONSTR_PRIMARY';

const goesOn = ({ subtype = 'AT_AddColumn', def }: AlterTableCmd): boolean =>
  !alone.has(subtype) && !(def !== undefined && 'Constraint' in def && def.Constraint.is_no_inherit === true);

/** Subcommands that do not go on to children and partitions. */
const alone = new Set([
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_DetachPartitionFinalize',
  'AT_ChangeOwner',
  'AT_ReplicaIdentity',
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_AddInherit',
  'AT_DropInherit',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetTableSpace',
  'AT_SetAccessMethod',
]);

/** Whether the part fails when its work is done already. */
const rerunFails = ({ subtype = 'AT_SetOptions', missing_ok: missingOk }: AlterTableCmd): boolean =>
  missingOk !== true &&
  /^AT_(Add(Column|Constraint|IndexConstraint|Identity|Inherit|Of)|Drop(Column|Constraint|Identity|Inherit|Expression)|AttachPartition|DetachPartition)/.test(
    subtype,
  );

const createTable = (body: BodyOf<'CreateStmt'>, { schema }: Surroundings): PartialFacts => {
  const name = nameOfRelation(body.relation);
  const locks = lockSetOf(schema);
  const parents = (body.inhRelations ?? []).flatMap((each) =>
    'RangeVar' in each ? [nameOfRelation(each.RangeVar)] : [],
  );
  for (const parent of parents)
    locks.add(parent, body.partbound === undefined ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'instant');
  if (body.partbound !== undefined)
    for (const parent of parents) lockDefaultPartition(parent, 'scan', { schema }, locks);
  const objects: NamedObject[] = [{ kind: 'table', ...name, role: 'created', isNew: true }];
  for (const element of body.tableElts ?? []) {
    if ('TableLikeClause' in element)
      locks.add(nameOfRelation(element.TableLikeClause.relation), 'ACCESS SHARE', 'instant');
    const constraints =
      'ColumnDef' in element
        ? constraintsBehind(element.ColumnDef)
        : 'Constraint' in element
          ? [element.Constraint]
          : [];
    for (const { contype, pktable } of constraints)
      if (contype === 'CONSTR_FOREIGN' && nameOfRelation(pktable).name !== name.name)
        locks.addWithChildren(nameOfRelation(pktable), 'SHARE ROW EXCLUSIVE', 'instant');
  }
  return { kind: 'CREATE TABLE', class: 'ddl', objects, locks: locks.locks, rerunFails: body.if_not_exists !== true };
};

const renamed = (body: BodyOf<'RenameStmt'>, { schema }: Surroundings): PartialFacts => {
  const { renameType = 'OBJECT_TABLE', relation, subname, missing_ok: missingOk } = body;
  const name = nameOfRelation(relation);
  const locks = lockSetOf(schema);
  const ofTable = relation !== undefined && renameType !== 'OBJECT_ATTRIBUTE';
  if (renameType === 'OBJECT_INDEX') lockIndex(name, 'SHARE UPDATE EXCLUSIVE', { schema } as Surroundings, locks);
  else if (ofTable && renameType === 'OBJECT_COLUMN') locks.addWithChildren(name, 'ACCESS EXCLUSIVE', 'instant');
  else if (ofTable) locks.add(name, 'ACCESS EXCLUSIVE', 'instant');
  const kind = wordsOf(renameType).toLowerCase();
  const hasPart = ofTable && subname !== undefined;
  const object = { kind, ...(ofTable ? name : { schema: null, name: subname ?? name.name }) };
  return {
    kind: `RENAME ${wordsOf(renameType)}`,
    class: 'ddl',
    objects: [
      {
        ...object,
        ...(hasPart ? { part: subname } : {}),
        role: 'renamed',
        isNew:
          ofTable &&
          (hasPart && renameType === 'OBJECT_COLUMN'
            ? schema.columnAge(name, subname) === 'new'
            : schema.isUnseen(name)),
      },
    ],
    locks: locks.locks,
    rerunFails: missingOk !== true,
  };
};

/** CREATE TABLE AS and CREATE MATERIALIZED VIEW: the query runs. */
const createFrom = (body: BodyOf<'CreateTableAsStmt'>, around: Surroundings): PartialFacts => {
  const query: Node | undefined = body.query;
  const inner = query === undefined ? null : around.inner(query, around.sql);
  const kind = `CREATE ${wordsOf(body.objtype)} AS`.replace(
    /^CREATE MATERIALIZED VIEW AS$/,
    'CREATE MATERIALIZED VIEW',
  );
  const name = nameOfRelation(body.into?.rel);
  return {
    kind,
    class: 'ddl',
    objects: [
      { kind: wordsOf(body.objtype).toLowerCase(), ...name, role: 'created', isNew: true },
      ...relationsIn(query).map((each): NamedObject => ({
        kind: 'table',
        ...each,
        role: 'read',
        isNew: around.schema.isUnseen(each),
      })),
    ],
    locks: readLocks(query, around, 'scan'),
    loss: inner?.loss ?? noLoss.loss,
    lossOf: inner?.lossOf ?? null,
    hidden: inner?.hidden ?? false,
    inner: inner?.inner ?? [],
    rerunFails: body.if_not_exists !== true,
  };
};

export const tableFacts: FactsTable = {
  AlterTableStmt: alterTable,
  CreateStmt: createTable,
  CreateTableAsStmt: createFrom,
  RenameStmt: renamed,
};
