import { startRds } from '../../lib/local/rds/index.ts';
import { openPostgres } from '../../lib/local/postgres/index.ts';
import { clusterNames, credentials, rdsClient } from './snapshot-cluster.ts';

// A process of its own that begins a snapshot and never ends its copy, to be killed: run with a directory and an identifier.
const [directory = '', identifier = ''] = process.argv.slice(2);
const postgres = await openPostgres({ directory, fsync: false });
const rds = await startRds({
  credentials,
  cluster: { ...clusterNames, kind: 'embedded', postgres },
  directory,
  faults: {
    copying: () => {
      console.log('copying');
      return new Promise(() => setInterval(() => undefined, 1000));
    },
  },
});
await rdsClient(rds.url).createDBClusterSnapshot({
  DBClusterIdentifier: 'shop',
  DBClusterSnapshotIdentifier: identifier,
});
