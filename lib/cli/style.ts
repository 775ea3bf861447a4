/** Puts colour into words, or leaves them as they are. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  /** A mark in front of a finished line; empty where lines are read by programs. */
  readonly done: string;
  readonly failed: string;
}

const paint =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001B[${open}m${text}\u001B[${close}m`;
const same = (text: string): string => text;

export const plainStyle: Style = { bold: same, dim: same, red: same, green: same, yellow: same, done: '', failed: '' };

/** For a terminal whose user does not want colour. */
export const monochromeStyle: Style = { ...plainStyle, done: '✓ ', failed: '✗ ' };

export const colourStyle: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  done: `${paint(32, 39)('✓')} `,
  failed: `${paint(31, 39)('✗')} `,
};
