/** A Task's `Resource`, taken apart: in a history `resourceType` and `resource` are its names. */
export type Resource =
  | { readonly kind: 'function'; readonly arn: string; readonly region: string }
  | { readonly kind: 'integration'; readonly resourceType: string; readonly resource: string };

const integration = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:(lambda|aws-sdk:[a-z0-9]+):([A-Za-z0-9]+)$/;
const lambdaFunction = /^arn:aws[a-z-]*:lambda:([a-z0-9-]+):\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?$/;

/** The parts of a resource; null when it is of a kind that is not imitated. */
export const readResource = (resource: string): Resource | null => {
  const region = lambdaFunction.exec(resource)?.[1];
  if (region !== undefined) return { kind: 'function', arn: resource, region };
  const [, resourceType, name] = integration.exec(resource) ?? [];
  if (resourceType === undefined || name === undefined) return null;
  if (resourceType === 'lambda' && name !== 'invoke') return null;
  return { kind: 'integration', resourceType, resource: name };
};

/** Why a Task cannot have this resource; null when it can. */
export const resourceRefusal = (resource: string): string | null => {
  if (readResource(resource)) return null;
  const pattern = /\.(sync(:2)?|waitForTaskToken)$/.exec(resource)?.[1];
  const why = pattern
    ? `the pattern .${pattern} is not imitated`
    : 'expected lambda:invoke, a function, or aws-sdk:service:action';
  return `the resource ${JSON.stringify(resource)} is not supported, ${why}`;
};
