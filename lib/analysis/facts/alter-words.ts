import type { AlterTableCmd, AlterTableType } from '../parse.ts';

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

/** A part of an ALTER TABLE in SQL's words: `AT_DropColumn` as `DROP COLUMN`. */
export const wordsOfCommand = ({ subtype = 'AT_SetOptions', def }: AlterTableCmd): string => {
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
