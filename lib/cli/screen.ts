import type { Line } from './line.ts';
import { lineText, type NameOf } from './line-text.ts';
import { LiveLine, type LiveStream } from './live-line.ts';
import { isRepeated, newsOf } from './news.ts';
import { colourStyle, monochromeStyle, plainStyle, type Style } from './style.ts';

/** Version of the `--json` line stream; a new kind of line or key does not change it, another meaning does. */
export const jsonVersion = 1;

export interface ScreenStream extends LiveStream {
  readonly isTTY?: boolean;
}

export interface ScreenOptions {
  readonly out: ScreenStream;
  readonly err: ScreenStream;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** Where a command's lines go: JSON for programs, plain lines in a pipe, a turning line and marks on a terminal. */
export interface Screen {
  line(line: Line): void;
  /** What happens just now; shown on a terminal only. */
  busy(text: string): void;
  /** Learn names for versions, for what is printed from now on. */
  know(migrations: readonly { readonly version: string; readonly name: string }[]): void;
  end(): void;
}

const jsonScreen = ({ out, verbose }: ScreenOptions): Screen => ({
  line: (line) => {
    if (line.type === 'log' && !verbose) return;
    out.write(`${JSON.stringify({ version: jsonVersion, ...line })}\n`);
  },
  busy: () => {},
  know: () => {},
  end: () => {},
});

const namer = (): { nameOf: NameOf; know: Screen['know'] } => {
  const names = new Map<string, string>();
  return {
    nameOf: (version) => (names.has(version) ? `${version}-${names.get(version)}` : version),
    know: (migrations) => {
      for (const { version, name } of migrations) names.set(version, name);
    },
  };
};

/** What stands in JSON where a text has a control character other than a tab or line end, and hardly elsewhere. */
const controlLike = /\\[ubfr]|[\u007F-\u009F]/;

/** A line without the control characters that a message from elsewhere could bring to a terminal. */
const printable = (line: Line): Line => {
  // a document is for programs, has its own escapes, and may be large
  if (line.type === 'document') return line;
  const json = JSON.stringify(line);
  if (!controlLike.test(json)) return JSON.parse(json) as Line;
  return JSON.parse(json, (_, value: unknown) =>
    // eslint-disable-next-line no-control-regex
    typeof value === 'string' ? value.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '') : value,
  ) as Line;
};

/** Failures and logs go to standard error, all else to standard output. */
const isForErrors = (line: Line): boolean => line.type === 'log' || (line.type === 'result' && line.failure !== null);

const pipeScreen = ({ out, err, verbose }: ScreenOptions): Screen => {
  const { nameOf, know } = namer();
  const isNews = newsOf(repeatInPipeMs);
  return {
    line: (line) => {
      if (line.type === 'log' && !verbose) return;
      if (isRepeated(line) && !isNews(line)) return;
      const text = lineText(printable(line), nameOf, verbose, plainStyle);
      if (text.length > 0) (isForErrors(line) ? err : out).write(`${text.join('\n')}\n`);
    },
    busy: () => {},
    know,
    end: () => {},
  };
};

/** A pipe is told again after this long what has not changed but for its numbers. */
const repeatInPipeMs = 30_000;

/** States that a run passes each time it looks at a step on its way: what it saw there says more than their names. */
const isLook = /\b(statement|batch|step|kind)\b/i;

const terminalScreen = ({ out, err, verbose, now }: ScreenOptions, style: Style): Screen => {
  const { nameOf, know } = namer();
  const live = new LiveLine(out, now);
  const isNews = newsOf(Number.POSITIVE_INFINITY);
  let looking = false;
  /** What is done just now; null leaves the line as it is. */
  const busyWith = (line: Line): readonly [text: string, suffix?: string] | null => {
    if (line.type === 'state') return looking && isLook.test(line.state) ? null : [line.state];
    if (line.type === 'progress')
      return [`${line.migration === null ? '' : `${nameOf(line.migration)}: `}${line.progress}`, ' ago'];
    if (line.type === 'trouble') return [`${line.state}: met ${line.code} (${line.attempt} times), trying again`];
    return null;
  };
  return {
    line: (told) => {
      if (told.type === 'log' && !verbose) return;
      const line = printable(told);
      const busy = busyWith(line);
      if (busy !== null) live.show(...busy);
      if (line.type === 'progress') looking = true;
      else if (line.type === 'batch' || line.type === 'alone') looking = false;
      if (line.type === 'state' || (isRepeated(line) && !isNews(line))) return;
      if (line.type === 'result') live.clear();
      const forErrors = isForErrors(line);
      const text = lineText(line, nameOf, verbose, forErrors && err.isTTY !== true ? plainStyle : style);
      live.above(text, forErrors ? err : out);
    },
    busy: (text) => live.show(text),
    know,
    end: () => live.clear(),
  };
};

export const openScreen = (options: ScreenOptions): Screen => {
  const { out, environment, json } = options;
  if (json) return jsonScreen(options);
  if (out.isTTY !== true || environment.TERM === 'dumb') return pipeScreen(options);
  return terminalScreen(options, environment.NO_COLOR ? monochromeStyle : colourStyle);
};
