import { Names, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LockkeeperError } from '../errors/index.ts';

/** A state machine's name has at most 80 characters (https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html). */
const longestName = 80 - '-Rollback'.length;
const taken = Symbol.for('lockkeeper.serviceNames');

/**
 * The service's name: the stack's, unless it is told another.
 * @throws LockkeeperError `SettingsInvalid` for a name that cannot be a state machine's, or that another service of this stack has.
 */
export const serviceName = (scope: Construct, asked?: string): string => {
  const stack = Stack.of(scope);
  const own = Token.isUnresolved(stack.stackName)
    ? Names.uniqueResourceName(scope, { maxLength: longestName, separator: '-' })
    : stack.stackName;
  const name = asked ?? own;
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name) || name.length > longestName) {
    throw new LockkeeperError(
      'SettingsInvalid',
      `serviceName ${name}: expected at most ${longestName} letters, digits and hyphens`,
    );
  }
  const names: Set<string> = ((stack as { [taken]?: Set<string> })[taken] ??= new Set());
  if (names.has(name)) {
    throw new LockkeeperError(
      'SettingsInvalid',
      `two migration services of stack ${stack.stackName} are called ${name}: give one a serviceName`,
    );
  }
  names.add(name);
  return name;
};

/** The machines are found by these names, without asking CloudFormation. */
export const machineNames = (service: string): { readonly migrate: string; readonly rollback: string } => ({
  migrate: `${service}-Migrate`,
  rollback: `${service}-Rollback`,
});
