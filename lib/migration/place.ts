import { type ErrorCode, type Json, LockkeeperError, LockkeeperErrors, type Place } from '../errors/index.ts';

/** An error at a place in a file: the message begins `file:line:column: `, the details hold the same. */
export const errorAt = (
  code: ErrorCode,
  place: Place,
  message: string,
  details: { readonly [key: string]: Json | undefined } = {},
): LockkeeperError => {
  const where = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  return new LockkeeperError(code, `${where}: ${message}`, { details: { ...place, ...details } });
};

const byPlace = (a: LockkeeperError, b: LockkeeperError): number => {
  const [fileA, fileB] = [String(a.details['file'] ?? ''), String(b.details['file'] ?? '')];
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return Number(a.details['line'] ?? 0) - Number(b.details['line'] ?? 0);
};

/** @throws LockkeeperErrors with all findings in the order of files and lines, when there are any. */
export const throwFindings = (findings: readonly LockkeeperError[]): void => {
  const [first, ...rest] = findings.toSorted(byPlace);
  if (first !== undefined) throw rest.length === 0 ? first : new LockkeeperErrors([first, ...rest]);
};
