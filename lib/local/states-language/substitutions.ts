import type { Json } from '../../errors/index.ts';

const hole = /\$\{([A-Za-z0-9_.:-]+)\}/g;

/**
 * Puts values in place of `${Name}` in every string of a definition, as a deployment does
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html).
 * Tells `missing` of each name that has no value.
 */
export const substitute = (
  json: Json,
  substitutions: Readonly<Record<string, string>>,
  missing: (name: string, path: string) => void,
  path = '',
): Json => {
  if (typeof json === 'string') {
    return json.replaceAll(hole, (written, name: string) => {
      const value = Object.hasOwn(substitutions, name) ? substitutions[name] : undefined;
      if (value === undefined) missing(name, path);
      return value ?? written;
    });
  }
  if (Array.isArray(json)) {
    return json.map((each, at) => substitute(each as Json, substitutions, missing, `${path}[${at}]`));
  }
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [
      key,
      substitute(each as Json, substitutions, missing, `${path}/${key}`),
    ]),
  );
};
