import { SFNClient } from '@aws-sdk/client-sfn';
import { begin, type DeploymentPorts, follow, type Reply, requestSchema } from './deployment.ts';

// Starting and describing may be repeated: the name makes a second start the first one's.
const client = new SFNClient({ maxAttempts: 8 });

/** Both handlers of the custom resource: the request begins the run; with what that answered it is asked about until it ended. */
export const handler = async (event: unknown): Promise<Reply> => {
  const request = requestSchema.parse(event);
  const ports: DeploymentPorts = {
    client,
    stateMachineArn: process.env['LOCKKEEPER_MIGRATE_ARN'] ?? '',
    now: () => Date.now(),
  };
  return request.Data === undefined ? begin(request, ports) : follow(request, ports);
};
