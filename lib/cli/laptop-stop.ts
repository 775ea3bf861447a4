import { localNames } from '../local/local-names.ts';
import { ExecutionStore } from '../local/step-functions/execution-store.ts';
import { LockkeeperError } from '../errors/index.ts';
import type { Invocation } from './invocation.ts';
import { laptopDirectory } from './laptop-project.ts';
import { localClient } from './laptop-target.ts';
import { done, type Outcome } from './outcome.ts';
import { stopOn } from './stack-stop.ts';

const machines = [localNames.migrateArn, localNames.rollbackArn] as const;

/** Stops a run of another process on this machine, through the Step Functions of that process. Starts nothing. */
export const laptopStop = async (name: string | undefined, { options, screen }: Invocation): Promise<Outcome> => {
  const store = new ExecutionStore(laptopDirectory(options));
  const records = machines.flatMap((machine) => store.list(machine.split(':').at(-1) ?? ''));
  const running = records.find(({ status }) => status === 'RUNNING');
  if (running === undefined) {
    const ended = records.find((record) => record.name === name || record.executionArn === name);
    if (name === undefined) return done('nothing to stop: no run is in progress');
    if (ended) return done(`nothing to stop: ${ended.executionArn} has ended (${ended.status.toLowerCase()})`);
    throw new LockkeeperError('ExecutionUnknown', `no execution ${name}`, { details: { execution: name } });
  }
  const { url, credentials = { accessKeyId: '-', secretAccessKey: '-' } } = running.runner;
  const client = localClient(url, localNames.region, credentials);
  try {
    return await stopOn(client, machines, name, screen);
  } finally {
    client.destroy();
  }
};
