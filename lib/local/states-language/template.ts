import jsonata from 'jsonata';
import type { Json } from '../../errors/index.ts';
import { addFunctions } from './expression-functions.ts';
import { expressionRefusal } from './expression-scope.ts';
import { EvaluationError } from './states-error.ts';

/** What an expression can name: `states`, and the variables. */
export type Bindings = Readonly<Record<string, unknown>>;

/** A JSON value of a definition with its expressions compiled. */
export type Template =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'expression'; readonly text: string; readonly location: string; readonly compiled: Compiled }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, Template])[] };

interface Compiled {
  evaluate(bindings: Bindings, now: () => number): Promise<unknown>;
}

const open = '{%';
const close = '%}';

/** Says whether a string stands for an expression. */
export const isExpression = (text: string): boolean => text.startsWith(open) && text.endsWith(close);

const compile = (text: string): Compiled | string => {
  try {
    const expression = jsonata(text);
    const refusal = expressionRefusal(expression.ast());
    if (refusal) return refusal;
    const clock = { now: (): number => 0 };
    addFunctions(expression, clock);
    return {
      evaluate(bindings, now) {
        clock.now = now;
        return expression.evaluate(undefined, bindings);
      },
    };
  } catch (error) {
    return `JSONata: ${(error as Error).message} at character ${(error as { position?: number }).position ?? 0}`;
  }
};

/** Compiles every `{% … %}` in a value. Tells `refuse` of each that cannot be; `location` is the field's own, e.g. `Catch[0]/Output`. */
export const readTemplate = (
  json: Json | undefined,
  location: string,
  refuse: (location: string, why: string) => void,
): Template => {
  if (typeof json === 'string') {
    if (!json.startsWith(open)) return { kind: 'value', value: json };
    if (!isExpression(json)) {
      refuse(location, `begins with ${open} and does not end with ${close}`);
      return { kind: 'value', value: json };
    }
    const text = json.slice(open.length, -close.length).trim();
    const compiled = compile(text);
    if (typeof compiled !== 'string') return { kind: 'expression', text, location, compiled };
    refuse(location, compiled);
    return { kind: 'value', value: null };
  }
  if (Array.isArray(json)) {
    return { kind: 'list', items: json.map((each, at) => readTemplate(each as Json, `${location}[${at}]`, refuse)) };
  }
  if (typeof json === 'object' && json !== null) {
    const fields = Object.entries(json).map(
      ([key, each]) => [key, readTemplate(each as Json, `${location}/${key}`, refuse)] as const,
    );
    return { kind: 'object', fields };
  }
  return { kind: 'value', value: json ?? null };
};

/** A result without JSONata's own marks; undefined fields of objects are left out, as JSON does. */
const plain = (value: unknown): Json => {
  if (typeof value === 'function') throw new Error('a function is not JSON');
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((each) => (each === undefined ? null : plain(each)));
  if (typeof value !== 'object' || value === null) return value as Json;
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) throw new Error('a function is not JSON');
  const defined = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(defined.map(([key, each]) => [key, plain(each)]));
};

/** The value that a template stands for. @throws EvaluationError also for an expression that answers nothing. */
export const evaluate = async (template: Template, bindings: Bindings, now: () => number): Promise<Json> => {
  switch (template.kind) {
    case 'value':
      return template.value;
    case 'list': {
      const items: Json[] = [];
      for (const item of template.items) items.push(await evaluate(item, bindings, now));
      return items;
    }
    case 'object': {
      const fields: Record<string, Json> = {};
      for (const [key, field] of template.fields) {
        Object.defineProperty(fields, key, {
          value: await evaluate(field, bindings, now),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return fields;
    }
    case 'expression': {
      const { text, location, compiled } = template;
      const about = `The JSONata expression '${text}' specified for the field '${location}'`;
      let found: unknown;
      try {
        found = await compiled.evaluate(bindings, now);
        if (found !== undefined) return plain(found);
      } catch (error) {
        throw new EvaluationError(location, `${about} threw an error during evaluation. ${(error as Error).message}`, {
          cause: error,
        });
      }
      throw new EvaluationError(location, `${about} returned nothing (undefined).`);
    }
  }
  return template satisfies never;
};
