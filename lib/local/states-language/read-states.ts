import type { Json } from '../../errors/index.ts';
import type { Branch, ChoiceRule, State, StateType } from './definition.ts';
import { type DefinitionReader, isObject, type JsonObject } from './definition-reader.ts';
import { checkFlow } from './flow.ts';
import { readAssign } from './read-assign.ts';
import { longestSeconds, readCatch, readRetry } from './read-handling.ts';

type Language = 'JSONata' | 'JSONPath';

const stateTypes = new Set<string>(['Task', 'Parallel', 'Map', 'Pass', 'Wait', 'Choice', 'Succeed', 'Fail']);

/** Reads `StartAt` and `States` of a machine or a branch. `taken` collects the names of states, which are unique in a machine. */
export const readBranch = (
  reader: DefinitionReader,
  fields: JsonObject,
  path: string,
  language: Language,
  taken: Set<string>,
): Branch => {
  const states = new Map<string, State>();
  if (!isObject(fields.States)) reader.refuse(`${path}/States`, 'expected an object of states');
  for (const [name, value] of Object.entries(isObject(fields.States) ? fields.States : {})) {
    const at = `${path}/States/${name}`;
    if (taken.has(name)) reader.refuse(at, 'the name is used by another state of this machine');
    if (name.length > 80) reader.refuse(at, `a name has at most 80 characters, found ${name.length}`);
    taken.add(name);
    const state = readState(reader, name, value, at, language, taken);
    if (state) states.set(name, state);
  }
  const branch = { startAt: reader.text(fields.StartAt, `${path}/StartAt`), states };
  const complete = isObject(fields.States) && states.size === Object.keys(fields.States).length;
  if (complete) checkFlow(branch, path, (at, why) => reader.refuse(at, why));
  return branch;
};

const readState = (
  reader: DefinitionReader,
  name: string,
  value: Json | undefined,
  at: string,
  language: Language,
  taken: Set<string>,
): State | null => {
  const type = isObject(value) ? value.Type : undefined;
  if (typeof type !== 'string' || !stateTypes.has(type)) {
    reader.refuse(
      `${at}/Type`,
      `expected one of ${[...stateTypes].join(', ')}, found ${JSON.stringify(type) ?? 'nothing'}`,
    );
    return null;
  }
  const fields = reader.object(value, at, type as StateType);
  const own = fields.QueryLanguage ?? language;
  if (own !== 'JSONata') {
    reader.refuse(
      `${at}/QueryLanguage`,
      `${JSON.stringify(own)} in state ${JSON.stringify(name)} is not supported, only JSONata`,
    );
    return null;
  }
  const template = (field: string): ReturnType<DefinitionReader['template']> =>
    reader.template(fields[field], at, field);
  const output = template('Output');
  if (type === 'Succeed') return { type, name, output };
  if (type === 'Fail') return { type, name, error: template('Error'), cause: template('Cause') };
  const leaving = {
    name,
    output,
    assign: readAssign(reader, fields.Assign, at, 'Assign'),
    next: readNext(reader, fields, at),
  };
  switch (type as Exclude<StateType, 'Succeed' | 'Fail'>) {
    case 'Pass':
      return { ...leaving, type: 'Pass' };
    case 'Wait': {
      const given = ['Seconds', 'Timestamp'].filter((field) => fields[field] !== undefined);
      if (given.length !== 1) reader.refuse(at, 'a Wait has exactly one of Seconds and Timestamp');
      if (typeof fields.Seconds !== 'string') reader.number(fields.Seconds, `${at}/Seconds`, 0, longestSeconds, 0);
      return { ...leaving, type: 'Wait', seconds: template('Seconds'), timestamp: template('Timestamp') };
    }
    case 'Choice':
      return { ...leaving, type: 'Choice', rules: readRules(reader, fields.Choices, at) };
    case 'Task': {
      const resource = reader.text(fields.Resource, `${at}/Resource`);
      const why = resource === '' ? null : reader.refusal(resource, fields.Arguments);
      if (why) reader.refuse(`${at}/Resource`, why);
      if (typeof fields.TimeoutSeconds !== 'string') {
        reader.number(fields.TimeoutSeconds, `${at}/TimeoutSeconds`, 1, longestSeconds, 1);
      }
      const rest = { resource, arguments: template('Arguments'), timeoutSeconds: template('TimeoutSeconds') };
      return { ...leaving, ...readHandling(reader, fields, at), ...rest, type: 'Task' };
    }
    case 'Parallel': {
      const branches = reader.list(fields.Branches, `${at}/Branches`).map((each, n) => {
        const path = `${at}/Branches[${n}]`;
        return readBranch(reader, reader.object(each, path, 'branch'), path, language, taken);
      });
      return {
        ...leaving,
        ...readHandling(reader, fields, at),
        type: 'Parallel',
        branches,
        arguments: template('Arguments'),
      };
    }
    case 'Map': {
      const path = `${at}/ItemProcessor`;
      const inside = reader.object(fields.ItemProcessor, path, 'item processor');
      const config = `${path}/ProcessorConfig`;
      const mode =
        inside.ProcessorConfig === undefined
          ? undefined
          : reader.object(inside.ProcessorConfig, config, 'processor config').Mode;
      if ((mode ?? 'INLINE') !== 'INLINE')
        reader.refuse(`${config}/Mode`, `${JSON.stringify(mode)} is not supported, only INLINE`);
      if (typeof fields.Items === 'object' && !Array.isArray(fields.Items)) {
        reader.refuse(`${at}/Items`, 'an inline Map takes a list or an expression');
      }
      const processor = readBranch(reader, inside, path, language, taken);
      const rest = {
        items: template('Items'),
        itemSelector: template('ItemSelector'),
        maxConcurrency: template('MaxConcurrency'),
      };
      return { ...leaving, ...readHandling(reader, fields, at), ...rest, type: 'Map', processor };
    }
  }
};

const readHandling = (reader: DefinitionReader, fields: JsonObject, at: string) => ({
  retry: readRetry(reader, fields.Retry, `${at}/Retry`),
  catch: readCatch(reader, fields.Catch, at),
});

const readNext = (reader: DefinitionReader, fields: JsonObject, at: string): string | null => {
  if (fields.Type === 'Choice') {
    return fields.Default === undefined ? null : reader.text(fields.Default, `${at}/Default`);
  }
  if (fields.End !== undefined && typeof fields.End !== 'boolean') reader.refuse(`${at}/End`, 'expected true or false');
  if ((fields.End === true) === (fields.Next !== undefined)) {
    reader.refuse(at, 'a state has exactly one of Next and "End": true');
  }
  return fields.Next === undefined ? null : reader.text(fields.Next, `${at}/Next`);
};

const readRules = (reader: DefinitionReader, value: Json | undefined, base: string): ChoiceRule[] =>
  reader.list(value, `${base}/Choices`).map((each, n) => {
    const field = `Choices[${n}]`;
    const rule = reader.object(each, `${base}/${field}`, 'choice rule');
    const written = rule.Condition;
    const condition = reader.template(written, base, `${field}/Condition`);
    if (typeof written !== 'boolean' && condition?.kind !== 'expression') {
      reader.refuse(`${base}/${field}/Condition`, 'expected an expression between {% and %}');
    }
    return {
      condition: condition ?? { kind: 'value', value: false },
      next: reader.text(rule.Next, `${base}/${field}/Next`),
      assign: readAssign(reader, rule.Assign, base, `${field}/Assign`),
      output: reader.template(rule.Output, base, `${field}/Output`),
    };
  });
