import type { Constraint, Column, Index, Relation } from './objects.ts';

/** What a catalogue dump says is there before the first migration of the analysis. */
export interface Catalogue {
  readonly format: 1;
  readonly relations: readonly (Pick<Relation, 'kind' | 'name' | 'sizeBytes'> & {
    readonly columns: readonly Omit<Column, 'born' | 'qualified'>[];
    readonly constraints: readonly Omit<Constraint, 'born'>[];
    readonly parents: Relation['parents'];
  })[];
  readonly indexes: readonly Omit<Index, 'born'>[];
}
