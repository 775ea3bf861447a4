import type { Json } from '../../errors/index.ts';
import type { Definition } from './definition.ts';
import { DefinitionReader } from './definition-reader.ts';
import { longestSeconds } from './read-handling.ts';
import { readBranch } from './read-states.ts';
import { resourceRefusal } from './resource.ts';
import { checkScopes } from './scope-check.ts';
import { substitute } from './substitutions.ts';
import type { TaskRunner } from './task-runner.ts';

export interface ReadOptions {
  /** What stands for `${Name}` in the definition's strings. */
  readonly substitutions?: Readonly<Record<string, string>>;
  /** Asked whether it can run each Task, when given. */
  readonly tasks?: TaskRunner;
}

/**
 * Reads a state machine, whole, before any of it runs. `json` is the definition's text or the parsed value.
 * @throws LockkeeperErrors `DefinitionUnsupported`, one finding for each thing that the interpreter does not know or that leads nowhere
 */
export const readDefinition = (json: string | Json, options: ReadOptions = {}): Definition => {
  const reader = new DefinitionReader((resource, taskArguments) => {
    return resourceRefusal(resource) ?? options.tasks?.refusal?.(resource, taskArguments) ?? null;
  });
  const whole = substitute(parse(json, reader), options.substitutions ?? {}, (name, path) =>
    reader.refuse(path, `there is no value for \${${name}}`),
  );
  reader.end();
  const fields = reader.object(whole, '', 'machine');
  const language = fields.QueryLanguage ?? 'JSONPath';
  if (language !== 'JSONata' && language !== 'JSONPath') {
    reader.refuse('/QueryLanguage', `${JSON.stringify(language)} is not supported, only JSONata`);
  }
  if (fields.Version !== undefined && fields.Version !== '1.0') {
    reader.refuse('/Version', `expected "1.0", found ${JSON.stringify(fields.Version)}`);
  }
  const timeoutSeconds =
    fields.TimeoutSeconds === undefined
      ? null
      : reader.number(fields.TimeoutSeconds, '/TimeoutSeconds', 1, longestSeconds, 1);
  const branch = readBranch(reader, fields, '', language === 'JSONata' ? 'JSONata' : 'JSONPath', new Set());
  checkScopes(branch, '', new Set(), (path, why) => reader.refuse(path, why));
  reader.end();
  return { ...branch, timeoutSeconds, text: JSON.stringify(whole) };
};

const parse = (json: string | Json, reader: DefinitionReader): Json => {
  if (typeof json !== 'string') return json;
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    reader.refuse('/', `is not JSON: ${(error as Error).message}`);
    return null;
  }
};
