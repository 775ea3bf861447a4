import type { QualifiedName } from '../../migration/index.ts';
import type { LockDuration, LockMode } from '../locks/lock.ts';
import { asWritten, descendantsOf, lockSetOf } from '../locks/lock-set.ts';
import { nameOfRelation } from '../names.ts';
import type { MergeWhenClause, Node, RangeVar, SelectStmt, WithClause } from '../parse.ts';
import { relationsIn } from '../schema/advance-create.ts';
import { type LossFact, lossOfAge, noLoss, worstFact } from './age-loss.ts';
import { type Effect, effectOfTree, noEffect, togetherOf } from './call-effects.ts';
import type { FactsTable, PartialFacts, Surroundings } from './facts.ts';
import { addQueryLocks, readLocks, readObjects } from './reads.ts';
import { ageAsMade, effectOfHooks, effectOfOwn, lossOfReferences, type RowEvent } from './row-hooks.ts';

/** What the data-modifying queries of a WITH clause do. */
const effectsOfWith = (clause: WithClause | undefined, { inner, sql }: Surroundings): Effect[] =>
  (clause?.ctes ?? []).flatMap((each) => {
    const query = 'CommonTableExpr' in each ? each.CommonTableExpr.ctequery : undefined;
    if (query === undefined || 'SelectStmt' in query) return [];
    const { loss, lossOf, hidden, inner: statements } = inner(query, sql);
    return [{ loss, lossOf, hidden, inner: statements }];
  });

/** WITH clauses at every level of a UNION or a subquery hold data-modifying queries only at the top, but a UNION's arms are tops. */
const withClausesOf = (select: SelectStmt): readonly WithClause[] => [
  ...(select.withClause === undefined ? [] : [select.withClause]),
  ...(select.larg === undefined ? [] : withClausesOf(select.larg)),
  ...(select.rarg === undefined ? [] : withClausesOf(select.rarg)),
];

/** Functions in the views that a query reads. */
const effectOfViews = (tree: unknown, around: Surroundings): Effect => {
  const views = relationsIn(tree).flatMap((name) => {
    const relation = around.schema.relation(name);
    return relation?.kind === 'view' && relation.calls.length > 0 ? [relation] : [];
  });
  return views.length === 0 ? noEffect : togetherOf(views.map((view) => effectOfOwn(view, around)));
};

interface Write {
  readonly kind: string;
  readonly relation: RangeVar | undefined;
  readonly node: unknown;
  readonly withClause: WithClause | undefined;
  readonly events: readonly RowEvent[];
  readonly own: LossFact;
  readonly duration: LockDuration;
}

const written = (
  { kind, relation, node, withClause, events, own, duration }: Write,
  around: Surroundings,
): PartialFacts => {
  const table = nameOfRelation(relation);
  const locks = lockSetOf(around.schema);
  if (relation?.inh === true) locks.addWithChildren(table, 'ROW EXCLUSIVE', duration);
  else locks.add(table, 'ROW EXCLUSIVE', duration);
  // a view that writes through to its table
  const view = around.schema.relation(table);
  const [below, ...more] = view?.kind === 'view' && view.triggers.length === 0 ? view.reads : [];
  if (below !== undefined && more.length === 0)
    locks.addWithChildren(asWritten(below, around.schema), 'ROW EXCLUSIVE', duration);
  addQueryLocks(withoutTarget(node), around, duration, locks);
  const effect = togetherOf([
    ...effectsOfWith(withClause, around),
    effectOfTree(node, around),
    effectOfViews(node, around),
    effectOfHooks(table, events, around),
  ]);
  const isNew = around.schema.isUnseen(table);
  return {
    kind,
    class: 'dml',
    objects: [
      { kind: around.schema.relation(table)?.kind ?? 'table', ...table, role: 'written', isNew },
      ...readObjects(withoutTarget(node), around, [table]),
    ],
    locks: locks.locks,
    ...effect,
    ...worstFact([own, effect]),
  };
};

/** Everything in a statement but the table it writes. */
const withoutTarget = (node: unknown): unknown => {
  const { relation: _, ...rest } = node as { readonly relation?: unknown };
  return rest;
};

const targetsOf = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).map((each) => ('ResTarget' in each ? (each.ResTarget.name ?? '') : ''));

