import { loadProject, rebase as rebaseProject } from '../../project/index.ts';
import { assumedApplied, type RebaseRequest } from '../assumed-applied.ts';
import type { Invocation } from '../invocation.ts';
import { done, type Outcome } from '../outcome.ts';
import { counted } from '../wording.ts';

/** Gives migrations that came too late a timestamp after all that is applied, and writes `lockkeeper.sum`. */
export const rebase = async (request: RebaseRequest, invocation: Invocation): Promise<Outcome> => {
  const { options, screen } = invocation;
  const { stage } = options;
  const asksLedger = request.after === undefined && request.versions.length === 0;
  const { names, sum } = loadProject(options.directory, { stage });
  const applied = asksLedger
    ? await (await import('../laptop-applied.ts')).laptopApplied(invocation)
    : assumedApplied(names, sum, request);
  const renamings = rebaseProject(options.directory, { stage, applied, nowEpochMs: Date.now() });
  for (const { from, to } of renamings) screen.line({ type: 'rebased', from, to });
  return done(
    renamings.length === 0
      ? 'nothing to do: no migration comes too late'
      : `${counted(renamings.length, 'migration')} renamed, lockkeeper.sum written`,
  );
};
