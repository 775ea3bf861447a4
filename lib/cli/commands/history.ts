import { historyRuns } from '../history-runs.ts';
import type { Invocation } from '../invocation.ts';
import { askLaptopLedger } from '../laptop-ledger.ts';
import { done, type Outcome } from '../outcome.ts';

/** As many as the ledger gives in one answer. */
const eventsAsked = 1000;

/** The runs that the ledger of the laptop's database tells of. Reads only. */
export const history = async (limit: number, invocation: Invocation): Promise<Outcome> => {
  const { answer } = await askLaptopLedger(invocation, async (ledger) => ({
    events: await ledger.history(eventsAsked),
    entries: await ledger.entries(),
  }));
  const runs = answer === null ? [] : historyRuns(answer.events, answer.entries, limit);
  invocation.screen.line({ type: 'history', runs });
  return done(null);
};
