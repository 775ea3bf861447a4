import type { Definition } from '../states-language/index.ts';
import { ServiceError } from './service-error.ts';

export interface LocalMachine {
  readonly name: string;
  readonly definition: Definition;
  readonly roleArn?: string;
}

export type Machines = Readonly<Record<string, LocalMachine>>;

/** @throws ServiceError `StateMachineDoesNotExist` */
export const machineOf = (machines: Machines, arn: string | undefined): LocalMachine => {
  const machine = arn !== undefined && Object.hasOwn(machines, arn) ? machines[arn] : undefined;
  if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return machine;
};

export const executionArn = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** Names of machine and execution in an execution's ARN. @throws ServiceError `InvalidArn` */
export const executionNames = (arn: string | undefined): { machine: string; name: string } => {
  const [prefix, , service, , , kind, machine, name] = (arn ?? '').split(':');
  if (prefix !== 'arn' || service !== 'states' || kind !== 'execution' || !machine || !name) {
    throw new ServiceError('InvalidArn', `Invalid Arn: '${arn}'`);
  }
  return { machine, name };
};

/** 1 to 80 characters (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html). @throws ServiceError `InvalidName` */
export const checkName = (name: string): string => {
  // oxlint-disable-next-line no-control-regex -- control characters are among what is refused
  if (name.length < 1 || name.length > 80 || /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name)) {
    throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
  }
  return name;
};
