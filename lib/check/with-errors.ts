import type { LockkeeperError } from '../errors/index.ts';
import { diagnosticOfError } from './error-diagnostic.ts';
import type { Diagnostic, Report } from './report.ts';

const byPlace = (a: Diagnostic, b: Diagnostic): number => a.line - b.line || a.column - b.column;

/** The report with errors that something else than the analysis found; `fileOf` gives the name of the file in the report. */
export const withErrors = (
  report: Report,
  errors: readonly LockkeeperError[],
  fileOf: (name: string) => string,
  severity: Diagnostic['severity'] = 'error',
): Report => {
  const found = new Map<string, Diagnostic[]>();
  for (const error of errors) {
    const file = fileOf(String(error.details['file'] ?? ''));
    found.set(file, [...(found.get(file) ?? []), diagnosticOfError(error, severity)]);
  }
  return {
    ...report,
    files: report.files.map((each) =>
      Object.assign({}, each, {
        diagnostics: [...each.diagnostics, ...(found.get(each.file) ?? [])].toSorted(byPlace),
      }),
    ),
    counts: { ...report.counts, [severity]: report.counts[severity] + errors.length },
  };
};