const lossOfDeleting = (relation: RangeVar | undefined, around: Surroundings): LossFact => {
  const table = nameOfRelation(relation);
  const children = relation?.inh === true ? descendantsOf(around.schema, table) : [];
  return worstFact([
    lossOfAge(around.schema.ageOf(table)),
    ...children.map((child) => lossOfAge(around.schema.ageOf(child))),
    lossOfReferences(table, 'deleted', around),
  ]);
};

/** Overwriting only columns that this section added overwrites nothing from before. */
const lossOfOverwriting = (table: QualifiedName, columns: readonly string[], around: Surroundings): LossFact =>
  worstFact([
    ...(columns.length === 0
      ? [lossOfAge(around.schema.ageOf(table))]
      : columns.map((column) => lossOfAge(around.schema.columnAge(table, column)))),
    lossOfReferences(table, columns, around),
  ]);

const mergeClauses = (nodes: readonly Node[] | undefined): readonly MergeWhenClause[] =>
  (nodes ?? []).flatMap((each) => ('MergeWhenClause' in each ? [each.MergeWhenClause] : []));

const eventOf = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' } as const;

const select = (body: SelectStmt, around: Surroundings): PartialFacts => {
  const effect = togetherOf([
    ...withClausesOf(body).flatMap((clause) => effectsOfWith(clause, around)),
    effectOfTree(body, around),
    effectOfViews(body, around),
  ]);
  const into = body.intoClause?.rel;
  const read = { ...body, intoClause: undefined };
  return {
    kind: into === undefined ? 'SELECT' : 'SELECT INTO',
    class: into === undefined ? 'query' : 'ddl',
    objects: [
      ...(into === undefined
        ? []
        : [{ kind: 'table', ...nameOfRelation(into), role: 'created', isNew: true } as const]),
      ...readObjects(read, around),
    ],
    locks: readLocks(read, around, 'scan'),
    rerunFails: into !== undefined,
    ...effect,
  };
};

/** LOCK's modes as the parser numbers them: lockdefs.h. */
const modesByNumber: readonly LockMode[] = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

const inside = (kind: string, query: Node | undefined, runs: boolean, around: Surroundings): PartialFacts => {
  if (query === undefined || !runs) return { kind, class: 'query', locks: readLocks(query, around, 'instant') };
  const { class: of, objects, locks, loss, lossOf, hidden, inner } = around.inner(query, around.sql);
  return { kind, class: of, objects, locks, loss, lossOf, hidden, inner };
};

const truncate = (
  relations: readonly Node[],
  cascade: boolean,
  restarts: boolean,
  around: Surroundings,
): PartialFacts => {
  const { schema } = around;
  const locks = lockSetOf(schema);
  const names = relations.flatMap((each) => ('RangeVar' in each ? [nameOfRelation(each.RangeVar)] : []));
  const only = new Set(
    relations.flatMap((each) =>
      'RangeVar' in each && each.RangeVar.inh !== true
        ? [JSON.stringify(schema.resolve(nameOfRelation(each.RangeVar)))]
        : [],
    ),
  );
  const all = new Map<string, QualifiedName>();
  const waiting = [...names];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = JSON.stringify(schema.resolve(next));
    if (all.has(key)) continue;
    all.set(key, next);
    if (only.has(key)) locks.add(next, 'ACCESS EXCLUSIVE', 'instant');
    else locks.addWithChildren(next, 'ACCESS EXCLUSIVE', 'instant');
    if (restarts)
      for (const { sequence } of schema.relation(next)?.owns ?? [])
        locks.add(asWritten(sequence, schema), 'ACCESS EXCLUSIVE', 'instant');
    if (cascade) waiting.push(...(schema.relation(next)?.referencedBy ?? []).map((child) => asWritten(child, schema)));
  }
  const losses = [...all.values()].flatMap((name) => [
    lossOfAge(names.includes(name) ? schema.ageOf(name) : ageAsMade(name, schema)),
    ...(only.has(JSON.stringify(schema.resolve(name))) ? [] : descendantsOf(schema, name)).map((child) =>
      lossOfAge(ageAsMade(child, schema)),
    ),
  ]);
  return {
    kind: cascade ? 'TRUNCATE CASCADE' : 'TRUNCATE',
    class: 'dml',
    objects: [...all.values()].map((name) => ({
      kind: 'table',
      ...name,
      role: 'written',
      isNew: schema.isUnseen(name),
    })),
    locks: locks.locks,
    ...worstFact(losses),
  };
};

