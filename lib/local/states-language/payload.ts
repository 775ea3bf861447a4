import type { Json } from '../../errors/index.ts';
import { StatesError } from './states-error.ts';

/** Input or output of a state or task, in bytes of UTF-8 (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). */
export const payloadLimitBytes = 262_144;

/** The value as JSON text. @throws StatesError `States.DataLimitExceeded` */
export const payload = (value: Json, what: string): string => {
  const text = JSON.stringify(value);
  const bytes = text.length * 3 <= payloadLimitBytes ? 0 : Buffer.byteLength(text);
  if (bytes > payloadLimitBytes) {
    throw new StatesError(
      'States.DataLimitExceeded',
      `${what} returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
  }
  return text;
};
