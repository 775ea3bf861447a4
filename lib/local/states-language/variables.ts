import type { Json } from '../../errors/index.ts';
import { StatesError } from './states-error.ts';
import { payloadLimitBytes } from './payload.ts';

/** The variables of a machine or a branch; a branch sees the ones outside it as they are and sets only its own. */
export class Variables {
  readonly #own = new Map<string, Json>();
  readonly #outer: Variables | null;

  constructor(outer: Variables | null = null) {
    this.#outer = outer;
  }

  /** All that can be named, the inner before the outer. */
  visible(): Record<string, Json> {
    return { ...this.#outer?.visible(), ...Object.fromEntries(this.#own) };
  }

  /** Those that an earlier attempt had set. */
  restore(values: Readonly<Record<string, Json>>): void {
    for (const [name, value] of Object.entries(values)) this.#own.set(name, value);
  }

  /** @throws StatesError `States.DataLimitExceeded` when they hold more than one Assign may */
  assign(values: Readonly<Record<string, Json>>): void {
    if (Buffer.byteLength(JSON.stringify(values)) > payloadLimitBytes) {
      const what = `The variables ${Object.keys(values).join(', ')} exceed`;
      throw new StatesError('States.DataLimitExceeded', `${what} the maximum number of bytes service limit.`);
    }
    for (const [name, value] of Object.entries(values)) this.#own.set(name, value);
  }
}