export const rowFacts: FactsTable = {
  SelectStmt: select,
  InsertStmt: (body, around) => {
    const { relation, onConflictClause: conflict, withClause, selectStmt } = body;
    const overwrites = conflict?.action === 'ONCONFLICT_UPDATE';
    const own = overwrites
      ? lossOfOverwriting(nameOfRelation(relation), targetsOf(conflict.targetList), around)
      : noLoss;
    const events: RowEvent[] = overwrites ? ['insert', 'update'] : ['insert'];
    const duration = relationsIn(selectStmt).length > 0 ? 'scan' : 'instant';
    const kind = overwrites ? 'INSERT ON CONFLICT DO UPDATE' : 'INSERT';
    return written({ kind, relation, node: body, withClause, events, own, duration }, around);
  },
  UpdateStmt: (body, around) => {
    const { relation, targetList, withClause } = body;
    const own = lossOfOverwriting(nameOfRelation(relation), targetsOf(targetList), around);
    return written(
      { kind: 'UPDATE', relation, node: body, withClause, events: ['update'], own, duration: 'scan' },
      around,
    );
  },
  DeleteStmt: (body, around) => {
    const { relation, withClause } = body;
    const own = lossOfDeleting(relation, around);
    return written(
      { kind: 'DELETE', relation, node: body, withClause, events: ['delete'], own, duration: 'scan' },
      around,
    );
  },
  MergeStmt: (body, around) => {
    const { relation, withClause } = body;
    const table = nameOfRelation(relation);
    const clauses = mergeClauses(body.mergeWhenClauses);
    const events = clauses.flatMap(({ commandType }) => eventOf[commandType as keyof typeof eventOf] ?? []);
    const own = worstFact(
      clauses.map(({ commandType, targetList }) =>
        commandType === 'CMD_DELETE'
          ? lossOfDeleting(relation, around)
          : commandType === 'CMD_UPDATE'
            ? lossOfOverwriting(table, targetsOf(targetList), around)
            : noLoss,
      ),
    );
    return written({ kind: 'MERGE', relation, node: body, withClause, events, own, duration: 'scan' }, around);
  },
  TruncateStmt: ({ relations = [], behavior, restart_seqs: restarts }, around) =>
    truncate(relations, behavior === 'DROP_CASCADE', restarts === true, around),
  CopyStmt: ({ relation, is_from: isFrom, is_program: isProgram, query }, around) => {
    const kind = isFrom === true ? 'COPY FROM' : 'COPY TO';
    const program: LossFact = isProgram === true ? { loss: 'unknown', lossOf: 'old' } : noLoss;
    if (query !== undefined) {
      const read = inside(kind, query, true, around);
      const own = { loss: read.loss ?? 'none', lossOf: read.lossOf ?? null };
      return { ...read, ...worstFact([own, program]), hidden: isProgram === true || read.hidden === true };
    }
    const table = nameOfRelation(relation);
    const locks = lockSetOf(around.schema);
    locks.addWithChildren(table, isFrom === true ? 'ROW EXCLUSIVE' : 'ACCESS SHARE', 'scan');
    const isNew = around.schema.isUnseen(table);
    const role = isFrom === true ? 'written' : 'read';
    const effect = isFrom === true ? effectOfHooks(table, ['insert'], around) : noEffect;
    return {
      kind,
      class: 'dml',
      objects: [{ kind: 'table', ...table, role, isNew }],
      locks: locks.locks,
      ...effect,
      ...worstFact([effect, program]),
      hidden: isProgram === true || effect.hidden,
    };
  },
  ExplainStmt: ({ query, options = [] }, around) => {
    const runs = options.some((each) => 'DefElem' in each && each.DefElem.defname === 'analyze');
    return inside(runs ? 'EXPLAIN ANALYZE' : 'EXPLAIN', query, runs, around);
  },
  DeclareCursorStmt: ({ query }, around) => inside('DECLARE CURSOR', query, true, around),
  LockStmt: ({ relations = [], mode = 8 }, around) => {
    const locks = lockSetOf(around.schema);
    const names = relations.flatMap((each) => ('RangeVar' in each ? [nameOfRelation(each.RangeVar)] : []));
    for (const name of names) locks.addWithChildren(name, modesByNumber[mode - 1] ?? 'ACCESS EXCLUSIVE', 'instant');
    return {
      kind: 'LOCK TABLE',
      class: 'other',
      objects: names.map((name) => ({ kind: 'table', ...name, role: 'read', isNew: around.schema.isUnseen(name) })),
      locks: locks.locks,
    };
  },
};
