import type { Report } from '../../check/index.ts';
import { errorTable } from '../../errors/index.ts';
import { checked } from '../check-project.ts';
import type { Sources } from '../check-text.ts';
import { exitCodes } from '../exit-code.ts';
import type { Invocation } from '../invocation.ts';
import { done, type Outcome, refused } from '../outcome.ts';
import type { CheckFlags } from '../program.ts';
import { counted } from '../wording.ts';

/** The text of a format, in pieces that are printed one after the other: a large report would otherwise be held twice. */
async function* piecesOf(format: CheckFlags['format'], report: Report): AsyncGenerator<string> {
  if (format === 'sarif') yield (await import('../check-sarif.ts')).sarif(report);
  else if (format === 'github') yield (await import('../check-github.ts')).githubCommands(report);
  else {
    const { files, ...rest } = report;
    yield `${JSON.stringify(rest).slice(0, -1)},"files":[`;
    for (const [at, file] of files.entries()) yield `${JSON.stringify(file)}${at === files.length - 1 ? '' : ','}`;
    yield ']}';
  }
}

const sourceOf = (sources: Sources, file: string): Sources => ({ [file]: sources[file] ?? {} });

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
    flags.prove === true
      ? await (await import('../check-proofs.ts')).withProofs(first, flags, invocation)
      : first.report;
  const sources = first.sourcesOf(report);
  if (flags.format !== 'text') {
    for await (const text of piecesOf(flags.format, report)) if (text !== '') screen.line({ type: 'document', text });
  } else if (options.json === true) screen.line({ type: 'check', ...report, sources });
  else {
    // a file at a time, since there may be very many
    for (const file of report.files)
      if (file.diagnostics.length > 0)
        screen.line({ type: 'check', ...report, files: [file], sources: sourceOf(sources, file.file) });
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
