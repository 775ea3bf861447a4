import type { QualifiedName } from '../../migration/index.ts';
import { bodyOf } from '../embedded.ts';
import { callsIn } from '../facts/calls.ts';
import { type BodyOf, type NodeKind, type StatementFacts, unwrap } from '../facts/facts.ts';
import { nameOfRelation, partsOf, qualifiedName } from '../names.ts';
import type { Node } from '../parse.ts';
import { visitNodes } from '../walk.ts';
import { alterEnum, alterTable } from './advance-alter.ts';
import {
  createDomain,
  createEnum,
  createIndex,
  createRelation,
  createTable,
  createType,
  columnsIn,
  relationsIn,
} from './advance-create.ts';
import { drop } from './advance-drop.ts';
import { moveToSchema, rename } from './advance-rename.ts';
import { changeRelation, noteCalls, noteOwner } from './blank-relation.ts';
import { ownerOf } from './sequence-owner.ts';
import type { Routine, Trigger } from './objects.ts';
import type { RunningSchema } from './running-schema.ts';

/** What a statement changes; `certain` is false inside a body, where it may not have run. */
type Change<K extends NodeKind> = (schema: RunningSchema, body: BodyOf<K>, certain: boolean, sql: string) => void;

const volatilityOf = (body: BodyOf<'CreateFunctionStmt'>): Routine['volatility'] => {
  for (const option of body.options ?? [])
    if ('DefElem' in option && option.DefElem.defname === 'volatility') {
      const { arg } = option.DefElem;
      const word = arg !== undefined && 'String' in arg ? arg.String.sval : '';
      return word === 'immutable' || word === 'stable' ? word : 'volatile';
    }
  return 'volatile';
};

const createRoutine: Change<'CreateFunctionStmt'> = (schema, body, certain, sql) => {
  const written = qualifiedName(partsOf(body.funcname));
  const name = schema.placeFor(written);
  const node = { CreateFunctionStmt: body };
  const routine: Routine = {
    name,
    language: body.sql_body === undefined ? bodyOf(body.options).language : 'sql',
    sql,
    node,
    volatility: volatilityOf(body),
    born: certain ? schema.ordinal : 0,
  };
  const overloads = schema.routinesNamed(name.name);
  const parameters = JSON.stringify(body.parameters?.map(typeOfParameter));
  const others = overloads.filter(
    (each) =>
      each.name.schema !== name.schema ||
      !('CreateFunctionStmt' in each.node) ||
      JSON.stringify(each.node.CreateFunctionStmt.parameters?.map(typeOfParameter)) !== parameters,
  );
  schema.routines.set(name.name, [...others, routine]);
};

const typeOfParameter = (node: Node): unknown =>
  'FunctionParameter' in node ? partsOf(node.FunctionParameter.argType?.names) : null;

/** TRIGGER_TYPE_… of PostgreSQL's pg_trigger.h. */
const eventBits = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
] as const;

const createTrigger: Change<'CreateTrigStmt'> = (schema, body, certain) => {
  const trigger: Trigger = {
    name: body.trigname ?? '',
    function: partsOf(body.funcname),
    events: eventBits.filter(([bit]) => ((body.events ?? 0) & bit) !== 0).map(([, event]) => event),
    born: certain ? schema.ordinal : 0,
  };
  changeRelation(schema, nameOfRelation(body.relation), ({ triggers }) => ({
    triggers: [...triggers.filter(({ name }) => name !== trigger.name), trigger],
  }));
};

