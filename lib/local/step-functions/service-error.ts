/** An error that Step Functions answers, by the name that its API model gives it. */
export class ServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
