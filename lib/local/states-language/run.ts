import type { Json } from '../../errors/index.ts';
import type { Clock } from './clock.ts';
import type { Cursor, History } from './history.ts';
import { EvaluationError } from './states-error.ts';
import type { TaskRunner } from './task-runner.ts';
import { evaluate, type Template } from './template.ts';
import type { Variables } from './variables.ts';

/** What a whole execution shares. */
export interface Run {
  readonly tasks: TaskRunner;
  readonly clock: Clock;
  readonly random: () => number;
  readonly history: History;
  /** The part of `$states.context` that stays. */
  readonly context: { readonly [key: string]: Json };
}

/** Where in an execution something happens: the machine itself, or one branch. */
export interface Lane {
  readonly run: Run;
  readonly variables: Variables;
  readonly cursor: Cursor;
  readonly signal: AbortSignal;
  /** `$states.context.Map` inside a Map; empty elsewhere. */
  readonly mapContext: { readonly Map?: Json };
}

/** One visit to a state. */
export interface Visit {
  readonly name: string;
  readonly input: Json;
  readonly enteredEventId: number;
  readonly enteredTime: string;
  readonly retryCount: number;
}

/** What `$states` holds beside input and context. */
export interface Outcome {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** Evaluates a state's template with `$states` and the variables. @throws EvaluationError */
export const evaluateIn = (lane: Lane, visit: Visit, template: Template, outcome: Outcome = {}): Promise<Json> => {
  const { run, variables, mapContext } = lane;
  const context = {
    ...run.context,
    ...mapContext,
    State: { Name: visit.name, EnteredTime: visit.enteredTime, RetryCount: visit.retryCount },
  };
  const states = { input: visit.input, context, ...outcome };
  return evaluate(template, { ...variables.visible(), states }, () => run.clock.now());
};

const typeName = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** @throws EvaluationError for a value of another type than the field holds */
export const wrongType = (template: Template, field: string, expected: string, found: Json): EvaluationError => {
  const location = template.kind === 'expression' ? template.location : field;
  const about =
    template.kind === 'expression' ? `The JSONata expression '${template.text}' specified for` : 'The value of';
  const rest = `returned an unexpected result type. Expected '${expected}', but was '${typeName(found)}'.`;
  return new EvaluationError(location, `${about} the field '${location}' ${rest}`);
};

/** A template that has to answer a number from `least` to `most`. @throws EvaluationError */
export const evaluateNumber = async (
  lane: Lane,
  visit: Visit,
  template: Template,
  field: string,
  least: number,
  most: number,
): Promise<number> => {
  const found = await evaluateIn(lane, visit, template);
  if (typeof found === 'number' && found >= least && found <= most) return found;
  throw wrongType(template, field, `number from ${least} to ${most}`, found);
};
