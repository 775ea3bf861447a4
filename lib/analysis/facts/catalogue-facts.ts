import type { QualifiedName } from '../../migration/index.ts';
import type { LockDuration, LockMode, RelationKind } from '../locks/lock.ts';
import { lockSetOf } from '../locks/lock-set.ts';
import { nameOfRelation, partsOf, partsOfObject, qualifiedName } from '../names.ts';
import { lossOfAge } from './age-loss.ts';
import { effectOfTree } from './call-effects.ts';
import { wordsOf } from './drops.ts';
import type { BodyOf, FactsTable, NamedObject, PartialFacts, Surroundings } from './facts.ts';
import type { Node } from '../parse.ts';
import { ownerOf } from '../schema/sequence-owner.ts';
import { readLocks, readObjects } from './reads.ts';

type RangeVarLike = Parameters<typeof nameOfRelation>[0];

/** One relation, one lock. */
const onRelation = (
  relation: RangeVarLike | QualifiedName,
  mode: LockMode,
  around: Surroundings,
  more: PartialFacts & {
    readonly object?: Partial<NamedObject>;
    readonly of?: RelationKind;
    readonly duration?: LockDuration;
  },
): PartialFacts => {
  const name = relation !== undefined && 'name' in relation ? relation : nameOfRelation(relation as RangeVarLike);
  const locks = lockSetOf(around.schema);
  const { object, of, duration, ...facts } = more;
  locks.add(name, mode, duration ?? 'instant', of);
  const kind = of ?? around.schema.relation(name)?.kind ?? 'table';
  return {
    class: 'ddl',
    objects: [{ kind, ...name, role: 'altered', isNew: around.schema.isUnseen(name), ...object }],
    locks: locks.locks,
    ...facts,
  };
};

const created = (kind: string, name: QualifiedName): NamedObject => ({ kind, ...name, role: 'created', isNew: true });

/** COMMENT and SECURITY LABEL look their object up under a lock: https://www.postgresql.org/docs/17/sql-comment.html */
const comment = (
  kind: string,
  objtype: BodyOf<'CommentStmt'>['objtype'],
  parts: readonly string[],
  around: Surroundings,
): PartialFacts => {
  const words = wordsOf(objtype).toLowerCase();
  const name = qualifiedName(parts);
  const ofTable = qualifiedName(parts.slice(0, -1));
  switch (objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
      return onRelation(name, 'SHARE UPDATE EXCLUSIVE', around, { kind });
    case 'OBJECT_INDEX':
      return onRelation(name, 'SHARE UPDATE EXCLUSIVE', around, { kind, of: 'index' });
    case 'OBJECT_COLUMN':
      return onRelation(ofTable, 'SHARE UPDATE EXCLUSIVE', around, { kind, object: { kind: words, part: name.name } });
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return onRelation(ofTable, 'ACCESS SHARE', around, { kind, object: { kind: words, part: name.name } });
    default:
      return { kind, class: 'ddl', objects: [{ kind: words, ...name, role: 'altered', isNew: false }] };
  }
};

/** Tables with a column of a domain are read while its new check is validated: validateDomainCheckConstraint, typecmds.c. */
const alterDomain = (body: BodyOf<'AlterDomainStmt'>, around: Surroundings): PartialFacts => {
  const { subtype = '', typeName, def, missing_ok: missingOk } = body;
  const name = qualifiedName(partsOf(typeName));
  const locks = lockSetOf(around.schema);
  const validates =
    subtype === 'O' ||
    subtype === 'V' ||
    (subtype === 'C' && !(def !== undefined && 'Constraint' in def && def.Constraint.skip_validation === true));
  if (validates)
    for (const relation of around.schema.relations.values())
      if (relation.columns.some(({ type }) => type !== null && type.name === name.name))
        locks.add(relation.qualified ? relation.name : { schema: null, name: relation.name.name }, 'SHARE', 'scan');
  return {
    kind: 'ALTER DOMAIN',
    class: 'ddl',
    objects: [{ kind: 'domain', ...name, role: 'altered', isNew: around.schema.typeAge(name) === 'new' }],
    locks: locks.locks,
    ...(validates ? effectOfTree(def, around) : {}),
    ...(subtype === 'X' || (subtype === 'T' && def === undefined) ? { loss: 'recoverable' } : {}),
    rerunFails: (subtype === 'C' || subtype === 'X') && missingOk !== true,
  };
};

