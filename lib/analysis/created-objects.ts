import type { QualifiedName } from '../migration/index.ts';
import { nameOfRelation, partsOf, partsOfObject, qualifiedName } from './names.ts';
import type { Node } from './parse.ts';

/**
 * Relations, columns, types and schemas that earlier statements of a section created: they hold no data from before.
 * `IF NOT EXISTS` creates nothing as far as is known. An unqualified name is another than the same name qualified.
 */
export type CreatedObjects = ReadonlySet<string>;

export const nothingCreated: CreatedObjects = new Set();

const key = (kind: 'relation' | 'type' | 'schema', { schema, name }: QualifiedName): string =>
  JSON.stringify([kind, schema, name]);
const columnKey = ({ schema, name }: QualifiedName, column: string): string =>
  JSON.stringify(['column', schema, name, column]);

const inCreatedSchema = (created: CreatedObjects, { schema }: QualifiedName): boolean =>
  schema !== null && created.has(key('schema', { schema: null, name: schema }));

export const isRelationCreated = (created: CreatedObjects, name: QualifiedName): boolean =>
  created.has(key('relation', name)) || inCreatedSchema(created, name);
export const isTypeCreated = (created: CreatedObjects, name: QualifiedName): boolean =>
  created.has(key('type', name)) || inCreatedSchema(created, name);
export const isSchemaCreated = (created: CreatedObjects, name: string): boolean =>
  created.has(key('schema', { schema: null, name }));
export const isColumnCreated = (created: CreatedObjects, table: QualifiedName, column: string): boolean =>
  created.has(columnKey(table, column)) || isRelationCreated(created, table);

const changed = (created: CreatedObjects, add: readonly string[], remove: readonly string[] = []): CreatedObjects =>
  add.length + remove.length === 0
    ? created
    : new Set([...[...created].filter((each) => !remove.includes(each)), ...add]);

/** Names without a schema may mean another object from here on. */
const withoutUnqualified = (created: CreatedObjects): CreatedObjects =>
  new Set([...created].filter((each) => (JSON.parse(each) as unknown[])[1] !== null || each.startsWith('["schema"')));

const isSearchPath = (node: Node): boolean =>
  'VariableSetStmt' in node && ['search_path', 'role'].includes(node.VariableSetStmt.name ?? '');

/** What counts as created after `node` has run. */
export const createdAfter = (created: CreatedObjects, node: Node): CreatedObjects => {
  if (isSearchPath(node)) return withoutUnqualified(created);
  // what a body does to names cannot be followed, and a called function may set the search path
  if ('DoStmt' in node || 'CallStmt' in node) return nothingCreated;
  if ('CreateStmt' in node && node.CreateStmt.if_not_exists !== true)
    return changed(created, [key('relation', nameOfRelation(node.CreateStmt.relation))]);
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.if_not_exists !== true)
    return changed(created, [key('relation', nameOfRelation(node.CreateTableAsStmt.into?.rel))]);
  if ('CreateSeqStmt' in node && node.CreateSeqStmt.if_not_exists !== true)
    return changed(created, [key('relation', nameOfRelation(node.CreateSeqStmt.sequence))]);
  if ('CreateSchemaStmt' in node && node.CreateSchemaStmt.if_not_exists !== true)
    return changed(created, [key('schema', { schema: null, name: node.CreateSchemaStmt.schemaname ?? '' })]);
  if ('CreateEnumStmt' in node)
    return changed(created, [key('type', qualifiedName(partsOf(node.CreateEnumStmt.typeName)))]);
  if ('CreateDomainStmt' in node)
    return changed(created, [key('type', qualifiedName(partsOf(node.CreateDomainStmt.domainname)))]);
  if ('CompositeTypeStmt' in node)
    return changed(created, [key('type', nameOfRelation(node.CompositeTypeStmt.typevar))]);
  if ('CreateRangeStmt' in node)
    return changed(created, [key('type', qualifiedName(partsOf(node.CreateRangeStmt.typeName)))]);
  if ('AlterTableStmt' in node) {
    const table = nameOfRelation(node.AlterTableStmt.relation);
    const columns = (node.AlterTableStmt.cmds ?? []).flatMap((each) =>
      'AlterTableCmd' in each &&
      each.AlterTableCmd.subtype === 'AT_AddColumn' &&
      each.AlterTableCmd.missing_ok !== true &&
      each.AlterTableCmd.def !== undefined &&
      'ColumnDef' in each.AlterTableCmd.def
        ? [columnKey(table, each.AlterTableCmd.def.ColumnDef.colname ?? '')]
        : [],
    );
    const dropped = (node.AlterTableStmt.cmds ?? []).flatMap((each) =>
      'AlterTableCmd' in each && each.AlterTableCmd.subtype === 'AT_DropColumn'
        ? [columnKey(table, each.AlterTableCmd.name ?? '')]
        : [],
    );
    return changed(created, columns, dropped);
  }
  if ('RenameStmt' in node) return afterRename(created, node.RenameStmt);
  if ('AlterObjectSchemaStmt' in node) return withoutUnqualified(created);
  if ('DropStmt' in node) {
    const names = (node.DropStmt.objects ?? []).map((each) => qualifiedName(partsOfObject(each)));
    const columns = [...created].filter((each) => {
      const [kind, schema, name] = JSON.parse(each) as [string, string | null, string];
      return kind === 'column' && names.some((dropped) => dropped.schema === schema && dropped.name === name);
    });
    const gone = names.flatMap((name) => [key('relation', name), key('type', name), key('schema', name)]);
    return changed(created, [], [...gone, ...columns]);
  }
  return created;
};

const afterRename = (
  created: CreatedObjects,
  { renameType, relation, subname, newname = '' }: Extract<Node, { RenameStmt: unknown }>['RenameStmt'],
): CreatedObjects => {
  const old = nameOfRelation(relation);
  if (renameType === 'OBJECT_COLUMN') {
    const from = columnKey(old, subname ?? '');
    const to = columnKey(old, newname);
    return created.has(from) ? changed(created, [to], [from]) : changed(created, [], [to]);
  }
  // the columns added under the old name are forgotten, which only makes later statements look worse
  const columns = [...created].filter((each) => each.startsWith('["column"'));
  const from = key('relation', old);
  const to = key('relation', { schema: old.schema, name: newname });
  return created.has(from) ? changed(created, [to], [from, ...columns]) : changed(created, [], [to, ...columns]);
};
