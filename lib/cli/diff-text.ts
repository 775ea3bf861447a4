import type { Style } from './style.ts';

/** A unified diff with its signs in colour. */
export const diffText = (diff: string, style: Style): string[] =>
  diff
    .split('\n')
    .map((line) =>
      /^(---|\+\+\+) /.test(line)
        ? style.bold(line)
        : line.startsWith('+')
          ? style.green(line)
          : line.startsWith('-')
            ? style.red(line)
            : line,
    );
