import { excerptOf } from '../analysis/split.ts';
import type { Diagnostic, Report } from '../check/report.ts';
import type { Style } from './style.ts';

/** Source lines by file and line. */
export type Sources = Readonly<Record<string, Readonly<Record<number, string>>>>;

const colourOf = (severity: Diagnostic['severity'], style: Style): ((text: string) => string) =>
  severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.dim;

/** The page of a rule, or of an error's code. */
const pageOf = (rule: string): string => (/^[A-Z]/.test(rule) ? 'docs/errors.md' : `docs/rules/${rule}.md`);

/** A remedy that begins with a comment or a keyword is SQL; all others are instructions. */
const sqlLike = /^\s*(?:--|[A-Z]{3,}\b)/;

const blockOf = (file: string, each: Diagnostic, source: string | undefined, style: Style): string[] => {
  const { rule, severity, line, column, message, remedy } = each;
  const paint = colourOf(severity, style);
  const [written = '', caret = ''] = source === undefined ? [] : excerptOf(source, column).split('\n');
  const width = String(line).length;
  const excerpt =
    source === undefined || source.trim() === ''
      ? []
      : [
          `${style.dim(`${line} |`)}${written.slice(1).trimEnd()}`,
          `${' '.repeat(width)}${style.dim(' |')}${paint(caret.slice(1))}`,
        ];
  return [
    `${paint(style.bold(severity))} ${style.bold(rule)} ${file}:${line}:${column}`,
    ...message.split('\n').map((text) => `  ${text}`),
    ...excerpt.map((text) => `  ${text}`),
    ...(sqlLike.test(remedy)
      ? ['  write instead:', ...remedy.split('\n').map((text) => `    ${style.green(text)}`)]
      : [`  do: ${remedy}`]),
    `  ${style.dim(`see ${pageOf(rule)}`)}`,
    '',
  ];
};

/** What a check found, in the order of files and lines; nothing for files that are all right. */
export const checkText = ({ files }: Pick<Report, 'files'>, sources: Sources, style: Style): string[] =>
  files.flatMap(({ file, diagnostics }) =>
    diagnostics.flatMap((each) => blockOf(file, each, sources[file]?.[each.line], style)),
  );
