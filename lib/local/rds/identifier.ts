import { invalidParameter } from './rds-fault.ts';

/**
 * An identifier as the service stores it, in lower case.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html
 * @throws RdsFault `InvalidParameterValue` unless it has 1 to 63 letters, digits and single hyphens, a letter first, no hyphen last
 */
export const storedIdentifier = (parameter: string, identifier: string): string => {
  if (identifier.length > 63 || !/^[a-z](-?[a-z0-9])*$/i.test(identifier)) {
    throw invalidParameter(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ` +
        'ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive hyphens; and must ' +
        'have at most 63 characters.',
    );
  }
  return identifier.toLowerCase();
};

/** The name at the end of an ARN of the given type, or the identifier itself. */
export const identifierIn = (type: string, given: string): string =>
  (given.startsWith('arn:') && given.includes(`:${type}:`)
    ? given.slice(given.lastIndexOf(':') + 1)
    : given
  ).toLowerCase();
