import { type Proof, wayBackWords } from '../migration/index.ts';
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
export const keptProof = ({ file, chain, wayBack, notes, faults }: Proven): Proof => ({
  file,
  chain,
  wayBack,
  notes: [...faults.map((fault) => faultText(fault).split('\n')[0]?.replace(/:$/, '') ?? ''), ...notes],
});

const mark = (text: string): string => `  ${text.replaceAll('\n', '\n  ')}`;

/** A trial as a person reads it: the grade, and under it why it is no better. */
export const proofText = (proof: Proven | Unproven): string => {
  if (proof.wayBack === null) return `${proof.file}: not proven\n  the up is refused: ${refusalText(proof.refusal)}`;
  return [
    `${proof.file}: ${wayBackWords[proof.wayBack]}`,
    ...proof.faults.map((fault) => mark(faultText(fault))),
    ...proof.notes.map(mark),
    ...proof.leftExtensions.map((name) => mark(`the down leaves extension ${name}, which others may use`)),
    ...proof.reordered.map((name) => mark(`${name}: the columns come back in another order`)),
    ...proof.unverified.map((line) => mark(`the verify query at line ${line} does not answer true on empty tables`)),
  ].join('\n');
};
