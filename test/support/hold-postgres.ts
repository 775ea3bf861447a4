import { openPostgres } from '../../lib/local/postgres/index.ts';

// A process of its own that opens a directory's server and keeps it until its standard input ends,
// or, without leaving it, until something is written there: started by holdPostgres().
const [directory = '', cache] = process.argv.slice(2);
try {
  const postgres = await openPostgres({ directory, fsync: false, ...(cache ? { cache } : {}) });
  console.log(JSON.stringify({ port: postgres.port, server: postgres.pid, url: postgres.url() }));
  process.stdin.on('data', () => process.exit(0));
  process.stdin.on('end', async () => {
    await postgres.stop();
    process.exit(0);
  });
} catch (error) {
  console.log(JSON.stringify({ failed: (error as Error).name, message: (error as Error).message }));
}
