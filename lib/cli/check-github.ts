import type { Report } from '../check/index.ts';

/** https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts: `escapeData` and `escapeProperty`. */
const data = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '')
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Workflow commands, one a line, which GitHub Actions shows beside the line in the pull request. */
export const githubCommands = ({ files }: Report): string =>
  files
    .flatMap(({ file, diagnostics }) =>
      diagnostics.map(
        ({ rule, severity, line, column, message, remedy }) =>
          `::${severity} file=${property(file)},line=${line},col=${column},title=${property(rule)}::${data(`${message}\n${remedy}`)}`,
      ),
    )
    .join('\n');
