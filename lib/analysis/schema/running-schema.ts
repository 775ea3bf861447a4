import type { QualifiedName } from '../../migration/index.ts';
import { type Journal, JournaledMap } from './journal.ts';
import type { Born, Column, Constraint, Index, Relation, Routine, UserType } from './objects.ts';
import { type Age, ageWithin, barred, openSpan, type SectionState, type Span } from './section-state.ts';

const keyOf = ({ schema, name }: QualifiedName): string => `${schema ?? ''}\0${name}`;

/** Where unqualified names are made and looked for as long as no statement says otherwise. */
const usualPath: readonly string[] = ['public'];

/** A place in the journal to which the schema can be taken back. */
export interface Mark {
  readonly length: number;
  readonly path: readonly string[] | null;
  readonly section: SectionState;
}

/**
 * The schema as it is just before a statement, as far as the replayed migrations and a catalogue tell. What it does not know
 * is absent, never guessed. It changes in place: whoever keeps a reference sees later states.
 */
export class RunningSchema {
  readonly #journal: Journal = { undo: [] };
  readonly relations = new JournaledMap<Relation>(this.#journal);
  readonly indexes = new JournaledMap<Index>(this.#journal);
  readonly #indexesByTable = new JournaledMap<readonly string[]>(this.#journal);
  readonly types = new JournaledMap<UserType>(this.#journal);
  /** By bare name, all schemas and overloads together: which one a call means depends on types. */
  readonly routines = new JournaledMap<readonly Routine[]>(this.#journal);
  /** Functions behind the operators and casts that the migrations made, by operator name or `cast`. */
  readonly operators = new JournaledMap<readonly (readonly string[])[]>(this.#journal);
  readonly schemas = new JournaledMap<{ readonly born: Born; readonly tainted: Born }>(this.#journal);
  /** Tables of extended statistics, by the statistics' bare name. */
  readonly statistics = new JournaledMap<QualifiedName>(this.#journal);
  /** Functions of event triggers, which any DDL calls. */
  readonly eventTriggers = new JournaledMap<readonly string[]>(this.#journal);
  readonly #temporaries = new JournaledMap<QualifiedName>(this.#journal);
  #path: readonly string[] | null = usualPath;
  #ordinal: Born = 1;
  #section: SectionState = { oneSession: true, utc: false, own: openSpan(1), up: null, upLost: false };

  /** Ordinal of the statement that comes next. */
  get ordinal(): Born {
    return this.#ordinal;
  }
  get section(): SectionState {
    return this.#section;
  }
  /** Schemas in which unqualified names are looked for; null when a statement made that unknowable. */
  get searchPath(): readonly string[] | null {
    return this.#path;
  }

  /** The name with its schema. A temporary relation comes first: https://www.postgresql.org/docs/17/runtime-config-client.html#GUC-SEARCH-PATH */
  resolve(name: QualifiedName): QualifiedName {
    if (name.schema !== null) return name;
    return { schema: this.#holderOf(this.relations, name.name) ?? this.#path?.[0] ?? null, name: name.name };
  }
  /** The first schema of the path that has the name among `known`. */
  #holderOf(known: JournaledMap<unknown>, name: string): string | null {
    if (known.has(`pg_temp\0${name}`)) return 'pg_temp';
    return this.#path?.find((schema) => known.has(`${schema}\0${name}`)) ?? null;
  }
  /** Where an unqualified name is made. */
  placeFor(name: QualifiedName, temporary = false): QualifiedName {
    if (temporary) return { schema: 'pg_temp', name: name.name };
    return name.schema !== null ? name : { schema: this.#path?.[0] ?? null, name: name.name };
  }
  relation(name: QualifiedName): Relation | null {
    return this.relations.get(keyOf(this.resolve(name))) ?? null;
  }
  column(table: QualifiedName, column: string): Column | null {
    return this.relation(table)?.columns.find(({ name }) => name === column) ?? null;
  }
  constraint(table: QualifiedName, constraint: string): Constraint | null {
    return this.relation(table)?.constraints.find(({ name }) => name === constraint) ?? null;
  }
  index(name: QualifiedName): Index | null {
    if (name.schema !== null) return this.indexes.get(keyOf(name)) ?? null;
    const schema = this.#holderOf(this.indexes, name.name);
    return schema === null ? null : (this.indexes.get(keyOf({ schema, name: name.name })) ?? null);
  }
  indexesOn(table: QualifiedName): readonly Index[] {
    const keys = this.#indexesByTable.get(keyOf(this.resolve(table))) ?? [];
    return keys.flatMap((key) => this.indexes.get(key) ?? []);
  }
  type(name: QualifiedName): UserType | null {
    const schemas = name.schema === null ? (this.#path ?? []) : [name.schema];
    return (
      schemas.map((schema) => this.types.get(keyOf({ ...name, schema }))).find((each) => each !== undefined) ?? null
    );
  }
  /** Every routine of that bare name, whatever its schema. */
  routinesNamed(name: string): readonly Routine[] {
    return this.routines.get(name) ?? [];
  }

  /** Whether the same section made the relation, so that nobody waits for a lock on it. */
  isUnseen(name: QualifiedName): boolean {
    const relation = this.relation(name);
    const schema = this.resolve(name).schema;
    if (relation !== null) return relation.temporary || relation.made >= this.#section.own.start;
    return schema !== null && this.schemaAge(schema) === 'new';
  }
  /** Whose rows a relation holds. Old when unknown, when named in another way than it was made, when old rows came in. */
  ageOf(name: QualifiedName): Age {
    const relation = this.relation(name);
    const { schema } = this.resolve(name);
    if (relation === null) return name.schema === null || schema === null ? 'old' : this.schemaAge(schema);
    if (relation.qualified !== (name.schema !== null) && !relation.temporary) return 'old';
    // in a schema made by the section itself nothing can have been there
    if (relation.born === 0 && relation.made > 0 && schema !== null && name.schema !== null)
      return this.schemaAge(schema);
    return this.#aged(relation.born, relation.tainted, relation.filled, relation.qualified);
  }
  columnAge(table: QualifiedName, column: string): Age {
    const whole = this.ageOf(table);
    if (whole === 'new') return whole;
    const found = this.column(table, column);
    const relation = this.relation(table);
    if (found === null || relation === null || found.qualified !== (table.schema !== null)) return whole;
    const own = this.#aged(found.born, relation.tainted, relation.filled, found.qualified);
    return own === 'old' ? whole : own;
  }
  typeAge(name: QualifiedName): Age {
    const type = this.type(name);
    if (type === null) return name.schema === null ? 'old' : this.schemaAge(name.schema);
    if (type.qualified !== (name.schema !== null)) return 'old';
    return this.#aged(type.born, type.tainted, 0, type.qualified);
  }
  schemaAge(name: string): Age {
    const found = this.schemas.get(name);
    return found === undefined ? 'old' : this.#aged(found.born, found.tainted, 0, true);
  }
  #aged(born: Born, tainted: Born, filled: Born, qualified: boolean): Age {
    if (born === 0) return 'old';
    const { up, own, upLost } = this.#section;
    if (tainted > 0 && tainted >= (up ?? own).from) return 'old';
    const age = ageWithin(this.#section, born, qualified);
    return age === 'since' && upLost && up !== null && filled >= up.from ? 'old' : age;
  }

  setRelation(relation: Relation): void {
    this.relations.set(keyOf(relation.name), relation);
    if (relation.temporary) this.#temporaries.set(keyOf(relation.name), relation.name);
  }
  deleteRelation(name: QualifiedName): void {
    for (const index of this.indexesOn(name)) this.deleteIndex(index.name);
    this.relations.delete(keyOf(name));
    this.#temporaries.delete(keyOf(name));
  }
  setIndex(index: Index): void {
    const [table, key] = [keyOf(index.table), keyOf(index.name)];
    this.indexes.set(key, index);
    const keys = this.#indexesByTable.get(table) ?? [];
    if (!keys.includes(key)) this.#indexesByTable.set(table, [...keys, key]);
  }
  deleteIndex(name: QualifiedName): void {
    const index = this.indexes.get(keyOf(name));
    if (index === undefined) return;
    const table = keyOf(index.table);
    this.#indexesByTable.set(
      table,
      (this.#indexesByTable.get(table) ?? []).filter((key) => key !== keyOf(name)),
    );
    this.indexes.delete(keyOf(name));
  }
  setType(type: UserType): void {
    this.types.set(keyOf(type.name), type);
  }
  deleteType(name: QualifiedName): void {
    this.types.delete(keyOf(name));
  }

  /** To be called after each statement. */
  tick(): void {
    this.#ordinal += 1;
  }
  setSearchPath(path: readonly string[] | null): void {
    this.#path = path;
    this.bar('unqualified');
  }
  /** From here on nothing made before in this section counts as such: names may mean something else. */
  bar(which: 'all' | 'unqualified'): void {
    const { own, up } = this.#section;
    const after = this.#ordinal + 1;
    const upAfter = up === null ? null : barred(up, which === 'all' ? up.to : up.from, which);
    this.#section = {
      ...this.#section,
      own: barred(own, after, which),
      up: upAfter === null ? null : { ...upAfter, unqualifiedFrom: upAfter.to },
    };
  }
  /** Begins an up; answers the mark before it. */
  beginUp(oneSession: boolean, utc = false): Mark {
    this.#beginSession();
    this.#section = { oneSession, utc, own: openSpan(this.#ordinal), up: null, upLost: false };
    return this.mark();
  }
  /** Begins the down of the up that has just been replayed; `upLost` when that lost something old. */
  beginDown(oneSession: boolean, upLost: boolean): Mark {
    const up: Span = { ...this.#section.own, to: this.#ordinal };
    const mark = this.mark();
    this.#beginSession();
    this.#section = { ...this.#section, oneSession, own: openSpan(this.#ordinal), up, upLost };
    return mark;
  }
  /** TimeZone is another one from here on. */
  leaveUtc(): void {
    this.#section = { ...this.#section, utc: false };
  }
  #beginSession(): void {
    this.#path = usualPath;
    for (const name of this.#temporaries.list()) this.deleteRelation(name);
  }
  mark(): Mark {
    return { length: this.#journal.undo.length, path: this.#path, section: this.#section };
  }
  /** Forgets everything since the mark. */
  takeBack({ length, path, section }: Mark): void {
    const { undo } = this.#journal;
    while (undo.length > length) undo.pop()?.();
    this.#path = path;
    this.#section = section;
  }
  /** Gives up the possibility to go back before this point. */
  settle(): void {
    this.#journal.undo.length = 0;
  }
}
