import { type ErrorFacts, errorTable } from '../lib/errors/index.ts';

const movers: Readonly<Record<ErrorFacts['mover'], string>> = {
  author: 'who writes the migration',
  operator: 'who runs the service',
  database: 'nobody: it passes',
};

/** docs/errors.md: every code with whose move it is and what to do. */
export const errorPage = (): string => {
  const rows = Object.entries<ErrorFacts>(errorTable).map(
    ([code, { mover, retry, exit, remedy }]) =>
      `| \`${code}\` | ${movers[mover]} | ${retry ? 'yes' : 'no'} | ${exit} | ${remedy.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`,
  );
  return `# Errors

Each error has one code. It is the name that Step Functions matches, the first word the command line prints, and the key of this table
(made from \`lib/errors/error-table.ts\` by \`npm run pages\`).

| code | whose move | repeated by the machine | exit code | what to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
};