const ruleEvents = { CMD_SELECT: 'select', CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' } as const;

const createRule: Change<'RuleStmt'> = (schema, body, certain) =>
  changeRelation(schema, nameOfRelation(body.relation), ({ rules }) => ({
    rules: [
      ...rules.filter(({ name }) => name !== body.rulename),
      {
        name: body.rulename ?? '',
        event: ruleEvents[body.event as keyof typeof ruleEvents] ?? 'select',
        actions: body.actions ?? [],
        born: certain ? schema.ordinal : 0,
      },
    ],
  }));

const define: Change<'DefineStmt'> = (schema, body, certain) => {
  const name = qualifiedName(partsOf(body.defnames));
  const functions = callableIn(body.definition);
  if (body.kind === 'OBJECT_OPERATOR') {
    schema.operators.set(name.name, [...(schema.operators.get(name.name) ?? []), ...functions]);
  } else if (body.kind === 'OBJECT_TYPE') createType(schema, 'base', name, certain, { calls: functions });
  else if (body.kind === 'OBJECT_AGGREGATE')
    // an aggregate is what its functions are
    schema.operators.set(`aggregate ${name.name}`, [
      ...(schema.operators.get(`aggregate ${name.name}`) ?? []),
      ...functions,
    ]);
};

/** Functions that a CREATE OPERATOR, TYPE or AGGREGATE names in its definition. */
const callableIn = (definition: readonly Node[] | undefined): (readonly string[])[] =>
  (definition ?? []).flatMap((each) => {
    if (!('DefElem' in each) || each.DefElem.arg === undefined) return [];
    const { defname = '', arg } = each.DefElem;
    const isFunction = /func$|^function$|^procedure$|^input$|^output$|^receive$|^send$|^join$|^restrict$/.test(defname);
    return isFunction && 'TypeName' in arg ? [partsOf(arg.TypeName.names)] : [];
  });

const createSchema: Change<'CreateSchemaStmt'> = (schema, body, certain) => {
  const name = body.schemaname ?? '';
  const born = certain && body.if_not_exists !== true ? schema.ordinal : 0;
  if (schema.schemas.has(name)) return;
  schema.schemas.set(name, { born, tainted: 0 });
};

const setSetting: Change<'VariableSetStmt'> = (schema, { name, kind, args = [] }) => {
  if (name === 'role' || name === 'session_authorization') schema.bar('unqualified');
  if (name === 'timezone') schema.leaveUtc();
  if (name !== 'search_path') return;
  const path = args.flatMap((each) => ('A_Const' in each ? [each.A_Const.sval?.sval ?? ''] : []));
  schema.setSearchPath(kind === 'VAR_SET_VALUE' ? path.filter((each) => each !== '"$user"' && each !== '$user') : null);
};

/** Rows come in from elsewhere. */
const fill = (schema: RunningSchema, relation: BodyOf<'InsertStmt'>['relation']): void => {
  const name = nameOfRelation(relation);
  if (schema.relation(name) !== null) changeRelation(schema, name, () => ({ filled: schema.ordinal }));
};

/** OWNED BY of a sequence. */
const own = (schema: RunningSchema, sequence: QualifiedName, options: readonly Node[] | undefined): void => {
  const owner = ownerOf(options);
  if (owner !== null && schema.relation(owner.table) !== null)
    noteOwner(schema, owner.table, owner.column, schema.resolve(sequence));
};

const changes: { readonly [K in NodeKind]?: Change<K> } = {
  CreateStmt: createTable,
  CreateForeignTableStmt: (schema, { base }, certain) =>
    createRelation(schema, 'foreign table', base?.relation, certain, { complete: true }),
  ViewStmt: (schema, { view, query, replace }, certain) =>
    createRelation(schema, 'view', view, certain && replace !== true, {
      reads: relationsIn(query),
      mentions: columnsIn(query),
      calls: callsIn(query),
      called: schema.ordinal,
    }),
  CreateTableAsStmt: (schema, { into, query, objtype, if_not_exists: ifNotExists }, certain) =>
    createRelation(
      schema,
      objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table',
      into?.rel,
      certain && ifNotExists !== true,
      {
        reads: objtype === 'OBJECT_MATVIEW' ? relationsIn(query) : [],
        mentions: columnsIn(query),
        filled: relationsIn(query).length === 0 ? 0 : schema.ordinal,
      },
    ),
  SelectStmt: (schema, { intoClause }, certain) => {
    if (intoClause !== undefined) createRelation(schema, 'table', intoClause.rel, certain, { filled: schema.ordinal });
  },
  CreateStatsStmt: (schema, { defnames, relations = [] }) => {
    const [table] = relations;
    if (table !== undefined && 'RangeVar' in table)
      schema.statistics.set(partsOf(defnames).at(-1) ?? '', nameOfRelation(table.RangeVar));
  },
  AlterSeqStmt: (schema, { sequence, options }) => own(schema, nameOfRelation(sequence), options),
  CreateSeqStmt: (schema, { sequence, if_not_exists: ifNotExists, options }, certain) => {
    if (ifNotExists !== true || schema.relation(nameOfRelation(sequence)) === null)
      createRelation(schema, 'sequence', sequence, certain && ifNotExists !== true, { complete: true });
    own(schema, nameOfRelation(sequence), options);
  },
  IndexStmt: createIndex,
  CreateSchemaStmt: createSchema,
  CreateEnumStmt: createEnum,
  CreateDomainStmt: createDomain,
  CompositeTypeStmt: (schema, { typevar }, certain) =>
    createType(schema, 'composite', nameOfRelation(typevar), certain),
  CreateRangeStmt: (schema, { typeName }, certain) =>
    createType(schema, 'range', qualifiedName(partsOf(typeName)), certain),
  CreateFunctionStmt: createRoutine,
  CreateTrigStmt: createTrigger,
  RuleStmt: createRule,
  DefineStmt: define,
  CreateCastStmt: (schema, { func }) => {
    if (func !== undefined)
      schema.operators.set('cast', [...(schema.operators.get('cast') ?? []), partsOf(func.objname)]);
  },
  CreatePolicyStmt: (schema, { table, qual, with_check: check }) => {
    noteCalls(schema, nameOfRelation(table), callsIn([qual, check]));
  },
  CreateEventTrigStmt: (schema, { trigname = '', funcname }) => schema.eventTriggers.set(trigname, partsOf(funcname)),
  AlterTableStmt: alterTable,
  AlterEnumStmt: alterEnum,
  AlterDomainStmt: (schema, { subtype = '', typeName, def }) => {
    const type = schema.type(qualifiedName(partsOf(typeName)));
    if (type === null || !['C', 'O'].includes(subtype)) return;
    schema.setType({ ...type, checked: true, calls: [...type.calls, ...callsIn(def)] });
  },
  RenameStmt: rename,
  AlterObjectSchemaStmt: moveToSchema,
  DropStmt: drop,
  VariableSetStmt: setSetting,
  InsertStmt: (schema, { relation, selectStmt }) => {
    if (selectStmt !== undefined && relationsIn(selectStmt).length > 0) fill(schema, relation);
  },
  MergeStmt: (schema, { relation }) => fill(schema, relation),
  UpdateStmt: (schema, { relation }) => fill(schema, relation),
  CopyStmt: (schema, { relation, is_from: isFrom }) => {
    if (isFrom === true) fill(schema, relation);
  },
};

/** `set_config('search_path', …)` anywhere in a statement, or of a setting whose name is not written out. */
const setsPath = (node: Node, sql: string): boolean => {
  // a body in SQL's own words has no text of its own
  if (sql !== '' && !/set_config/i.test(sql)) return false;
  let found = false;
  visitNodes(node, (kind, body) => {
    if (kind !== 'FuncCall' || partsOf(body['funcname'] as Node[]).at(-1) !== 'set_config') return;
    const [setting] = (body['args'] ?? []) as readonly Node[];
    const name = setting !== undefined && 'A_Const' in setting ? setting.A_Const.sval?.sval : undefined;
    found ||= name === undefined || ['search_path', 'role'].includes(name.toLowerCase());
  });
  return found;
};

/** Applies one statement. A body's statements are applied as what may have happened. */
export const apply = (schema: RunningSchema, node: Node, sql: string, certain: boolean): void => {
  const [kind, body] = unwrap(node);
  if (setsPath(node, sql)) schema.setSearchPath(null);
  const change = changes[kind] as Change<NodeKind> | undefined;
  change?.(schema, body as BodyOf<NodeKind>, certain, sql);
  // the elements of CREATE SCHEMA are statements of their own
  if ('CreateSchemaStmt' in node)
    for (const each of node.CreateSchemaStmt.schemaElts ?? []) apply(schema, each, sql, false);
};

/**
 * Takes the schema past a statement, in place, and on to the next ordinal. The cost does not grow with the schema, but for
 * what moves or drops a whole schema.
 */
export const advance = (schema: RunningSchema, node: Node, sql: string, facts: StatementFacts): void => {
  apply(schema, node, sql, true);
  const innerNodes = facts.inner.map((each) => each.node);
  for (const inner of facts.inner) apply(schema, inner.node, inner.sql, false);
  const moves = innerNodes.some((inner) =>
    ['RenameStmt', 'AlterObjectSchemaStmt', 'DropStmt', 'VariableSetStmt'].includes(unwrap(inner)[0]),
  );
  if (facts.hidden || moves) schema.bar('all');
  schema.tick();
};
