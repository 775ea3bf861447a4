import { expect, test } from 'vitest';
import { startFaultServer } from '../faults/server.ts';
import { makeTemplates, play } from '../faults/suite.ts';

test('a snapshot under our identifier with the tags of another is SnapshotForeign: nothing is destroyed, and the next run takes its own', async () => {
  const server = await startFaultServer();
  try {
    const templates = await makeTemplates(server, 'foreign', undefined, false);
    const { outcome } = await play(server, templates, {
      seed: 0,
      part: 'single',
      start: 'installed',
      changelog: 'good',
      procedures: 'commit',
      runners: [{ machine: 'Migrate', input: {}, faults: [{ service: 'rds', call: 1, kind: 'foreign' }] }],
    });
    const [{ status, error, cause }] = outcome.verdicts as [(typeof outcome.verdicts)[number]];
    const [what, now] = cause.split('\n');
    expect({ status, error, what: what?.replace(/-[0-9a-f]{16}/, '-…'), now }).toEqual({
      status: 'FAILED',
      error: 'SnapshotForeign',
      what: "snapshot lockkeeper-local-… does not bear this run's tags",
      now: 'now: this run applied 1; the ledger stands at 20250101000100; nothing is half done',
    });
    // among them: the undisturbed run that closes the schedule names a snapshot of its own, from before the destruction
    expect(outcome.violations).toEqual([]);
  } finally {
    await server.close();
  }
}, 60_000);
