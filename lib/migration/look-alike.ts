/** Blanks and invisible characters that PostgreSQL takes for letters; the joiners that Persian and Indic words need are left. */
const strange =
  /[\u0085\u00a0\u00ad\u1680\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff]/;
const invisible = /\p{Cf}/gu;
const colons = /[\u02d0\u02f8\u0589\u05c3\u2236\ua789]/g;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text in double quotes as a person has to see it: what no screen shows is written as an escape. */
export const shown = (text: string): string =>
  JSON.stringify(text.length === 1 ? text : text.trim()).replaceAll(
    new RegExp(`${strange.source}|[\\u200c\\u200d]`, 'g'),
    escaped,
  );

/** Indexes of the characters that an eye takes for a blank or for nothing, and PostgreSQL for a letter; the first of each line. */
export const strangeIn = (text: string): number[] => {
  const found: number[] = [];
  for (const { index } of text.matchAll(new RegExp(strange.source, 'g')))
    if (found.length === 0 || text.slice(found.at(-1), index).includes('\n')) found.push(index);
  return found;
};

/** What a reader takes a comment's first line for: without dashes and stars, invisible characters and case; one blank for many, a plain colon for any. */
export const readAs = (comment: string): string => {
  const text = comment.replaceAll(invisible, '').normalize('NFKC').replaceAll(colons, ':').toLowerCase();
  const inner = text.startsWith('/*') ? text.replace(/^\/\*+/, '').replace(/\**\/$/, '') : text.replace(/^-+/, '');
  return (inner.trim().split(/[\n\r]/)[0] ?? '').replaceAll(/\s+/g, ' ').trim();
};
