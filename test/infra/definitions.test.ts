import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import { retriedCodes } from '../../lib/infra/machine/retry-policies.ts';
import { type Action, actionSchemas } from '../../lib/workflow/actions.ts';
import { renderDefinitions } from '../../scripts/definitions.ts';

/** The package's types are not where its manifest says. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  errorsText(separator: string): string;
};

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Arguments?: { readonly Payload?: Readonly<Record<string, unknown>> };
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
    readonly Assign?: unknown;
  }[];
}
interface Definition {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly QueryLanguage: string;
  readonly States: Readonly<Record<string, State>>;
}

const golden = (file: string): Definition =>
  JSON.parse(readFileSync(new URL(`../../lib/local/definitions/${file}`, import.meta.url), 'utf8')) as Definition;

const rendered = renderDefinitions();

const expressions = (value: unknown): string[] => {
  if (typeof value === 'string') return value.startsWith('{%') ? [value.slice(2, -2).trim()] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(expressions) : [];
};

describe.each(['migrate.asl.json', 'rollback.asl.json'])('%s', (file) => {
  const definition = golden(file);
  const tasks = Object.entries(definition.States).filter(([, state]) => state.Type === 'Task');
  const actions = tasks.filter(([, { Resource }]) => Resource === 'arn:aws:states:::lambda:invoke');

  test('is what synth produces now; if not, run: npm run definitions', () => {
    expect(definition).toEqual(rendered[file]);
  });

  test('is a valid definition', () => {
    const filledIn = JSON.parse(
      JSON.stringify(definition)
        .replaceAll('${DatabaseFunctionArn}', 'arn:aws:lambda:eu-central-1:111122223333:function:database:1')
        .replaceAll('${ClusterIdentifier}', 'shop'),
    );
    const { isValid, errorsText } = aslValidator(filledIn);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  test('holds only JSONata that parses', () => {
    const wrong = expressions(definition).filter((expression) => {
      try {
        jsonata(expression);
        return false;
      } catch {
        return true;
      }
    });
    expect(wrong).toEqual([]);
  });

  test('gives every Task a timeout, retries, and one last Catch of everything that leads to settling', () => {
    const wrong = tasks.filter(([name, { TimeoutSeconds, Retry, Catch }]) => {
      const last = Catch?.at(-1);
      const goesTo = name === 'Settle the failure' ? 'Failed, not settled' : 'Settle the failure';
      const assigns = name === 'Settle the failure' || JSON.stringify(last?.Assign).includes('"error":{"Error":');
      return !(
        TimeoutSeconds &&
        Retry?.length &&
        last?.ErrorEquals.join() === 'States.ALL' &&
        last.Next === goesTo &&
        assigns
      );
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  test('sends each action exactly the keys that its schema knows', () => {
    const sent = Object.fromEntries(
      actions.map(([, { Arguments }]) => [
        Arguments?.Payload?.action,
        Object.keys(Arguments?.Payload ?? {}).toSorted(),
      ]),
    );
    const known = Object.fromEntries(
      (Object.keys(actionSchemas) as Action[]).map((action) => [
        action,
        Object.keys(actionSchemas[action].input.shape).toSorted(),
      ]),
    );
    expect(sent).toEqual(known);
  });

  test('tries again after every code that the table calls passing', () => {
    for (const [name, { Retry }] of actions) {
      const retried = new Set(Retry?.flatMap(({ ErrorEquals }) => ErrorEquals));
      expect(
        retriedCodes.filter((code) => !retried.has(code)),
        name,
      ).toEqual([]);
    }
  });

  test('names no account, region or machine', () => {
    expect(JSON.stringify(definition)).not.toMatch(/\d{12}:|eu-central-1|Token\[/);
  });
});

const names = (file: string): string[] => Object.keys(golden(file).States);

test('both directions have the same states, but for the name of the batch', () => {
  expect(names('rollback.asl.json')).toEqual(
    names('migrate.asl.json').map((name) => (name === 'Apply a batch' ? 'Revert a batch' : name)),
  );
});

test('the codes that are tried again are these', () => {
  expect(retriedCodes.toSorted()).toEqual([
    'DatabaseResuming',
    'DatabaseUnavailable',
    'LockTimeout',
    'OutcomeUnknown',
    'StatementTimedOut',
    'Throttled',
  ]);
});
