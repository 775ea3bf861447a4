import { LockkeeperError } from '../errors/index.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import { snapshotIdentifier } from './digest.ts';
import { snapshotTags } from './next.ts';
import type { Ports } from './ports.ts';

/**
 * Records an available snapshot, once it is sure that it is this run's own.
 * @throws LockkeeperError `SnapshotForeign` when another owner uses the name.
 */
export const recordSnapshot = async (
  { ledger, service, telemetry }: Ports,
  { run, token, version, identifier, arn, snapshotStartedAt, tags }: ActionInput<'recordSnapshot'>,
): Promise<ActionOutput<'recordSnapshot'>> => {
  const expected = snapshotTags(service, run);
  const own = expected.every(({ Key, Value }) => tags.some((tag) => tag.Key === Key && tag.Value === Value));
  if (!own || identifier !== snapshotIdentifier(service, run, version)) {
    throw new LockkeeperError('SnapshotForeign', `snapshot ${identifier} does not bear this run's tags`, {
      details: { identifier },
    });
  }
  await ledger.recordSnapshot({ token, run, snapshot: { identifier, arn, startedAt: snapshotStartedAt, version } });
  telemetry.info('snapshot available', { run, identifier, arn });
  return { recorded: true };
};
