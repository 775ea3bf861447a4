import type { Json } from '../../errors/index.ts';
import { type DefinitionReader, isObject } from './definition-reader.ts';
import type { Template } from './template.ts';

/** Up to 80 characters, a Unicode identifier (https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html). */
const variableName = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

/** An `Assign`: an object whose keys are names of variables. */
export const readAssign = (
  reader: DefinitionReader,
  value: Json | undefined,
  base: string,
  field: string,
): Template | null => {
  if (value === undefined) return null;
  if (!isObject(value)) {
    reader.refuse(`${base}/${field}`, 'expected an object of variables');
    return null;
  }
  for (const name of Object.keys(value)) {
    if (name === 'states') reader.refuse(`${base}/${field}/${name}`, 'the variable $states is reserved');
    else if (!variableName.test(name)) reader.refuse(`${base}/${field}/${name}`, 'is not the name of a variable');
  }
  return reader.template(value, base, field);
};

/** The names of the variables that an `Assign` sets. */
export const assignedNames = (template: Template | null): readonly string[] =>
  template?.kind === 'object' ? template.fields.map(([name]) => name) : [];
