import { LockkeeperError, LockkeeperErrors } from '../errors/index.ts';

/** An error as it crosses from a worker. */
export interface TransferredError {
  readonly code: LockkeeperError['code'];
  readonly message: string;
  readonly details: LockkeeperError['details'];
  /** Empty unless several were thrown together. */
  readonly findings: readonly TransferredError[];
}

export const packError = (error: unknown): TransferredError => {
  if (!(error instanceof LockkeeperError))
    return {
      code: 'Unexpected',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      details: {},
      findings: [],
    };
  const findings = error instanceof LockkeeperErrors ? error.findings.map(packError) : [];
  return { code: error.code, message: error.message, details: error.details, findings };
};

export const unpackError = ({ code, message, details, findings }: TransferredError): LockkeeperError => {
  const [first, ...rest] = findings.map(unpackError);
  return first === undefined ? new LockkeeperError(code, message, { details }) : new LockkeeperErrors([first, ...rest]);
};
