/**
 * What a migration's way back is worth, as it was found by trying it: `schema-and-data` restores both; `schema` restores the schema, not
 * (or not provably) the data; `documented` has steps for a person; `broken` does not restore the schema.
 */
export const waysBack = ['schema-and-data', 'schema', 'documented', 'broken'] as const;

export type WayBack = (typeof waysBack)[number];

/** The grade as plans and reports say it. */
export const wayBackWords: Readonly<Record<WayBack, string>> = {
  'schema-and-data': 'restores schema and data',
  schema: 'restores schema, not data',
  documented: 'documented steps only',
  broken: 'does not restore',
};
