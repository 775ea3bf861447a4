import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

export interface FunctionsProps {
  /** Bundles and manifest: one asset for all functions. */
  readonly code: Code;
  readonly service: string;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

interface OneFunction {
  /** Name of the bundle. */
  readonly bundle: 'database' | 'finisher' | 'deploy';
  readonly description: string;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly may: readonly PolicyStatement[];
}

/** A function with a role and a log group of its own: it may write that log, and what is listed, nothing more. */
export const serviceFunction = (
  scope: Construct,
  id: string,
  props: FunctionsProps,
  one: OneFunction,
): LambdaFunction => {
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: props.logRetention,
    removalPolicy: props.removalPolicy,
  });
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  for (const statement of one.may) role.addToPolicy(statement);
  return new LambdaFunction(scope, id, {
    description: one.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: props.code,
    handler: `${one.bundle}.handler`,
    memorySize: 512,
    timeout: one.timeout,
    role,
    logGroup,
    environment: {
      LOCKKEEPER_SERVICE: props.service,
      POWERTOOLS_SERVICE_NAME: props.service,
      POWERTOOLS_METRICS_NAMESPACE: 'Lockkeeper',
      ...one.environment,
    },
    // A run that began before a deploy still names the version it began with.
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
  });
};

/** The database of a service, as its functions are told of it. */
export interface DatabaseAccess {
  readonly clusterArn: string;
  readonly secret: ISecret;
  readonly databaseName: string;
}

export const databaseEnvironment = ({ clusterArn, secret, databaseName }: DatabaseAccess): Record<string, string> => ({
  LOCKKEEPER_CLUSTER_ARN: clusterArn,
  LOCKKEEPER_SECRET_ARN: secret.secretArn,
  LOCKKEEPER_DATABASE: databaseName,
});

/** ARNs of a machine's executions, by name: the functions come before the machines that invoke them. */
export const executionArns = (scope: Construct, stateMachineName: string): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/**
 * What reaches the ledger and asks whether an execution lives. The Data API reads the secret in the caller's name
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html).
 */
export const databasePermissions = (
  { clusterArn, secret }: DatabaseAccess,
  executions: readonly string[],
): readonly PolicyStatement[] => [
  new PolicyStatement({ actions: ['rds-data:ExecuteStatement'], resources: [clusterArn] }),
  new PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'],
    resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
  }),
  ...(secret.encryptionKey
    ? [new PolicyStatement({ actions: ['kms:Decrypt'], resources: [secret.encryptionKey.keyArn] })]
    : []),
  new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [...executions] }),
];
