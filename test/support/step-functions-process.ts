/**
 * A process with a Step Functions of its own, for tests of two of them: starts the machine of `argv[3]` in the directory of `argv[2]`,
 * says the execution's ARN, and goes on until its parent ends it.
 */
import { readDefinition } from '../../lib/local/states-language/index.ts';
import { startStepFunctions } from '../../lib/local/step-functions/index.ts';

const [, , directory = '', definition = '', machineArn = ''] = process.argv;
const server = await startStepFunctions({
  directory,
  machines: { [machineArn]: { name: 'Test', definition: readDefinition(definition) } },
  tasks: { run: async () => null },
});
const { executionArn } = await server.startExecution({ stateMachineArn: machineArn, name: 'other' });
process.stdout.write(`${executionArn}\n`);
