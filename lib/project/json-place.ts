/** Index of the first character that is not JSON, and what was expected there; null for valid JSON. */
export const jsonErrorAt = (text: string): { readonly index: number; readonly expected: string } | null => {
  let at = 0;
  const stop = (expected: string): never => {
    throw new Stop(at, expected);
  };
  const blanks = (): void => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at += 1;
  };
  const take = (pattern: RegExp, expected: string): void => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) stop(expected);
    else at += match[0].length;
  };
  const string = (): void =>
    take(/"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy, 'a string in double quotes');
  const list = (close: string, each: () => void): void => {
    at += 1;
    blanks();
    if (text[at] === close) {
      at += 1;
      return;
    }
    for (;;) {
      each();
      blanks();
      const char = text[at];
      if (char !== ',' && char !== close) stop(`"," or "${close}"`);
      at += 1;
      if (char === close) return;
      blanks();
    }
  };
  const value = (): void => {
    blanks();
    const char = text[at];
    if (char === '{')
      list('}', () => {
        string();
        blanks();
        if (text[at] !== ':') stop('":"');
        at += 1;
        value();
      });
    else if (char === '[') list(']', value);
    else if (char === '"') string();
    else take(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, 'a value');
  };
  try {
    value();
    blanks();
    if (at < text.length) stop('the end of the file');
    return null;
  } catch (error) {
    if (error instanceof Stop) return { index: error.index, expected: error.expected };
    throw error;
  }
};

class Stop extends Error {
  readonly index: number;
  readonly expected: string;
  constructor(index: number, expected: string) {
    super(expected);
    this.index = index;
    this.expected = expected;
  }
}
