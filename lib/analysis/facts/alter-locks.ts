import type { AlterTableCmd, AlterTableType } from '../parse.ts';
import type { LockMode } from '../locks/lock.ts';

/**
 * Lock on the altered table by subcommand where it is not ACCESS EXCLUSIVE: AlterTableGetLockLevel in PostgreSQL's
 * tablecmds.c, and https://www.postgresql.org/docs/17/sql-altertable.html
 */
const weaker: { readonly [K in AlterTableType]?: LockMode } = {
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_DetachPartitionFinalize: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
};

/** Storage parameters that need ACCESS EXCLUSIVE; all others SHARE UPDATE EXCLUSIVE: reloptions.c. */
const heavyParameters = new Set([
  'user_catalog_table',
  'security_barrier',
  'security_invoker',
  'check_option',
  'buffering',
  'fastupdate',
  'gin_pending_list_limit',
  'pages_per_range',
  'autosummarize',
]);

const parametersOf = ({ def }: AlterTableCmd): readonly string[] =>
  def !== undefined && 'List' in def
    ? (def.List.items ?? []).flatMap((each) => ('DefElem' in each ? [each.DefElem.defname ?? ''] : []))
    : [];

/** Lock that one part of an ALTER TABLE takes on the table it names. */
export const alterMode = (command: AlterTableCmd): LockMode => {
  const { subtype = 'AT_AddColumn', def } = command;
  if (subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def)
    return def.Constraint.contype === 'CONSTR_FOREIGN' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  if (subtype === 'AT_DetachPartition' && def !== undefined && 'PartitionCmd' in def)
    return def.PartitionCmd.concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions')
    return parametersOf(command).some((name) => heavyParameters.has(name))
      ? 'ACCESS EXCLUSIVE'
      : 'SHARE UPDATE EXCLUSIVE';
  return weaker[subtype] ?? 'ACCESS EXCLUSIVE';
};
