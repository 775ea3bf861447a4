import pg from 'pg';
import { installStatement } from '../../lib/ledger/sql/install.ts';
import { factsFunction } from './checker.ts';
import { groundwork } from './reference.ts';
import type { Start } from './schedule.ts';
import type { FaultServer } from './server.ts';
import { openRunner } from './runner.ts';
import { World, type Mutation } from './world.ts';

/** Names of the templates: an empty database, one with the ledger, one where two runs applied everything. */
export type Templates = Readonly<Record<Start, string>>;

const make = async (
  server: FaultServer,
  name: string,
  from: string,
  statements: readonly string[],
): Promise<string> => {
  await server.query(`create database ${name} template ${from}`);
  const client = new pg.Client({ connectionString: server.url(name) });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
  return name;
};

/** `patch` changes the ledger's routines: a mutant, whose schedules all start before anything is applied. */
export const makeTemplates = async (
  server: FaultServer,
  label: string,
  patch: (sql: string) => string = (sql) => sql,
  withMigrated = true,
): Promise<Templates> => {
  const empty = await make(server, `${label}_empty`, 'template1', [groundwork, factsFunction]);
  const installed = await make(server, `${label}_installed`, empty, [patch(installStatement('lockkeeper'))]);
  if (!withMigrated) return { empty, installed, migrated: installed };
  const migrated = `${label}_migrated`;
  const world = await World.open({
    server,
    template: installed,
    schedule: { seed: 0, part: 'single', start: 'installed', changelog: 'good', procedures: 'commit', runners: [] },
  });
  for (const [at, input] of [{ steps: 3 }, {}].entries()) {
    const runner = await openRunner(world, `m${at}`, { machine: 'Migrate', input, faults: [] });
    world.adopt(runner);
    const { status, cause } = await runner.run();
    if (status !== 'SUCCEEDED')
      throw new Error(`the template could not be migrated: ${cause}\n${world.lines.join('\n')}`);
  }
  await world.withDrained(() => server.query(`create database ${migrated} template ${world.database}`));
  await world.close();
  return { empty, installed, migrated };
};

export type { Mutation };
