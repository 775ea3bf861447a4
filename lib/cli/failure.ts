import { LockkeeperError, LockkeeperErrors } from '../errors/index.ts';
import { exitCodes } from './exit-code.ts';
import { type Outcome, refused } from './outcome.ts';

const described = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { errors } = error as { errors?: readonly unknown[] };
  const message = error.message || (errors ?? []).map(described).join('; ');
  return `${error.name}: ${message}`;
};

const causesOf = (error: unknown): string[] => {
  const causes: string[] = [];
  for (
    let cause = (error as Error | undefined)?.cause;
    cause !== undefined && causes.length < 10;
    cause = (cause as Error).cause
  ) {
    causes.push(described(cause));
  }
  return causes;
};

const withPlace = (error: LockkeeperError): string => {
  const { excerpt } = error.details;
  return typeof excerpt === 'string' && !error.message.includes(excerpt)
    ? `${error.message}\n${excerpt}`
    : error.message;
};

/** A thrown error as the command's last word. A foreign one is a fault of ours; its stack is among the causes, for `--verbose`. */
export const outcomeOfError = (error: unknown): Outcome => {
  if (!(error instanceof LockkeeperError)) {
    const { remedy, exit } = new LockkeeperError('Unexpected', '').facts;
    const stack =
      error instanceof Error
        ? (error.stack
            ?.split('\n')
            .slice(1)
            .map((line) => line.trim()) ?? [])
        : [];
    return refused(exit, {
      code: 'Unexpected',
      happened: described(error),
      now: null,
      todo: remedy,
      causes: [...causesOf(error), ...stack],
    });
  }
  const findings = error instanceof LockkeeperErrors ? error.findings : [error];
  const remedies = [...new Set(findings.map(({ facts }) => facts.remedy))];
  return refused(error.facts.exit ?? exitCodes.refused, {
    code: error.code,
    happened: findings.map(withPlace).join('\n'),
    now: null,
    todo: remedies.join('; '),
    causes: causesOf(error),
  });
};
