import { type Proof, type Surprise, wayBackWords } from '../migration/index.ts';
import { renderDifference } from './difference-text.ts';
import type { Fault, Proven, Unproven } from './outcome.ts';
import type { Refusal } from './run-section.ts';

/** PostgreSQL's message with the place in the migration. */
export const refusalText = ({ sqlstate, message, line }: Refusal): string =>
  `${message} (SQLSTATE ${sqlstate}, statement at line ${line})`;

/** What is wrong, in a first line that ends in a colon or says it all, and the difference under it. */
export const faultText = (fault: Fault): string => {
  switch (fault.kind) {
    case 'down-refused':
      return `the down is refused: ${refusalText(fault.refusal)}`;
    case 'down-differs':
      return `after the down the schema is not what it was before the up:\n${renderDifference(fault.difference)}`;
    case 'up-again-refused':
      return `after the down the up is refused: ${refusalText(fault.refusal)}`;
    case 'up-again-differs':
      return `the up after the down makes another schema than the first:\n${renderDifference(fault.difference)}`;
    default:
      return fault satisfies never;
  }
};

/** What is to be kept of a trial. */
export const keptProof = ({ file, chain, wayBack, notes, faults }: Proven, surprises: readonly Surprise[]): Proof => ({
  file,
  chain,
  wayBack,
  notes: [...faults.map((fault) => faultText(fault).split('\n')[0]?.replace(/:$/, '') ?? ''), ...notes],
  surprises,
});

const mark = (text: string): string => `  ${text.replaceAll('\n', '\n  ')}`;

/** Why a way back is no better than its grade says: a paragraph for each reason, the first what is wrong with it. */
export const proofReasons = (proof: Proven | Unproven): readonly string[] => {
  if (proof.wayBack === null) return [`the up is refused: ${refusalText(proof.refusal)}`];
  return [
    ...proof.faults.map(faultText),
    ...proof.notes,
    ...proof.leftExtensions.map((name) => `the down leaves extension ${name}, which others may use`),
    ...proof.reordered.map((name) => `${name}: the columns come back in another order`),
    ...proof.unverified.map((line) => `the verify query at line ${line} does not answer true on empty tables`),
  ];
};

/** The grade of a migration's way back, on one line. */
export const gradeText = ({ file, wayBack }: Pick<Proven | Unproven, 'file' | 'wayBack'>): string =>
  `${file}: ${wayBack === null ? 'not proven' : wayBackWords[wayBack]}`;

/** A trial as a person reads it: the grade, and under it why it is no better. */
export const proofText = (proof: Proven | Unproven): string =>
  [gradeText(proof), ...proofReasons(proof).map(mark)].join('\n');
