/** A migration's text with what has been rewritten, and the text of a second one behind it where one is needed. */
export interface Rewriting {
  readonly rule: string;
  readonly text: string;
  /** What goes into the next migration: its name's last words, and its file. */
  readonly next: { readonly words: string; readonly text: string } | null;
}

/** The lines of a file from 1, with one stretch of them replaced. */
export const replaceOnce = (text: string, old: string, now: string): string | null => {
  const at = text.indexOf(old);
  return at === -1 || text.indexOf(old, at + 1) !== -1 ? null : text.slice(0, at) + now + text.slice(at + old.length);
};
