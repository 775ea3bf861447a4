import { type Loss, type QualifiedName, worstLoss } from '../../migration/index.ts';
import { isColumnCreated, isRelationCreated } from '../created-objects.ts';
import { nameOfRelation } from '../names.ts';
import type { AlterTableCmd, AlterTableType } from '../parse.ts';
import { isWideningType } from './column-type.ts';
import { wordsOf } from './drops.ts';
import type { FactsTable, Surroundings } from './facts.ts';

const irregular: Partial<Record<AlterTableType, string>> = {
  AT_ColumnDefault: 'SET DEFAULT',
  AT_AlterColumnType: 'ALTER COLUMN TYPE',
  AT_ChangeOwner: 'OWNER TO',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetRelOptions: 'SET PARAMETERS',
  AT_ResetRelOptions: 'RESET PARAMETERS',
  AT_AddIndexConstraint: 'ADD CONSTRAINT USING INDEX',
  AT_AddInherit: 'INHERIT',
  AT_DropInherit: 'NO INHERIT',
  AT_DetachPartitionFinalize: 'DETACH PARTITION FINALIZE',
};

/** `AT_DropColumn` as `DROP COLUMN`. */
const wordsOfCommand = ({ subtype = 'AT_SetOptions', def }: AlterTableCmd): string => {
  if (subtype === 'AT_ColumnDefault' && def === undefined) return 'DROP DEFAULT';
  if (
    subtype === 'AT_DetachPartition' &&
    def !== undefined &&
    'PartitionCmd' in def &&
    def.PartitionCmd.concurrent === true
  )
    return 'DETACH PARTITION CONCURRENTLY';
  return (
    irregular[subtype] ??
    subtype
      .slice(3)
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toUpperCase()
  );
};

const lossOfCommand = (command: AlterTableCmd, table: QualifiedName, { created }: Surroundings): Loss => {
  const { subtype, name = '', def } = command;
  switch (subtype) {
    case 'AT_DropColumn':
    case 'AT_DropExpression':
      return isColumnCreated(created, table, name) ? 'none' : 'data';
    case 'AT_AlterColumnType':
      return isColumnCreated(created, table, name) || isWideningType(command) ? 'none' : 'data';
    case 'AT_SetUnLogged':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return isRelationCreated(created, table) ? 'none' : 'data';
    case 'AT_ColumnDefault':
      return def === undefined ? 'recoverable' : 'none';
    case 'AT_DropConstraint':
    case 'AT_DropIdentity':
    case 'AT_DropInherit':
    case 'AT_DropOf':
    case 'AT_SetExpression':
      return 'recoverable';
    default:
      return 'none';
  }
};

export const tableFacts: FactsTable = {
  AlterTableStmt: ({ relation, cmds = [], objtype }, around) => {
    const table = nameOfRelation(relation);
    const commands = cmds.flatMap((each) => ('AlterTableCmd' in each ? [each.AlterTableCmd] : []));
    const words = [...new Set(commands.map(wordsOfCommand))].join(', ');
    const facts = {
      kind: `ALTER ${wordsOf(objtype)} ${words}`,
      loss: worstLoss(commands.map((command) => ({ loss: lossOfCommand(command, table, around) }))),
    };
    const detached = commands.find(({ subtype }) => subtype === 'AT_DetachPartition')?.def;
    if (detached === undefined || !('PartitionCmd' in detached) || detached.PartitionCmd.concurrent !== true)
      return facts;
    const partition = nameOfRelation(detached.PartitionCmd.name);
    return { ...facts, judge: { by: 'partition-detached', table, partition } };
  },
  CreateStmt: () => ({ kind: 'CREATE TABLE', loss: 'none' }),
  CreateTableAsStmt: ({ query, objtype }, around) => ({
    kind: `CREATE ${wordsOf(objtype)} AS`.replace(/^CREATE MATERIALIZED VIEW AS$/, 'CREATE MATERIALIZED VIEW'),
    loss: query === undefined ? 'none' : around.inner(query, around.sql).loss,
  }),
  RenameStmt: ({ renameType }) => ({ kind: `RENAME ${wordsOf(renameType)}`, loss: 'none' }),
};
