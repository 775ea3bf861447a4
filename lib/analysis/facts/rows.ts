import { type Loss, worstLoss } from '../../migration/index.ts';
import { isColumnCreated, isRelationCreated } from '../created-objects.ts';
import { nameOfRelation } from '../names.ts';
import type { Node, RangeVar, SelectStmt, WithClause } from '../parse.ts';
import { callsIn, lossOfCalls } from './calls.ts';
import type { FactsTable, Surroundings } from './facts.ts';

const worst = (...losses: readonly Loss[]): Loss => worstLoss(losses.map((loss) => ({ loss })));

/** What the data-modifying queries of a WITH clause lose. */
const lossOfWith = (clause: WithClause | undefined, { inner, sql }: Surroundings): Loss =>
  worst(
    ...(clause?.ctes ?? []).flatMap((each) =>
      'CommonTableExpr' in each && each.CommonTableExpr.ctequery !== undefined
        ? [inner(each.CommonTableExpr.ctequery, sql).loss]
        : [],
    ),
  );

const lossOfRows = (relation: RangeVar | undefined, { created }: Surroundings): Loss =>
  isRelationCreated(created, nameOfRelation(relation)) ? 'none' : 'data';

/** Overwriting only columns that this section added overwrites nothing from before. */
const lossOfOverwriting = (relation: RangeVar | undefined, targets: readonly Node[], around: Surroundings): Loss => {
  const table = nameOfRelation(relation);
  const columns = targets.map((each) => ('ResTarget' in each ? (each.ResTarget.name ?? '') : ''));
  return columns.length > 0 && columns.every((column) => isColumnCreated(around.created, table, column))
    ? 'none'
    : lossOfRows(relation, around);
};

/** SELECT by its WITH clauses at every level of a UNION and by the functions it calls. */
const lossOfSelect = (select: SelectStmt, around: Surroundings): Loss =>
  worst(
    lossOfWith(select.withClause, around),
    select.larg === undefined ? 'none' : lossOfSelect(select.larg, around),
    select.rarg === undefined ? 'none' : lossOfSelect(select.rarg, around),
    lossOfCalls(callsIn({ ...select, withClause: undefined, larg: undefined, rarg: undefined })),
  );

export const rowFacts: FactsTable = {
  SelectStmt: (select, around) => ({
    kind: select.intoClause === undefined ? 'SELECT' : 'SELECT INTO',
    loss: lossOfSelect(select, around),
  }),
  InsertStmt: ({ relation, onConflictClause: conflict, withClause }, around) => {
    const overwrites = conflict?.action === 'ONCONFLICT_UPDATE';
    const own = overwrites ? lossOfOverwriting(relation, conflict.targetList ?? [], around) : 'none';
    return {
      kind: overwrites ? 'INSERT ON CONFLICT DO UPDATE' : 'INSERT',
      loss: worst(own, lossOfWith(withClause, around)),
    };
  },
  UpdateStmt: ({ relation, targetList, withClause }, around) => ({
    kind: 'UPDATE',
    loss: worst(lossOfOverwriting(relation, targetList ?? [], around), lossOfWith(withClause, around)),
  }),
  DeleteStmt: ({ relation, withClause }, around) => ({
    kind: 'DELETE',
    loss: worst(lossOfRows(relation, around), lossOfWith(withClause, around)),
  }),
  MergeStmt: ({ relation, mergeWhenClauses = [], withClause }, around) => {
    const changesRows = mergeWhenClauses.some(
      (each) =>
        'MergeWhenClause' in each && ['CMD_UPDATE', 'CMD_DELETE'].includes(each.MergeWhenClause.commandType ?? ''),
    );
    return {
      kind: 'MERGE',
      loss: worst(changesRows ? lossOfRows(relation, around) : 'none', lossOfWith(withClause, around)),
    };
  },
  TruncateStmt: ({ relations = [], behavior }, around) => {
    const cascade = behavior === 'DROP_CASCADE';
    const losses = relations.map((each) => ('RangeVar' in each ? lossOfRows(each.RangeVar, around) : 'data'));
    return { kind: cascade ? 'TRUNCATE CASCADE' : 'TRUNCATE', loss: cascade ? 'data' : worst(...losses) };
  },
  CopyStmt: ({ is_from: isFrom, is_program: isProgram, query }, around) => ({
    kind: isFrom === true ? 'COPY FROM' : 'COPY TO',
    loss: isProgram === true ? 'unknown' : query === undefined ? 'none' : around.inner(query, around.sql).loss,
  }),
  ExplainStmt: ({ query, options = [] }, around) => {
    const runs = options.some((each) => 'DefElem' in each && each.DefElem.defname === 'analyze');
    return {
      kind: runs ? 'EXPLAIN ANALYZE' : 'EXPLAIN',
      loss: runs && query !== undefined ? around.inner(query, around.sql).loss : 'none',
    };
  },
  DeclareCursorStmt: ({ query }, around) => ({
    kind: 'DECLARE CURSOR',
    loss: query === undefined ? 'none' : around.inner(query, around.sql).loss,
  }),
};
