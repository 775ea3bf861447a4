import type { Report } from '../../check/index.ts';
import { errorTable } from '../../errors/index.ts';
import { checked } from '../check-project.ts';
import { exitCodes } from '../exit-code.ts';
import type { Invocation } from '../invocation.ts';
import { done, type Outcome, refused } from '../outcome.ts';
import type { CheckFlags } from '../program.ts';
import { counted } from '../wording.ts';

const documentOf = async (format: CheckFlags['format'], report: Report): Promise<string> => {
  if (format === 'sarif') return (await import('../check-sarif.ts')).sarif(report);
  if (format === 'github') return (await import('../check-github.ts')).githubCommands(report);
  return JSON.stringify(report);
};

/** `2 errors, 1 warning in 12 files`. */
const summaryOf = ({ counts, files }: Report): string => {
  const found = (['error', 'warning', 'notice'] as const).flatMap((severity) =>
    counts[severity] === 0 ? [] : [counted(counts[severity], severity)],
  );
  return `${found.length === 0 ? 'nothing found' : found.join(', ')} in ${counted(files.length, 'file')}`;
};

/** Says what the named files, or all migrations, would lock, break and lose. Writes nothing but with `--fix` and `--prove`. */
export const check = async (files: readonly string[], flags: CheckFlags, invocation: Invocation): Promise<Outcome> => {
  const { options, screen } = invocation;
  if (flags.fix === true) await (await import('../fix-project.ts')).fixProject(files, flags, invocation);
  const first = await checked(files, flags, options);
  const report =
    flags.prove === true ? await (await import('../check-proofs.ts')).withProofs(first, flags, invocation) : first.report;
  if (flags.format !== 'text') {
    const text = await documentOf(flags.format, report);
    if (text !== '') screen.line({ type: 'document', text });
  } else if (options.json === true) screen.line({ type: 'check', ...report, sources: first.sources });
  else {
    const worthSaying = report.files
      .filter(({ diagnostics }) => diagnostics.length > 0)
      .map((file) => Object.assign({}, file, { statements: [] }));
    screen.line({ type: 'check', ...report, files: worthSaying, sources: first.sources });
  }
  const summary = summaryOf(report);
  if (report.counts.error > 0)
    return refused(exitCodes.refused, {
      code: 'RuleFound',
      happened: summary,
      now: null,
      todo: errorTable.RuleFound.remedy,
      causes: [],
    });
  return done(flags.format === 'text' ? summary : null);
};
