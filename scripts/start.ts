import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The tour behind `npm start`: the example goes up, is looked at, and goes back, through the same command line that a user has. */

const command = new URL('../dist/lockkeeper.mjs', import.meta.url).pathname;

const tour = [
  { say: 'Apply the migrations in ./migrations through the state machine Migrate', words: ['up'] },
  { say: 'Ask the ledger', words: ['status'] },
  { say: 'Go back: what the last run applied, newest first', words: ['down'] },
  { say: 'Ask the ledger again', words: ['status'] },
] as const;

if (!existsSync(command)) {
  process.stderr.write('dist/ is missing: run npm ci, or npm run build\n');
  process.exit(1);
}
for (const { say, words } of tour) {
  process.stdout.write(`\n# ${say}\n$ lockkeeper ${words.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [command, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
process.stdout.write('\nThe database and its data lie in .lockkeeper/; delete the folder to begin anew.\n');
