import { sqlstateOf } from './ledger-errors.ts';

/** What was found of the service in front of a database: a name of `docs/assumptions.md`, and whether what we believe of it holds; null when that could not be told. */
export interface Finding {
  readonly name: string;
  readonly holds: boolean | null;
  readonly found: string;
}

/** A procedure's COMMIT was refused (invalid_transaction_termination): nothing of the call remains. */
const commitRefused = '2D000';

const refusedCommit: Finding = {
  name: 'commit-inside-call',
  holds: false,
  found: 'a run met 2D000: invalid transaction termination',
};
const missingRow: Finding = { name: 'inout-row', holds: false, found: 'a run got no row back from a CALL' };

/**
 * Which routines write to the ledger: procedures, which commit inside one CALL for many steps, or, where the service in front of the database lets them
 * not commit or keeps back their INOUT row, functions, with a call for each step. What a call finds is remembered in the ledger, and reads tell it.
 */
export class Routines {
  #kind: 'procedures' | 'functions' = 'procedures';
  readonly #remember: (findings: readonly Finding[]) => Promise<void>;

  constructor(remember: (findings: readonly Finding[]) => Promise<void>) {
    this.#remember = remember;
  }

  are(kind: 'procedures' | 'functions'): void {
    this.#kind = kind;
  }

  /**
   * What `byProcedure` answers, or `byFunction` where that cannot be had. A CALL without a row back has run: the function then answers for it,
   * since every writing routine may be called again.
   */
  async call<T>(byProcedure: () => Promise<T | null>, byFunction: () => Promise<T>): Promise<T> {
    if (this.#kind === 'functions') return byFunction();
    let finding = missingRow;
    try {
      const answer = await byProcedure();
      if (answer !== null) return answer;
    } catch (error) {
      if (sqlstateOf(error) !== commitRefused) throw error;
      finding = refusedCommit;
    }
    this.#kind = 'functions';
    await this.#remember([finding]);
    return byFunction();
  }
}
