import { LockkeeperError, type Place } from '../errors/index.ts';
import { canonicalText, sha256 } from './checksum.ts';
import { copyBefore, copyRefusal } from './client-words.ts';
import { type HeaderLine, misplacedDirective, readDirectives } from './directives.ts';
import { parseFileName } from './file-name.ts';
import { commentsOf, significantEnd, stretchesOf } from './lexer.ts';
import { lineIndexOf } from './line-index.ts';
import { shown, strangeIn } from './look-alike.ts';
import { type Allow, type Marker, readAllow, readMarker } from './markers.ts';
import type { Migration, Section } from './migration.ts';
import { errorAt } from './place.ts';

/** A parsed file, or everything that is wrong with it. */
export type ParsedFile =
  | { readonly migration: Migration; readonly findings: readonly [] }
  | { readonly migration: null; readonly findings: readonly LockkeeperError[] };

interface FoundMarker extends Marker {
  readonly place: Place & { readonly line: number; readonly column: number };
  readonly start: number;
  readonly end: number;
}

const unclosedNames = {
  string: 'string',
  name: 'quoted name',
  'dollar-quote': 'dollar-quoted string',
  'block-comment': 'block comment',
} as const;

/** What an editor does not show and PostgreSQL reads otherwise than the author. */
const unseenIn = (code: string, placeAt: (at: number) => Place): LockkeeperError[] => {
  const findings = strangeIn(code).map((at) =>
    errorAt(
      'SqlSyntaxInvalid',
      placeAt(at),
      `the character ${shown(code[at] ?? '')}, which PostgreSQL takes for a letter, expected a blank or nothing`,
    ),
  );
  const loneReturn = code.indexOf('\r');
  if (loneReturn !== -1)
    findings.push(
      errorAt(
        'SqlSyntaxInvalid',
        placeAt(loneReturn),
        'a carriage return alone, at which PostgreSQL ends a comment, expected the line ends LF or CRLF',
      ),
    );
  return findings;
};

const given = (section: Section | undefined): boolean => section !== undefined && significantEnd(section.text) > 0;

/** Reads one file of the format: header, sections, allow comments. SQL is not looked at beyond its quotes and comments. */
export const parseMigration = (file: string, rawText: string): ParsedFile => {
  const findings: LockkeeperError[] = [];
  const name = parseFileName(file);
  if (name instanceof LockkeeperError) findings.push(name);
  const text = canonicalText(rawText);
  const stretches = stretchesOf(text);
  const index = lineIndexOf(text);
  const placeAt = (at: number) => ({ file, ...index.placeOf(at) });

  const unclosed = stretches.find(({ closed }) => !closed);
  if (unclosed !== undefined) {
    const kind = unclosedNames[unclosed.kind as keyof typeof unclosedNames];
    // a quote among the rows of a COPY
    const copy = copyBefore(text, unclosed.start);
    if (copy === -1)
      findings.push(
        errorAt('SqlSyntaxInvalid', placeAt(unclosed.start), `the ${kind} that begins here is never closed`),
      );
    else findings.push(errorAt('StatementRefused', placeAt(copy), copyRefusal));
    return { migration: null, findings };
  }

  for (const { kind, start, end } of stretches)
    if (kind === 'code') findings.push(...unseenIn(text.slice(start, end), (at) => placeAt(start + at)));

  const markers: FoundMarker[] = [];
  const header: HeaderLine[] = [];
  const allows: Allow[] = [];
  for (const comment of commentsOf(text, stretches)) {
    const place = placeAt(comment.start);
    const marker = readMarker(comment.text, comment.alone, place);
    const allow = marker ?? readAllow(comment.text, comment.alone, markers.length > 0, place);
    if (marker instanceof LockkeeperError) findings.push(marker);
    else if (marker !== null) markers.push({ ...marker, place, start: comment.start, end: comment.end });
    else if (allow instanceof LockkeeperError) findings.push(allow);
    else if (allow !== null) allows.push(allow as Allow);
    else if (markers.length === 0) header.push({ text: comment.text, place });
    else if (comment.alone) {
      const misplaced = misplacedDirective(comment.text, place);
      if (misplaced !== null) findings.push(misplaced);
    }
  }
  const { directives, findings: directiveFindings } = readDirectives(header);
  findings.push(...directiveFindings);

  const sections = new Map<string, Section>();
  for (const [at, marker] of markers.entries()) {
    if (sections.has(marker.section))
      findings.push(
        errorAt(
          'MarkerRepeated',
          marker.place,
          `a second "-- migrate:${marker.section}", expected one section of each kind`,
        ),
      );
    else
      sections.set(marker.section, {
        text: text.slice(marker.end + 1, markers[at + 1]?.start ?? text.length),
        line: marker.place.line + 1,
        transactional: marker.transactional,
      });
  }

  const unknownMarkers = findings.some(({ code }) => code === 'MarkerUnknown');
  const headerText = text.slice(0, markers[0]?.start ?? text.length);
  if (markers.length > 0 && !unknownMarkers && significantEnd(headerText) > 0)
    findings.push(
      errorAt(
        'StatementRefused',
        { file, ...index.placeOf(firstSignificant(headerText)) },
        'a statement before the first marker, expected it under -- migrate:up',
      ),
    );

  const up = sections.get('up');
  const down = sections.get('down');
  const verify = sections.get('verify');
  const hasDown = given(down);
  if (!given(up) && !unknownMarkers)
    findings.push(
      errorAt('UpMissing', { file }, up === undefined ? 'no "-- migrate:up" section' : 'the up section is empty'),
    );
  if (!hasDown && directives.irreversible === null && !unknownMarkers)
    findings.push(
      errorAt(
        'DownMissing',
        { file },
        `${down === undefined ? 'no "-- migrate:down" section' : 'the down section is empty'} and no "-- irreversible: <steps>"`,
      ),
    );
  if (hasDown && directives.irreversible)
    findings.push(
      errorAt('DirectiveInvalid', { file }, 'a down section and "-- irreversible:", expected one of the two'),
    );
  if (verify !== undefined && !given(verify))
    findings.push(errorAt('VerifyInvalid', { file, line: verify.line - 1 }, 'the verify section is empty'));

  if (findings.length > 0 || name instanceof LockkeeperError || up === undefined) return { migration: null, findings };
  const migration: Migration = {
    ...name,
    ...directives,
    text,
    checksum: sha256(text),
    up,
    down: down !== undefined && hasDown ? down : null,
    verify: verify ?? null,
    allows,
  };
  return { migration, findings: [] };
};

const firstSignificant = (text: string): number => {
  for (const { kind, start, end } of stretchesOf(text)) {
    if (kind === 'line-comment' || kind === 'block-comment') continue;
    const code = text.slice(start, end);
    if (code.trim() !== '') return start + code.length - code.trimStart().length;
  }
  return 0;
};
