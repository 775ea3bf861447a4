import type { QualifiedName } from '../../migration/index.ts';
import type { AlterTableCmd } from '../parse.ts';
import { type LossFact, lossOfAge, noLoss, recoverable } from './age-loss.ts';
import type { Surroundings } from './facts.ts';
import { typeChange } from './type-change.ts';

/** What one part of an ALTER TABLE loses. */
export const lossOfPart = (command: AlterTableCmd, table: QualifiedName, { schema }: Surroundings): LossFact => {
  const { subtype, name = '', def } = command;
  switch (subtype) {
    case 'AT_DropColumn': // with IF EXISTS, too: a column that the migrations know nothing of may be there all the same
    case 'AT_DropExpression':
      return lossOfAge(schema.columnAge(table, name));
    case 'AT_AlterColumnType': {
      if (def === undefined || !('ColumnDef' in def) || def.ColumnDef.typeName === undefined) return lossOfAge('old');
      const old = schema.column(table, name);
      const change = typeChange(old?.type ?? null, def.ColumnDef.typeName, def.ColumnDef.raw_default, name, schema);
      return change.keepsValues ? noLoss : lossOfAge(schema.columnAge(table, name));
    }
    case 'AT_SetUnLogged':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return lossOfAge(schema.ageOf(table));
    case 'AT_SetIdentity': {
      const restarts = JSON.stringify(def ?? null).includes('"defname":"restart"');
      return restarts ? lossOfAge(schema.columnAge(table, name)) : noLoss;
    }
    case 'AT_ColumnDefault':
      return def === undefined ? recoverable : noLoss;
    case 'AT_DropConstraint':
      // with CASCADE go views that group by the key and foreign keys, no rows
      return recoverable;
    case 'AT_DropIdentity':
    case 'AT_DropInherit':
    case 'AT_DropOf':
    case 'AT_SetExpression':
      return recoverable;
    default:
      return noLoss;
  }
};
