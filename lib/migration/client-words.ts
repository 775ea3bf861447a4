/** What psql would do with a backslash command, and what a migration does instead. */
const instead: readonly (readonly [RegExp, string])[] = [
  [/^\\copy\b/, 'reads a file of the client; write INSERT statements instead'],
  [/^\\(?:i|ir|include|include_relative)\b/, 'reads another file; put its statements here'],
  [/^\\(?:g|gx|gexec|gset|gdesc|watch|crosstabview)\b/, 'ends a statement in psql; write a semicolon instead'],
  [/^\\(?:c|connect)\b/, 'opens another connection; take it out, a migration stays in its database'],
  [/^\\(?:if|elif|else|endif)\b/, 'decides in psql; write a DO block with IF instead'],
];

/** Why text that begins with psql's backslash command cannot stand in a migration; null for any other text. */
export const psqlRefusal = (text: string): string | null => {
  const command = /^\\[a-z!?;]*/i.exec(text)?.[0];
  if (command === undefined) return null;
  const known = instead.find(([pattern]) => pattern.test(text))?.[1];
  return `${command} is a command of psql, which the server does not know: it ${known ?? 'has to be taken out'}`;
};

const copyFromStdin = /\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;/gi;

export const copyRefusal =
  'COPY … FROM STDIN has no client to read from; write INSERT statements instead, and take its data out';

/** Index of the last `COPY … FROM STDIN` that ends before `end`: what follows it are rows; -1 without one. */
export const copyBefore = (text: string, end: number): number =>
  [...text.slice(0, end).matchAll(copyFromStdin)].at(-1)?.index ?? -1;