const enumKind = ({ oldVal }: BodyOf<'AlterEnumStmt'>): string =>
  oldVal === undefined ? 'ALTER TYPE ADD VALUE' : 'ALTER TYPE RENAME VALUE';

const relationTypes = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
]);

const publication = (
  kind: string,
  name: string,
  objects: readonly Node[] | undefined,
  around: Surroundings,
): PartialFacts => {
  const locks = lockSetOf(around.schema);
  for (const each of objects ?? [])
    if ('PublicationObjSpec' in each && each.PublicationObjSpec.pubtable !== undefined)
      locks.addWithChildren(
        nameOfRelation(each.PublicationObjSpec.pubtable.relation),
        'SHARE UPDATE EXCLUSIVE',
        'instant',
      );
  const role = kind.startsWith('CREATE') ? 'created' : 'altered';
  return {
    kind,
    class: 'ddl',
    objects: [{ kind: 'publication', schema: null, name, role, isNew: false }],
    locks: locks.locks,
  };
};

/** Types, sequences, views, triggers, rules, policies, comments: what changes the catalogue without being a table. */
export const catalogueFacts: FactsTable = {
  ViewStmt: ({ view, query, replace }, around) => {
    const name = nameOfRelation(view);
    const isThere = replace === true && around.schema.relation(name) !== null;
    const locks = lockSetOf(around.schema);
    if (isThere) locks.add(name, 'ACCESS EXCLUSIVE', 'instant', 'view');
    return {
      kind: 'CREATE VIEW',
      class: 'ddl',
      objects: [
        { kind: 'view', ...name, role: isThere ? 'altered' : 'created', isNew: !isThere },
        ...readObjects(query, around),
      ],
      locks: [...locks.locks, ...readLocks(query, around, 'instant')],
      rerunFails: replace !== true,
    };
  },
  CreateTrigStmt: ({ relation, trigname = '', replace }, around) =>
    onRelation(relation, 'SHARE ROW EXCLUSIVE', around, {
      kind: 'CREATE TRIGGER',
      object: { kind: 'trigger', role: 'created', part: trigname },
      rerunFails: replace !== true,
    }),
  RuleStmt: ({ relation, rulename = '', replace }, around) =>
    onRelation(relation, 'ACCESS EXCLUSIVE', around, {
      kind: 'CREATE RULE',
      object: { kind: 'rule', role: 'created', part: rulename },
      rerunFails: replace !== true,
    }),
  CreatePolicyStmt: ({ table, policy_name: policy = '' }, around) =>
    onRelation(table, 'ACCESS EXCLUSIVE', around, {
      kind: 'CREATE POLICY',
      object: { kind: 'policy', role: 'created', part: policy },
      rerunFails: true,
    }),
  AlterPolicyStmt: ({ table, policy_name: policy = '' }, around) =>
    onRelation(table, 'ACCESS EXCLUSIVE', around, { kind: 'ALTER POLICY', object: { kind: 'policy', part: policy } }),
  AlterSeqStmt: ({ sequence, options = [] }, around) => {
    const restarts = options.some((each) => 'DefElem' in each && each.DefElem.defname === 'restart');
    const facts = onRelation(sequence, 'SHARE ROW EXCLUSIVE', around, {
      kind: 'ALTER SEQUENCE',
      of: 'sequence',
      ...(restarts ? lossOfAge(around.schema.ageOf(nameOfRelation(sequence))) : {}),
    });
    const owner = ownerOf(options);
    if (owner === null) return facts;
    const locks = lockSetOf(around.schema);
    locks.add(owner.table, 'ACCESS SHARE', 'instant');
    return { ...facts, locks: [...(facts.locks ?? []), ...locks.locks] };
  },
  CreateSeqStmt: ({ sequence, if_not_exists: ifNotExists, options }, around) => {
    const owner = ownerOf(options);
    const locks = lockSetOf(around.schema);
    if (owner !== null) locks.add(owner.table, 'ACCESS SHARE', 'instant');
    return {
      kind: 'CREATE SEQUENCE',
      class: 'ddl',
      objects: [created('sequence', nameOfRelation(sequence))],
      locks: locks.locks,
      rerunFails: ifNotExists !== true,
    };
  },
  CreatePublicationStmt: ({ pubname = '', pubobjects }, around) => ({
    ...publication('CREATE PUBLICATION', pubname, pubobjects, around),
    rerunFails: true,
  }),
  AlterPublicationStmt: ({ pubname = '', pubobjects }, around) =>
    publication('ALTER PUBLICATION', pubname, pubobjects, around),
  CreateSchemaStmt: ({ schemaname = '', if_not_exists: ifNotExists, schemaElts = [] }, around) => {
    const inner = schemaElts.map((node) => ({ sql: '', node, line: 1, facts: around.inner(node, '') }));
    return {
      kind: 'CREATE SCHEMA',
      class: 'ddl',
      objects: [created('schema', { schema: null, name: schemaname }), ...inner.flatMap(({ facts }) => facts.objects)],
      rerunFails: ifNotExists !== true,
    };
  },
  CreateEnumStmt: ({ typeName }) => ({
    kind: 'CREATE TYPE',
    class: 'ddl',
    objects: [created('type', qualifiedName(partsOf(typeName)))],
    rerunFails: true,
  }),
  CreateRangeStmt: ({ typeName }) => ({
    kind: 'CREATE TYPE',
    class: 'ddl',
    objects: [created('type', qualifiedName(partsOf(typeName)))],
    rerunFails: true,
  }),
  CompositeTypeStmt: ({ typevar }) => ({
    kind: 'CREATE TYPE',
    class: 'ddl',
    objects: [created('type', nameOfRelation(typevar))],
    rerunFails: true,
  }),
  CreateDomainStmt: ({ domainname }) => ({
    kind: 'CREATE DOMAIN',
    class: 'ddl',
    objects: [created('domain', qualifiedName(partsOf(domainname)))],
    rerunFails: true,
  }),
  AlterDomainStmt: alterDomain,
  AlterEnumStmt: (body, { schema }) => {
    const name = qualifiedName(partsOf(body.typeName));
    return {
      kind: enumKind(body),
      class: 'ddl',
      objects: [
        {
          kind: 'type',
          ...name,
          part: body.newVal ?? '',
          role: body.oldVal === undefined ? 'created' : 'renamed',
          isNew: schema.typeAge(name) === 'new',
        },
      ],
      rerunFails: body.skipIfNewValExists !== true,
    };
  },
  AlterObjectSchemaStmt: ({ objectType, relation, object, missing_ok: missingOk }, around) => {
    const kind = 'ALTER SET SCHEMA';
    if (objectType !== undefined && relationTypes.has(objectType))
      return onRelation(relation, 'ACCESS EXCLUSIVE', around, { kind, rerunFails: missingOk !== true });
    const name = qualifiedName(object === undefined ? [] : partsOfObject(object));
    return {
      kind,
      class: 'ddl',
      objects: [{ kind: wordsOf(objectType).toLowerCase(), ...name, role: 'altered', isNew: false }],
      rerunFails: true,
    };
  },
  CommentStmt: ({ objtype, object }, around) =>
    comment('COMMENT', objtype, object === undefined ? [] : partsOfObject(object), around),
  SecLabelStmt: ({ objtype, object }, around) =>
    comment('SECURITY LABEL', objtype, object === undefined ? [] : partsOfObject(object), around),
  CreateStatsStmt: ({ relations = [], if_not_exists: ifNotExists }, around) => {
    const [first] = relations;
    const relation = first !== undefined && 'RangeVar' in first ? first.RangeVar : undefined;
    return onRelation(relation, 'SHARE UPDATE EXCLUSIVE', around, {
      kind: 'CREATE STATISTICS',
      rerunFails: ifNotExists !== true,
    });
  },
  CreateForeignTableStmt: ({ base }) => ({
    kind: 'CREATE FOREIGN TABLE',
    class: 'ddl',
    objects: [created('foreign table', nameOfRelation(base?.relation))],
    rerunFails: base?.if_not_exists !== true,
  }),
  CreateExtensionStmt: ({ extname = '', if_not_exists: ifNotExists }) => ({
    kind: 'CREATE EXTENSION',
    class: 'ddl',
    objects: [created('extension', { schema: null, name: extname })],
    rerunFails: ifNotExists !== true,
  }),
  GrantStmt: ({ is_grant: isGrant, objects = [], objtype }) => ({
    kind: isGrant === true ? 'GRANT' : 'REVOKE',
    class: 'ddl',
    objects: objects.map((object) => ({
      kind: wordsOf(objtype).toLowerCase(),
      ...qualifiedName(partsOfObject(object)),
      role: 'altered',
      isNew: false,
    })),
  }),
  GrantRoleStmt: ({ is_grant: isGrant }) => ({ kind: isGrant === true ? 'GRANT ROLE' : 'REVOKE ROLE', class: 'ddl' }),
};
