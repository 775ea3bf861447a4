export { type ChangelogProblems, checkChangelog, type CheckOptions, checkScripts } from './check.ts';
export { type Diagnostic, type FileReport, type Report, reportSchema, type StatementReport } from './report.ts';
export type { Severities } from './severities.ts';
export { withErrors } from './with-errors.ts';
export { type Fix, type Fixed, fixChangelog } from './fix/fix.ts';
