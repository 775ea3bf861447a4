import type { QualifiedName } from '../../migration/index.ts';
import type { Lock, LockDuration } from '../locks/lock.ts';
import { type LockSet, lockSetOf } from '../locks/lock-set.ts';
import { nameOfRelation } from '../names.ts';
import { relationsIn } from '../schema/advance-create.ts';
import { visitNodes } from '../walk.ts';
import type { NamedObject, Surroundings } from './facts.ts';

/** Relations that a tree reads, with what the views among them read. */
const readRelations = (tree: unknown, { schema }: Surroundings): readonly QualifiedName[] => {
  const found = new Map<string, QualifiedName>();
  const waiting = relationsIn(tree);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = `${next.schema ?? ''}\0${next.name}`;
    if (found.has(key)) continue;
    found.set(key, next);
    const relation = schema.relation(next);
    if (relation?.kind === 'view') waiting.push(...relation.reads);
  }
  return [...found.values()];
};

/** Locks of a query on what it reads and writes, added to a set. */
export const addQueryLocks = (tree: unknown, around: Surroundings, duration: LockDuration, locks: LockSet): void => {
  let isLocking = false;
  visitNodes(tree, (kind, body) => {
    isLocking ||= kind === 'LockingClause';
    if (!['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].includes(kind)) return;
    const target = nameOfRelation(body['relation'] as Parameters<typeof nameOfRelation>[0]);
    locks.addWithChildren(target, 'ROW EXCLUSIVE', duration);
  });
  for (const name of readRelations(tree, around))
    locks.addWithChildren(name, isLocking ? 'ROW SHARE' : 'ACCESS SHARE', duration);
};

export const readLocks = (tree: unknown, around: Surroundings, duration: LockDuration): readonly Lock[] => {
  const locks = lockSetOf(around.schema);
  addQueryLocks(tree, around, duration, locks);
  return locks.locks;
};

/** Relations that a tree names, as read; those given are left out. */
export const readObjects = (
  tree: unknown,
  { schema }: Surroundings,
  but: readonly QualifiedName[] = [],
): NamedObject[] =>
  relationsIn(tree)
    .filter((name) => !but.some((other) => other.name === name.name && other.schema === name.schema))
    .map((name) => ({
      kind: schema.relation(name)?.kind ?? 'table',
      ...name,
      role: 'read',
      isNew: schema.isUnseen(name),
    }));
