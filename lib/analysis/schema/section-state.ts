import type { Born } from './objects.ts';

/** Whose an object is, seen from a statement: `new` made by the same section, `since` by the up that this down takes back. */
export type Age = 'new' | 'since' | 'old';

/** Where a section begins, and from which ordinal on an object counts as surely made by it. */
export interface Span {
  readonly start: Born;
  readonly from: Born;
  /** The same for names that were written without a schema: they may come to mean another object in mid-section. */
  readonly unqualifiedFrom: Born;
  /** First ordinal after the section; infinite while it goes on. */
  readonly to: Born;
}

/** The section being replayed. */
export interface SectionState {
  /** Whether all its statements run in one session: a temporary table of one is there for the next. */
  readonly oneSession: boolean;
  /** Whether TimeZone is UTC, as in a session of the Data API, unless a statement has set it. */
  readonly utc: boolean;
  readonly own: Span;
  /** Of the up whose down is being replayed; null in an up. */
  readonly up: Span | null;
  /** Whether that up lost something old, which what it made may now hold. */
  readonly upLost: boolean;
}

export const openSpan = (from: Born): Span => ({
  start: from,
  from,
  unqualifiedFrom: from,
  to: Number.POSITIVE_INFINITY,
});

/** The span after a statement that may have changed what names mean. */
export const barred = (span: Span, at: Born, which: 'all' | 'unqualified'): Span => ({
  ...span,
  from: which === 'all' ? at : span.from,
  unqualifiedFrom: at,
});

const isWithin = (span: Span, born: Born, qualified: boolean): boolean =>
  born >= (qualified ? span.from : span.unqualifiedFrom) && born < span.to;

/** Age of what was made at `born` and named as the statement names it. */
export const ageWithin = (section: SectionState, born: Born, qualified: boolean): Age => {
  if (isWithin(section.own, born, qualified)) return 'new';
  return section.up !== null && isWithin(section.up, born, qualified) ? 'since' : 'old';
};
