import type { LockkeeperError, Place } from '../errors/index.ts';
import { readAs, shown } from './look-alike.ts';
import { errorAt } from './place.ts';

export type SectionName = 'up' | 'down' | 'verify';

export interface Marker {
  readonly section: SectionName;
  /** False for `transaction:false`. */
  readonly transactional: boolean;
}

/** `-- lockkeeper:allow <rule> <reason>`: silences one rule for the statement below it. */
export interface Allow {
  readonly rule: string;
  readonly reason: string;
  readonly line: number;
}

/** In what `readAs` makes of a comment: `migrate:` with anything behind it, or the words of a marker and nothing else. */
const markerLike = /^[+@]?migrate ?:|^[+@]?migrat\w*[ :;.=_/-]*(?:up|down|verify)(?: ?transaction ?[:=]? ?\w*)?$/;
const sectionIn = /^\W*\w+?[ :;.=_/-]*(up|down|verify)\b/;
const allowLike = /^lockkeeper ?:|^lockkeeper[ :;.=_/-]*allow\b/;
const exactMarker = /^--[ \t]*migrate:(up|down|verify)((?:[ \t]+\S+)*)[ \t]*$/;
const exactAllow = /^--[ \t]*lockkeeper:allow(?:[ \t]+(\S+))?(?:[ \t]+(.*?))?[ \t]*$/;

/** What a comment means: a marker, an error, or null for a plain comment. */
export const readMarker = (text: string, alone: boolean, place: Place): Marker | LockkeeperError | null => {
  const read = readAs(text);
  if (!markerLike.test(read)) return null;
  const match = exactMarker.exec(text);
  if (match === null) {
    const meant = sectionIn.exec(read)?.[1];
    const expected =
      meant === undefined
        ? '-- migrate:up, -- migrate:down or -- migrate:verify'
        : `-- migrate:${meant}${read.includes('transaction') && meant !== 'verify' ? ' transaction:false' : ''}`;
    return errorAt('MarkerUnknown', place, `unknown marker ${shown(text)}, expected ${expected}`);
  }
  if (!alone)
    return errorAt('MarkerUnknown', place, `${shown(text)} stands behind a statement, expected a line of its own`);
  const [, section = 'up', rest = ''] = match;
  const options = rest.split(/\s+/).filter((option) => option !== '');
  const unknown = options.find((option) => option !== 'transaction:false');
  if (unknown !== undefined)
    return errorAt('MarkerUnknown', place, `unknown option ${shown(unknown)}, expected transaction:false or none`);
  if (options.length > 0 && section === 'verify')
    return errorAt('MarkerUnknown', place, 'verify takes no transaction:false, its queries run with the up section');
  return { section: section as SectionName, transactional: options.length === 0 };
};

/** The same for `-- lockkeeper:…` comments. */
export const readAllow = (
  text: string,
  alone: boolean,
  inSection: boolean,
  place: Place & { readonly line: number },
): Allow | LockkeeperError | null => {
  if (!allowLike.test(readAs(text))) return null;
  const match = exactAllow.exec(text);
  if (match === null)
    return errorAt(
      'DirectiveUnknown',
      place,
      `unknown directive ${shown(text)}, expected -- lockkeeper:allow <rule> <reason>`,
    );
  const [, rule, reason] = match;
  if (rule === undefined || reason === undefined || reason === '')
    return errorAt(
      'DirectiveInvalid',
      place,
      `lockkeeper:allow ${rule === undefined ? 'names no rule' : `${rule} gives no reason`}, expected -- lockkeeper:allow <rule> <reason>`,
    );
  if (!alone || !inSection)
    return errorAt('DirectiveInvalid', place, 'lockkeeper:allow stands on a line of its own before a statement');
  return { rule, reason, line: place.line };
};
