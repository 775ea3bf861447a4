import type { LambdaHost } from '../../lambda-host/index.ts';
import { readResource } from '../resource.ts';
import { TaskError } from '../states-error.ts';
import type { TaskRunner } from '../task-runner.ts';
import { functionTask, invokeRefusal, invokeTask } from './lambda-tasks.ts';
import { type SdkService, sdkRefusal, sdkTask } from './sdk-tasks.ts';

export interface TaskRunnerOptions {
  readonly lambda: LambdaHost;
  /** Clients by the service's name in `aws-sdk:<service>:<action>`, e.g. `rds`. */
  readonly services: Readonly<Record<string, SdkService>>;
}

/** Runs Tasks by the Lambda host and by real SDK clients. */
export const createTaskRunner = ({ lambda, services }: TaskRunnerOptions): TaskRunner => {
  const serviceOf = (resourceType: string): [name: string, service: SdkService | null] => {
    const name = resourceType.replace(/^aws-sdk:/, '');
    return [name, Object.hasOwn(services, name) ? (services[name] ?? null) : null];
  };
  return {
    async run(resource, sent, { signal }) {
      const read = readResource(resource);
      if (read?.kind === 'function') return functionTask(lambda, read.arn, sent);
      if (read?.resourceType === 'lambda') return invokeTask(lambda, sent);
      const [name, service] = serviceOf(read?.resourceType ?? '');
      if (!read || !service) throw new TaskError('States.Runtime', `nothing stands behind the resource ${resource}`);
      return sdkTask(name, service, read.resource, sent, signal);
    },
    refusal(resource, written) {
      const read = readResource(resource);
      if (!read || read.kind === 'function') return null;
      if (read.resourceType === 'lambda') return invokeRefusal(written);
      const [name, service] = serviceOf(read.resourceType);
      if (!service) return `there is no stand-in for the service ${JSON.stringify(name)}`;
      const why = sdkRefusal(service, read.resource, written);
      return why === null ? null : `aws-sdk:${name}:${read.resource}: ${why}`;
    },
  };
};
