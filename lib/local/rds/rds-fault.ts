/** An error as the service answers it; `code` is the word on the wire, which the SDK turns into its class. */
export class RdsFault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** What the stand-in does not do; no code of the service, so that nothing takes it for one. */
export const notImitated = (what: string): RdsFault =>
  new RdsFault('SdkActionUnsupported', 400, `${what} is not imitated by the local RDS`);

export const invalidParameter = (message: string): RdsFault => new RdsFault('InvalidParameterValue', 400, message);
