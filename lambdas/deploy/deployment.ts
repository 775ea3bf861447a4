import { createHash } from 'node:crypto';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { type ErrorCode, isErrorCode, LockkeeperError } from '../../lib/errors/index.ts';

/**
 * What the CDK's provider framework sends: CloudFormation's request, and on the second and later calls what the first answered
 * (https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#asynchronous-providers-iscomplete).
 */
export const requestSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.object({ manifest: z.string() }),
  Data: z.object({ execution: z.string() }).optional(),
});
export type Request = z.infer<typeof requestSchema>;

export interface Reply {
  readonly PhysicalResourceId?: string;
  readonly IsComplete?: boolean;
  readonly Data?: { readonly execution: string };
}

export interface DeploymentPorts {
  readonly client: SFNClient;
  /** ARN of `Migrate`. */
  readonly stateMachineArn: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** CloudFormation waits an hour for a custom resource; the honest answer has to come before. */
const followLimitMs = 55 * 60_000;
/** How long after an update an execution may still run the old definition. */
const settlingMs = 5 * 60_000;
/** CloudFormation refuses a reply of more than 4096 bytes. */
const reasonBytes = 2_500;

const attemptName = ({ RequestId, ResourceProperties: { manifest } }: Request, attempt: number): string =>
  ['deploy', manifest.slice(0, 12), createHash('sha256').update(RequestId).digest('hex').slice(0, 12), attempt].join(
    '-',
  );

const executionArn = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** Starts an attempt; a start that was made before is left as it is. */
const start = async (
  { client, stateMachineArn }: DeploymentPorts,
  request: Request,
  attempt: number,
): Promise<string> => {
  const name = attemptName(request, attempt);
  const input = JSON.stringify({ manifest: request.ResourceProperties.manifest, Comment: 'started by a deployment' });
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
  }
  return executionArn(stateMachineArn, name);
};

const describe = async (client: SFNClient, arn: string): Promise<DescribeExecutionCommandOutput | null> => {
  try {
    return await client.send(new DescribeExecutionCommand({ executionArn: arn }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return null;
    throw error;
  }
};

/** Starts `Migrate` for the manifest that is being deployed. A deletion starts nothing: what is applied stays. */
export const begin = async (request: Request, ports: DeploymentPorts): Promise<Reply> => {
  const PhysicalResourceId = request.PhysicalResourceId ?? `lockkeeper-${request.LogicalResourceId}`;
  if (request.RequestType === 'Delete') return { PhysicalResourceId };
  return { PhysicalResourceId, Data: { execution: await start(ports, request, 1) } };
};

const endedCode = ({ status, error }: DescribeExecutionCommandOutput): ErrorCode => {
  if (error !== undefined && isErrorCode(error)) return error;
  if (status === 'TIMED_OUT') return 'RunTimedOut';
  return status === 'ABORTED' ? 'RunAborted' : 'Unexpected';
};

const failure = (arn: string, execution: DescribeExecutionCommandOutput): LockkeeperError => {
  const code = endedCode(execution);
  const cause = execution.cause ?? `the execution ended ${execution.status}`;
  const reason = Buffer.from(`${execution.error ?? code}: ${cause}`)
    .subarray(0, reasonBytes)
    .toString();
  return new LockkeeperError(code, `${reason}\nexecution: ${arn}`, { details: { execution: arn } });
};

/**
 * Whether the run has ended; once it has, well or badly, so has the deployment.
 * State machine updates are eventually consistent, so a run that another manifest refused is started again for a while
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html).
 * @throws LockkeeperError the run's own code, with PostgreSQL's message; `RunStillRunning` just before CloudFormation gives up.
 */
export const follow = async (request: Request, ports: DeploymentPorts): Promise<Reply> => {
  if (request.RequestType === 'Delete') return { IsComplete: true };
  let beganMs = ports.now();
  for (let attempt = 1; ; attempt++) {
    const arn = executionArn(ports.stateMachineArn, attemptName(request, attempt));
    const execution = await describe(ports.client, arn);
    if (execution === null) {
      await start(ports, request, attempt);
      return { IsComplete: false };
    }
    if (attempt === 1) beganMs = execution.startDate?.getTime() ?? beganMs;
    const ageMs = ports.now() - beganMs;
    if (execution.status === 'SUCCEEDED') return { IsComplete: true, Data: { execution: arn } };
    if (execution.status === 'RUNNING' || execution.status === 'PENDING_REDRIVE') {
      if (ageMs < followLimitMs) return { IsComplete: false };
      throw new LockkeeperError('RunStillRunning', `still running after ${Math.round(ageMs / 60_000)} minutes: ${arn}`);
    }
    if (execution.error !== 'ManifestMismatch' || ageMs >= settlingMs) throw failure(arn, execution);
  }
};
