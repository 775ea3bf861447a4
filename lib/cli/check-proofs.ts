import { join } from 'node:path';
import { type Report, withErrors } from '../check/index.ts';
import { isErrorCode } from '../errors/index.ts';
import { readSettings } from '../project/index.ts';
import { gradeText, proofText, type Proven, proveProject, type Unproven } from '../prove/index.ts';
import { shownPath } from './check-input.ts';
import type { Checked } from './check-project.ts';
import type { Invocation } from './invocation.ts';
import type { CheckFlags } from './program.ts';

/** Whether a run would refuse the files as they are, so that there is nothing to try. */
const isRefused = ({ files }: Report): boolean =>
  files.some(({ diagnostics }) => diagnostics.some(({ rule, severity }) => severity === 'error' && isErrorCode(rule)));

/**
 * The report with what trying the ways back has found wrong. Grades go to `lockkeeper.proof.json` and, where people read, onto the screen.
 * @throws LockkeeperError what `proveProject` throws
 */
export const withProofs = async (
  { report, isJudged }: Checked,
  flags: CheckFlags,
  { options, screen, signal }: Invocation,
): Promise<Report> => {
  if (isRefused(report)) return report;
  const { directory, stage } = options;
  const { migrationsDirectory } = readSettings(directory, { stage });
  const tell = (proof: Pick<Proven | Unproven, 'file' | 'wayBack'>, text: string): void => {
    if (flags.format === 'text') screen.line({ type: 'proof', file: proof.file, wayBack: proof.wayBack, text });
  };
  screen.busy('proving the ways back');
  const { surprises, findings } = await proveProject(directory, {
    stage,
    signal,
    isWanted: ({ file }) => isJudged(file),
    onKnown: (proof) => tell(proof, `${gradeText(proof)} (proven before)`),
    // what is wrong is among the diagnostics, with its place
    onProof: (proof) =>
      tell(proof, proof.wayBack === null || proof.wayBack === 'broken' ? gradeText(proof) : proofText(proof)),
  });
  const pathOf = (file: string): string => shownPath(join(migrationsDirectory, file));
  return withErrors(withErrors(report, findings, pathOf), surprises, pathOf, 'warning');
};
