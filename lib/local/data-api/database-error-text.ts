import { DatabaseError } from 'pg';
import { databaseError, opaque, type ServiceError, validation, writerMissing } from './service-error.ts';
import { ConnectionLost } from './statement.ts';

/** PostgreSQL's error flattened as the service does: https://github.com/tmokmss/aurora-data-api-proxy/blob/main/src/dataapi.rs */
const flattened = (error: DatabaseError): string =>
  [
    `${error.severity ?? 'ERROR'}: ${error.message}`,
    ...(error.detail ? [`Detail: ${error.detail}`] : []),
    ...(error.hint ? [`Hint: ${error.hint}`] : []),
    ...(error.where ? [`Where: ${error.where}`] : []),
    ...(error.position ? [`Position: ${error.position}`] : []),
    `SQLState: ${error.code}`,
  ].join('; ');

/** The service's answer to what went wrong while a statement ran. Anything else is a fault here and is thrown on. */
export const statementError = (error: unknown): ServiceError => {
  if (error instanceof ConnectionLost) return opaque();
  if (!(error instanceof DatabaseError)) throw error;
  // The extended protocol parses one statement at a time; PostgreSQL says so before anything runs.
  if (error.code === '42601' && error.message.includes('multiple commands into a prepared statement'))
    return validation("Multistatements aren't supported.");
  return databaseError(flattened(error));
};

/** The service's answer when no session could be had: PostgreSQL refused it, or nobody is there. */
export const connectError = (error: unknown): ServiceError =>
  error instanceof DatabaseError && !error.code?.startsWith('57P') ? databaseError(flattened(error)) : writerMissing();
