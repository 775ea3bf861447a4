/** An error as the service answers it: the name goes to `x-amzn-errortype`, the message to the body (null: no body). */
export class ServiceError extends Error {
  readonly status: number;
  readonly text: string | null;
  readonly dbConnectionId: number | undefined;
  constructor(name: string, status: number, text: string | null, dbConnectionId?: number) {
    super(text ?? name);
    this.name = name;
    this.status = status;
    this.text = text;
    this.dbConnectionId = dbConnectionId;
  }
}

export const validation = (text: string): ServiceError => new ServiceError('ValidationException', 400, text);
export const databaseError = (text: string): ServiceError => new ServiceError('DatabaseErrorException', 400, text);
/** What is left when the database's end of a statement was not seen. */
export const opaque = (): ServiceError => databaseError('Database returned SQL Exception');
export const writerMissing = (): ServiceError => new ServiceError('DatabaseUnavailableException', 504, null);
export const internalFailure = (): ServiceError => new ServiceError('InternalFailure', 500, null);
export const internalServerError = (): ServiceError => new ServiceError('InternalServerErrorException', 500, null);
export const unsupportedResult = (text: string): ServiceError =>
  new ServiceError('UnsupportedResultException', 400, text);
export const transactionNotFound = (id: string): ServiceError =>
  new ServiceError('TransactionNotFoundException', 404, `Transaction ${id} is not found`);
/** What the service does is not known here, so nothing is guessed. The service has no such error. */
export const notImitated = (what: string): ServiceError =>
  new ServiceError('NotImitatedException', 400, `the local Data API does not imitate ${what}`);
