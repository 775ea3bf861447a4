import { expect, test } from 'vitest';
import { type Json, LockkeeperErrors } from '../../lib/errors/index.ts';
import { readDefinition } from '../../lib/local/states-language/index.ts';
import { functionArn, machine, task } from '../support/states-language.ts';

const findings = (definition: Json | string, options: Parameters<typeof readDefinition>[1] = {}): string[] => {
  try {
    readDefinition(definition, options);
    return [];
  } catch (error) {
    if (!(error instanceof LockkeeperErrors)) throw error;
    expect(error.code).toBe('DefinitionUnsupported');
    return error.findings.map(({ message }) => message);
  }
};

const done = { Done: { Type: 'Succeed' } };

const refused: readonly [title: string, definition: Json, message: string][] = [
  [
    'a state in JSONPath',
    machine({ A: { Type: 'Pass', QueryLanguage: 'JSONPath', End: true } }),
    '/States/A/QueryLanguage: "JSONPath" in state "A" is not supported, only JSONata',
  ],
  [
    'a machine that names no query language, whose states are JSONPath then',
    { StartAt: 'A', States: { A: { Type: 'Succeed' } } },
    '/States/A/QueryLanguage: "JSONPath" in state "A" is not supported, only JSONata',
  ],
  [
    'a field of JSONPath',
    machine({ A: { Type: 'Wait', SecondsPath: '$.s', Seconds: 1, End: true } }),
    '/States/A/SecondsPath: the field SecondsPath of a Wait is not supported, it belongs to JSONPath, and only JSONata is interpreted',
  ],
  [
    'a field that nobody knows',
    machine({ A: { Type: 'Pass', Colour: 'red', End: true } }),
    '/States/A/Colour: the field Colour of a Pass is not supported',
  ],
  [
    'a heartbeat',
    machine({ A: task({ HeartbeatSeconds: 5 }) }),
    '/States/A/HeartbeatSeconds: the field HeartbeatSeconds of a Task is not supported, it means something only for activities and task tokens, which are not imitated',
  ],
  [
    'an unknown field of a retrier',
    machine({ A: task({ Retry: [{ ErrorEquals: ['A'], Jitter: 'FULL' }] }) }),
    '/States/A/Retry[0]/Jitter: the field Jitter of a retrier is not supported',
  ],
  [
    'a distributed map',
    machine({
      A: {
        Type: 'Map',
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'Done', States: done },
        End: true,
      },
    }),
    '/States/A/ItemProcessor/ProcessorConfig/Mode: "DISTRIBUTED" is not supported, only INLINE',
  ],
  [
    'a state of an unknown type',
    machine({ A: { Type: 'Loop' } }),
    '/States/A/Type: expected one of Task, Parallel, Map, Pass, Wait, Choice, Succeed, Fail, found "Loop"',
  ],
  [
    'a Next to nowhere',
    machine({ A: task({ Next: 'B', Catch: [{ ErrorEquals: ['X'], Next: 'Done' }] }), ...done }),
    '/States/A/Next: there is no state "B"',
  ],
  [
    'a catcher that leads nowhere',
    machine({ A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }) }),
    '/States/A/Catch[0]/Next: there is no state "B"',
  ],
  [
    'a state that nothing leads to',
    machine({ ...done, A: { Type: 'Pass', End: true } }),
    '/States/A: no transition leads to this state',
  ],
  [
    'states without an end',
    machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }),
    '/States: no state ends the run',
  ],
  [
    'a state with neither Next nor End',
    machine({ A: { Type: 'Pass' } }),
    '/States/A: a state has exactly one of Next and "End": true',
  ],
  [
    'the same name in two branches',
    machine({
      A: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Done', States: done },
          { StartAt: 'Done', States: done },
        ],
        End: true,
      },
    }),
    '/States/A/Branches[1]/States/Done: the name is used by another state of this machine',
  ],
  [
    'an expression that cannot be parsed',
    machine({ A: { Type: 'Pass', Output: { a: ['{% 1 + %}'] }, End: true } }),
    '/States/A/Output/a[0]: JSONata: Unexpected end of expression at character 3',
  ],
  [
    'an expression that newer JSONata has and AWS has not',
    machine({ A: { Type: 'Pass', Output: '{% $states.input.a ?? 1 %}', End: true } }),
    '/States/A/Output: JSONata: The symbol "?" cannot be used as a unary operator at character 18',
  ],
  [
    'an expression that does not end',
    machine({ A: { Type: 'Pass', Output: '{% 1 ', End: true } }),
    '/States/A/Output: begins with {% and does not end with %}',
  ],
  [
    '$eval',
    machine({ A: { Type: 'Pass', Output: "{% $map(['1'], function($t) { $eval($t) }) %}", End: true } }),
    '/States/A/Output: $eval() does not exist in Step Functions, use $parse()',
  ],
  [
    'the root $ of an expression',
    machine({ A: { Type: 'Pass', Output: '{% $.a %}', End: true } }),
    '/States/A/Output: $ has no meaning at the top of an expression, use $states.input',
  ],
  [
    'a field name at the top of an expression',
    machine({ A: { Type: 'Pass', Output: '{% $sum(orders.price) %}', End: true } }),
    '/States/A/Output: the field "orders" has no object before it at the top of an expression, use $states.input',
  ],
  [
    'an assignment to $states',
    machine({ A: { Type: 'Pass', Assign: { states: 1 }, End: true } }),
    '/States/A/Assign/states: the variable $states is reserved',
  ],
  [
    'a variable of a branch with the name of an outer one',
    machine({
      A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
      B: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'C', States: { C: { Type: 'Pass', Assign: { n: 2 }, End: true } } },
        End: true,
      },
    }),
    '/States/B/ItemProcessor: the variable $n has the name of one outside this branch',
  ],
  [
    'States.ALL beside another name',
    machine({ A: task({ Retry: [{ ErrorEquals: ['A', 'States.ALL'] }] }) }),
    '/States/A/Retry[0]/ErrorEquals: States.ALL must stand alone, in the last entry of its list',
  ],
  [
    'States.ALL before another catcher',
    machine({
      A: task({
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'Done' },
          { ErrorEquals: ['B'], Next: 'Done' },
        ],
      }),
      ...done,
    }),
    '/States/A/Catch[0]/ErrorEquals: States.ALL must stand alone, in the last entry of its list',
  ],
  [
    'a pause of no time between retries',
    machine({ A: task({ Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 0 }] }) }),
    '/States/A/Retry[0]/IntervalSeconds: expected a number from 1 to 99999999, found 0',
  ],
  [
    'an activity',
    machine({ A: task({ Resource: 'arn:aws:states:eu-west-1:123456789012:activity:a' }) }),
    '/States/A/Resource: the resource "arn:aws:states:eu-west-1:123456789012:activity:a" is not supported, expected lambda:invoke, a function, or aws-sdk:service:action',
  ],
  [
    'a task token',
    machine({ A: task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }) }),
    '/States/A/Resource: the resource "arn:aws:states:::lambda:invoke.waitForTaskToken" is not supported, the pattern .waitForTaskToken is not imitated',
  ],
  [
    'a Wait for two things',
    machine({ A: { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true } }),
    '/States/A: a Wait has exactly one of Seconds and Timestamp',
  ],
];

