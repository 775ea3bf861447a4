import type { LockkeeperError, Place } from '../errors/index.ts';
import { readAs, shown } from './look-alike.ts';
import { errorAt } from './place.ts';

/** What stands at the top of a migration, each at most once; null where it is absent. */
export interface Directives {
  readonly phase: 'expand' | 'backfill' | 'contract' | null;
  readonly change: string | null;
  readonly flag: string | null;
  readonly irreversible: string | null;
}

const known = ['phase', 'change', 'flag', 'irreversible'] as const;
type Known = (typeof known)[number];
const phases = ['expand', 'backfill', 'contract'] as const;

/** A comment of the header with the place of its first dash. */
export interface HeaderLine {
  readonly text: string;
  readonly place: Place & { readonly line: number };
}

/** `-- word: …`, but neither an address (`-- https://…`) nor a licence tag (`-- SPDX-License-Identifier: …`). */
const directiveLike = /^--[ \t]?([A-Za-z][A-Za-z_-]*)[ \t]*:(?!\/\/)(.*)$/;
/** In what `readAs` makes of a comment: a known directive, however it is written; without its colon only where no prose begins so. */
const knownLike =
  /^[+@]?(phase|change|flag|irreversible) ?:|^(irreversible)\b|^(phase)\W*(?:expand|backfill|contract)$/;

const knownIn = (text: string): Known | null => {
  const [, withColon, irreversible, phase] = knownLike.exec(readAs(text)) ?? [];
  return (withColon ?? irreversible ?? phase ?? null) as Known | null;
};

/** A directive that stands under a marker, where it would be a mere comment; null for what is none. */
export const misplacedDirective = (text: string, place: Place): LockkeeperError | null => {
  const word = knownIn(text);
  if (word === null || (word === 'irreversible' && !/^\W*irreversible\W*:/i.test(text))) return null;
  return errorAt(
    'DirectiveInvalid',
    place,
    `${shown(text)} stands in a section, expected "-- ${word}:" above the first marker`,
  );
};
const licenceTag = /^--\s*SPDX-/;

const refusal = (word: string, place: Place): LockkeeperError => {
  const lower = word.toLowerCase();
  const hint = known.includes(lower as Known)
    ? `write it in lower case: -- ${lower}:`
    : `known are: ${known.join(', ')}`;
  return errorAt('DirectiveUnknown', place, `unknown directive "-- ${word}:", ${hint}`);
};

/**
 * The directives among the comments before the first marker. `irreversible` goes on over the comment lines right below it;
 * a line of it that looks like a directive is indented by two blanks.
 */
export const readDirectives = (
  header: readonly HeaderLine[],
): { directives: Directives; findings: LockkeeperError[] } => {
  const findings: LockkeeperError[] = [];
  const values = new Map<Known, string>();
  let openLine: number | null = null;
  for (const { text, place } of header) {
    const match = licenceTag.test(text) ? null : directiveLike.exec(text);
    if (match === null) {
      const meant = knownIn(text);
      if (meant !== null) {
        findings.push(errorAt('DirectiveUnknown', place, `unknown directive ${shown(text)}, write it: -- ${meant}: …`));
        continue;
      }
      if (openLine !== null && place.line === openLine + 1 && text.startsWith('--')) {
        const steps = text.replace(/^--\s*/, '').trimEnd();
        values.set('irreversible', `${values.get('irreversible') ?? ''}\n${steps}`.trim());
        openLine = place.line;
      }
      continue;
    }
    openLine = null;
    const [, word = '', rest = ''] = match;
    const value = rest.trim();
    if (!known.includes(word as Known)) findings.push(refusal(word, place));
    else if (values.has(word as Known))
      findings.push(errorAt('DirectiveInvalid', place, `a second "-- ${word}:", expected each directive once`));
    else if (word === 'phase' && !phases.includes(value as (typeof phases)[number]))
      findings.push(
        errorAt('DirectiveInvalid', place, `phase is ${JSON.stringify(value)}, expected one of: ${phases.join(', ')}`),
      );
    else {
      values.set(word as Known, value);
      if (word === 'irreversible') openLine = place.line;
      else if (value === '') findings.push(errorAt('DirectiveInvalid', place, `"-- ${word}:" is empty`));
    }
  }
  if (values.get('irreversible') === '') {
    const place = header.find(({ text }) => /^--[ \t]?irreversible/.test(text))?.place ?? { file: '' };
    findings.push(
      errorAt('DirectiveInvalid', place, '"-- irreversible:" is empty, expected the steps a person takes instead'),
    );
  }
  const directives: Directives = {
    phase: (values.get('phase') as Directives['phase']) ?? null,
    change: values.get('change') ?? null,
    flag: values.get('flag') ?? null,
    irreversible: values.get('irreversible') ?? null,
  };
  return { directives, findings };
};
