import type { LockkeeperError } from '../errors/index.ts';
import type { Diagnostic } from './report.ts';

/** A message without the place in front and the excerpt behind, which the details hold as well. */
const bareMessage = ({ message, details: { file, line, column, excerpt } }: LockkeeperError): string => {
  const place = `${[file, line, column].filter((part) => part !== undefined).join(':')}: `;
  const text = message.startsWith(place) ? message.slice(place.length) : message;
  return typeof excerpt === 'string' ? text.replace(`\n${excerpt}`, '') : text;
};

/** An error of the files as a diagnostic of the file that it names. */
export const diagnosticOfError = (error: LockkeeperError, severity: Diagnostic['severity'] = 'error'): Diagnostic => {
  const { line, column } = error.details;
  return {
    rule: error.code,
    severity,
    line: typeof line === 'number' ? line : 1,
    column: typeof column === 'number' ? column : 1,
    message: bareMessage(error),
    remedy: error.facts.remedy,
  };
};
