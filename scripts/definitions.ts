import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { App, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { format } from 'prettier';
import { MigrationMachine } from '../lib/infra/migration-machine.ts';
import { targetOf } from '../lib/infra/target.ts';

type Fields = { readonly [name: string]: unknown };
interface Definition extends Fields {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Fields>>;
}
/** What a definition refers to, by the beginning of its logical id, and what the goldens write there. */
const names = [
  ['AWS::Partition', 'aws'],
  ['ClusterIdentifier', '${ClusterIdentifier}'],
  ['DatabaseFunctionCurrentVersion', '${DatabaseFunctionArn}'],
] as const;

/** A resolved string with our names where the account's own go. */
const rendered = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const token = value as { readonly Ref?: string; readonly 'Fn::Join'?: readonly [string, readonly unknown[]] };
  if (token['Fn::Join']) return token['Fn::Join'][1].map(rendered).join('');
  const name = names.find(([id]) => token.Ref?.startsWith(id))?.[1];
  if (name === undefined) throw new Error(`a token that the goldens have no name for: ${JSON.stringify(value)}`);
  return name;
};

const ordered = (fields: Fields, first: readonly string[]): Fields =>
  Object.fromEntries([
    ...first.filter((name) => name in fields).map((name) => [name, fields[name]]),
    ...Object.entries(fields).filter(([name]) => !first.includes(name)),
  ]);

/** The same definition with its states in the order in which a run meets them, failure last; no field means more for its place. */
const inReadingOrder = (definition: Definition): Definition => {
  const met = [definition.StartAt];
  const follow = (exits: (state: Exits) => readonly (string | undefined)[]): void => {
    for (const name of met) {
      for (const exit of exits(definition.States[name] as Exits)) if (exit && !met.includes(exit)) met.push(exit);
    }
  };
  follow(({ Next, Choices = [] }) => [...Choices.map((choice) => choice.Next).filter((to) => !/fail/.test(to)), Next]);
  follow(({ Next, Default, Choices = [], Catch = [] }) => [
    ...[...Choices, ...Catch].map((each) => each.Next),
    Default,
    Next,
  ]);
  const fieldOrder = ['Type', 'Comment', 'Resource', 'TimeoutSeconds', 'Arguments', 'Assign', 'Output', 'Next'];
  return {
    ...ordered(definition, ['Comment', 'QueryLanguage', 'StartAt', 'TimeoutSeconds']),
    StartAt: definition.StartAt,
    States: Object.fromEntries(met.map((name) => [name, ordered(definition.States[name] as Fields, fieldOrder)])),
  };
};

interface Exits {
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
}

/** What is deployed, by file name, with `${DatabaseFunctionArn}` and `${ClusterIdentifier}` to be filled in. */
export const renderDefinitions = (): Readonly<Record<string, Definition>> => {
  const stack = new Stack(new App(), 'Scratch');
  const databaseFunction = new LambdaFunction(stack, 'DatabaseFunction', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'database.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
  });
  const clusterIdentifier = new CfnParameter(stack, 'ClusterIdentifier').valueAsString;
  const clusterArn = `arn:aws:rds:eu-central-1:111122223333:cluster:scratch`;
  const definition = (direction: 'up' | 'down'): Definition => {
    const { stateMachine } = new MigrationMachine(stack, direction, {
      direction,
      stateMachineName: direction,
      databaseFunction,
      target: targetOf(stack, { clusterIdentifier, clusterArn }, 'lockkeeper'),
      timeout: Duration.days(7),
      logRetention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { definitionString } = stateMachine.node.defaultChild as CfnStateMachine;
    return inReadingOrder(JSON.parse(rendered(stack.resolve(definitionString))) as Definition);
  };
  return { 'migrate.asl.json': definition('up'), 'rollback.asl.json': definition('down') };
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const directory = new URL('../lib/local/definitions/', import.meta.url);
  for (const [file, definition] of Object.entries(renderDefinitions())) {
    const text = await format(JSON.stringify(definition), { parser: 'json', printWidth: 120 });
    writeFileSync(new URL(file, directory), text);
  }
}
