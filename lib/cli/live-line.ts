const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const frameMs = 80;
const erase = '\r\u001B[K';

export interface LiveStream {
  readonly columns?: number;
  write(text: string): unknown;
}

/** The one line at the bottom of a terminal that turns while something happens. It never wraps, and leaves nothing behind. */
export class LiveLine {
  readonly #stream: LiveStream;
  readonly #now: () => number;
  #text: string | null = null;
  #suffix = '';
  #sinceMs = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(stream: LiveStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
  }

  /** Its first line, and for how many seconds; `suffix` goes behind those. */
  show(text: string, suffix = ''): void {
    const [line = ''] = text.split('\n');
    if (this.#text !== line) this.#sinceMs = this.#now();
    this.#text = line;
    this.#suffix = suffix;
    this.#timer ??= setInterval(() => this.#draw(), frameMs).unref();
    this.#draw();
  }

  /** Prints finished lines above; `to` is another stream of the same terminal, or a file. */
  above(lines: readonly string[], to: LiveStream = this.#stream): void {
    if (lines.length === 0) return;
    if (this.#text !== null) this.#stream.write(erase);
    to.write(`${lines.join('\n')}\n`);
    this.#draw();
  }

  clear(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    if (this.#text !== null) this.#stream.write(erase);
    this.#text = null;
  }

  #draw(): void {
    if (this.#text === null) return;
    const seconds = Math.floor((this.#now() - this.#sinceMs) / 1000);
    const frame = frames[this.#frame++ % frames.length] ?? '';
    const age = seconds > 0 ? ` ${seconds} s${this.#suffix}` : '';
    const columns = this.#stream.columns || 80;
    const text = [...`${frame} ${this.#text}`].slice(0, Math.max(1, columns - 1 - age.length)).join('');
    this.#stream.write(`${erase}${[...text, ...age].slice(0, Math.max(1, columns - 1)).join('')}`);
  }
}
