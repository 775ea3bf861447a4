import { CfnOutput } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** What `cdk deploy` prints: where the machines are and how a run is started. */
export const serviceOutputs = (
  scope: Construct,
  {
    name,
    migrate,
    rollback,
    manifestRoot,
  }: { name: string; migrate: StateMachine; rollback: StateMachine; manifestRoot: string },
): void => {
  const output = (id: string, description: string, value: string): CfnOutput =>
    new CfnOutput(scope, id, { description, value });
  output('MigrateArn', 'State machine that applies', migrate.stateMachineArn);
  output('RollbackArn', 'State machine that reverts', rollback.stateMachineArn);
  output('ManifestRoot', 'Root of the manifest that is deployed', manifestRoot);
  output('CommandUp', 'Applies what is pending, and follows it', `lockkeeper up --stack ${name}`);
  output(
    'CommandMigrate',
    'The same with the AWS CLI; refused by a machine that still has an older manifest',
    `aws stepfunctions start-execution --state-machine-arn ${migrate.stateMachineArn} --input '{"manifest":"${manifestRoot}"}'`,
  );
  output(
    'CommandRollback',
    'Reverts what the newest run applied',
    `aws stepfunctions start-execution --state-machine-arn ${rollback.stateMachineArn} --input '{}'`,
  );
};
