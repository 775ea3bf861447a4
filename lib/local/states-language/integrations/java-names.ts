/**
 * A member's name as the Java SDK, and so Step Functions, writes it: the capitals at its beginning become one word.
 * `DBClusterIdentifier` is `DbClusterIdentifier`; what follows stays, as in `NewDBClusterIdentifier`.
 */
export const memberName = (name: string): string => {
  const isUpper = (at: number): boolean => /[A-Z]/.test(name.charAt(at));
  const isLower = (at: number): boolean => /[a-z]/.test(name.charAt(at));
  let end = 1;
  while (isUpper(end) && !isLower(end + 1)) end += 1;
  return name.charAt(0).toUpperCase() + name.slice(1, end).toLowerCase() + name.slice(end);
};

/** A shape's name in words, each with one capital: `InvalidDBClusterState` is `InvalidDbClusterState`. */
const pascalCase = (name: string): string =>
  name
    .replaceAll(/([^a-z]{2,})v([0-9]+)/g, '$1 v$2 ')
    .replaceAll(/([^A-Z]{2,})V([0-9]+)/g, '$1 V$2 ')
    .split(/(?<=[a-z])(?=[A-Z][a-zA-Z0-9])/)
    .join(' ')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/([0-9])([a-zA-Z])/g, '$1 $2')
    .split(/\s+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('');

/** The Java SDK's class of an error: `DBClusterSnapshotAlreadyExistsFault` is `DbClusterSnapshotAlreadyExistsException`. */
export const exceptionName = (name: string): string => `${pascalCase(name.replace(/(Fault|Exception)$/, ''))}Exception`;

/** The prefix of a service's errors: `Rds` for `rds`. */
export const servicePrefix = (service: string): string =>
  ({ rdsdata: 'RdsData', secretsmanager: 'SecretsManager', cloudwatch: 'CloudWatch' })[service] ??
  service.charAt(0).toUpperCase() + service.slice(1);
