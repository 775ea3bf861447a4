import { once } from 'node:events';
import type { Invocation } from '../invocation.ts';
import { laptopProject } from '../laptop-project.ts';
import { done, type Outcome } from '../outcome.ts';

export interface LocalPorts {
  readonly port?: number;
  readonly dataApiPort?: number;
}

/** Keeps the database and its Data API up, for an application under development, until Ctrl-C. */
export const local = async ({ port, dataApiPort }: LocalPorts, invocation: Invocation): Promise<Outcome> => {
  const { screen, signal } = invocation;
  const { stackOptions } = await laptopProject(invocation, {
    ...(port === undefined ? {} : { postgres: port }),
    ...(dataApiPort === undefined ? {} : { dataApi: dataApiPort }),
  });
  const { openLocalStack } = await import('../../local/local-stack.ts');
  screen.busy('starting the local database');
  const stack = await openLocalStack(stackOptions);
  try {
    const environment = {
      AWS_ENDPOINT_URL_RDS_DATA: stack.endpoints.rdsData,
      AWS_REGION: stack.region,
      AWS_DEFAULT_REGION: stack.region,
      AWS_ACCESS_KEY_ID: stack.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: stack.credentials.secretAccessKey,
      RESOURCE_ARN: stack.clusterArn,
      SECRET_ARN: stack.secretArn,
      DATABASE_NAME: stack.databaseName,
      DATABASE_URL: stack.databaseUrl,
    };
    screen.line({ type: 'local', environment });
    screen.busy('database and Data API are up; Ctrl-C ends them');
    if (!signal.aborted) await once(signal, 'abort');
    screen.busy('stopping');
    return done(null);
  } finally {
    await stack.close();
  }
};
