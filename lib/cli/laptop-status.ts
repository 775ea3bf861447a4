import type { Standing } from '../ledger/index.ts';
import type { Manifest } from '../migration/manifest.ts';
import type { Invocation } from './invocation.ts';
import { askLaptopLedger } from './laptop-ledger.ts';
import { done, type Outcome } from './outcome.ts';
import { standingRows } from './standing-rows.ts';

const untouched = ({ migrations }: Manifest): Standing => ({
  lease: { token: 0, holder: null, since: null },
  runEnded: false,
  readOnly: false,
  appliedCount: 0,
  lastApplied: null,
  differences: migrations.map(({ version }) => ({
    version,
    state: 'absent',
    revision: 0,
    checksum: null,
    name: null,
    statementsDone: 0,
  })),
  snapshots: [],
});

/** Where every migration stands in the laptop's database. Reads only. */
export const laptopStatus = async (invocation: Invocation): Promise<Outcome> => {
  const { manifest, answer } = await askLaptopLedger(invocation, (ledger, { migrations }) =>
    ledger.read(migrations, null),
  );
  const standing = answer ?? untouched(manifest);
  const { lease, appliedCount, lastApplied } = standing;
  invocation.screen.line({
    type: 'status',
    migrations: standingRows(manifest, standing),
    appliedCount,
    lastApplied,
    lease: lease.holder === null ? null : { holder: lease.holder, since: lease.since },
  });
  return done(null);
};
