import type { QualifiedName } from '../../migration/index.ts';
import type { Relation } from '../schema/objects.ts';
import type { RunningSchema } from '../schema/running-schema.ts';
import {
  type Lock,
  type LockDuration,
  type LockedObject,
  type LockMode,
  longerDuration,
  type RelationKind,
  strongerMode,
} from './lock.ts';

/** A name as its author would write it: without a schema when it was made without one. */
export const shownName = ({ name, qualified }: Relation): QualifiedName =>
  qualified ? name : { schema: null, name: name.name };

/** The name under which a relation is shown, of one that is found through another. */
export const asWritten = (name: QualifiedName, schema: RunningSchema): QualifiedName => {
  const relation = schema.relation(name);
  return relation === null ? name : shownName(relation);
};

/** Partitions and children of a relation at every depth, as far as they are known. */
export const descendantsOf = (schema: RunningSchema, of: QualifiedName): readonly QualifiedName[] => {
  const found = new Map<string, QualifiedName>();
  const waiting = [...(schema.relation(of)?.children ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const relation = schema.relation(next);
    const key = `${next.schema ?? ''}\0${next.name}`;
    if (found.has(key)) continue;
    found.set(key, relation === null ? next : shownName(relation));
    waiting.push(...(relation?.children ?? []));
  }
  return [...found.values()];
};

/** Locks being collected for one statement, each relation once; what the section made itself is left out. */
export interface LockSet {
  add(name: QualifiedName, mode: LockMode, duration: LockDuration, kind?: RelationKind): void;
  /** The same for the children and partitions that an operation without ONLY reaches. */
  addWithChildren(name: QualifiedName, mode: LockMode, duration: LockDuration, kind?: RelationKind): void;
  readonly locks: readonly Lock[];
}

const sizeOf = (relation: Relation | null): Pick<LockedObject, 'rows' | 'bytes'> => ({
  ...(relation === null || relation.rows === null ? {} : { rows: relation.rows }),
  ...(relation === null || relation.sizeBytes === null ? {} : { bytes: relation.sizeBytes }),
});

export const lockSetOf = (schema: RunningSchema): LockSet => {
  const locks = new Map<string, Lock>();
  const add: LockSet['add'] = (written, mode, duration, kind) => {
    if (written.name === '' || schema.isUnseen(written)) return;
    const relation = schema.relation(written);
    const { schema: at, name } = schema.resolve(written);
    const key = `${kind === 'index' ? 'index' : ''}\0${at ?? ''}\0${name}`;
    const before = locks.get(key);
    const shown = relation === null || written.schema !== null ? written : shownName(relation);
    locks.set(key, {
      object: before?.object ?? {
        kind: kind ?? relation?.kind ?? 'table',
        schema: shown.schema,
        name: shown.name,
        ...(kind === 'index' ? {} : sizeOf(relation)),
      },
      mode: before === undefined ? mode : strongerMode(before.mode, mode),
      duration: before === undefined ? duration : longerDuration(before.duration, duration),
    });
  };
  const addWithChildren: LockSet['addWithChildren'] = (written, mode, duration, kind) => {
    add(written, mode, duration, kind);
    for (const child of descendantsOf(schema, written)) add(child, mode, duration);
  };
  return {
    add,
    addWithChildren,
    get locks() {
      return [...locks.values()];
    },
  };
};

/** Locks of several statements as one list: each relation once. */
export const strongestLocks = (all: readonly Lock[]): readonly Lock[] => {
  const locks = new Map<string, Lock>();
  for (const lock of all) {
    const key = JSON.stringify([lock.object.schema, lock.object.name]);
    const before = locks.get(key);
    locks.set(key, {
      object: lock.object,
      mode: before === undefined ? lock.mode : strongerMode(before.mode, lock.mode),
      duration: before === undefined ? lock.duration : longerDuration(before.duration, lock.duration),
    });
  }
  return [...locks.values()];
};