test.each(refused)('refuses %s, by name and path', (_title, definition, message) => {
  expect(findings(definition)).toEqual([message]);
});

test('refuses what is not JSON', () => {
  expect(findings('{')[0]).toMatch(/^\/: is not JSON: /);
});

test('names every finding at once', () => {
  const definition = machine({ A: { Type: 'Pass', InputPath: '$', ResultPath: '$.a', Next: 'B' }, ...done });
  expect(findings(definition).map((message) => message.split(':')[0])).toEqual([
    '/States/A/InputPath',
    '/States/A/ResultPath',
    '/States/A/Next',
    '/States/Done',
  ]);
});

test('a context item inside a path, a filter or a group is no field at the top', () => {
  const expressions = [
    '$states.input.orders[price > 1 and $.name = 1].price',
    '$states.input.orders{name: $sum(price)}',
    '$states.input.orders.(a & $.b)',
    '$states.input.orders^(>price).name',
    '$states.input.orders.$string()',
    '($x := $states.input; $map($x, function($v, $i) { $v.a })) ~> $count()',
    "$states.input ~> | orders | {'price': price * 2} |",
  ];
  for (const expression of expressions) {
    expect(findings(machine({ A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } }))).toEqual([]);
  }
});

test('values stand in for ${Name} before anything is read, also inside longer strings', () => {
  const definition = machine({
    A: task({ Resource: '${Function}', Arguments: { at: '${AWS::Partition}-${Function}' } }),
  });
  const substitutions = { Function: functionArn, 'AWS::Partition': 'aws' };
  const { text } = readDefinition(JSON.stringify(definition), { substitutions });
  expect(JSON.parse(text).States.A).toMatchObject({ Resource: functionArn, Arguments: { at: `aws-${functionArn}` } });
});

test('a ${Name} without a value is refused', () => {
  expect(findings(machine({ A: task({ Resource: '${Function}' }) }))).toEqual([
    '/States/A/Resource: there is no value for ${Function}',
  ]);
});

test('a Task that the runner of tasks cannot run is refused before the run', () => {
  const tasks = { run: async () => null, refusal: () => 'nobody does this' };
  expect(findings(machine({ A: task() }), { tasks })).toEqual(['/States/A/Resource: nobody does this']);
});
