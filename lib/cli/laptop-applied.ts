import type { Invocation } from './invocation.ts';
import { askLaptopLedger } from './laptop-ledger.ts';

/** The migrations that the laptop's database has: all entries that are not reverted. */
export const laptopApplied = async (
  invocation: Invocation,
): Promise<readonly { readonly version: string; readonly name: string }[]> => {
  const { answer } = await askLaptopLedger(invocation, (ledger) => ledger.entries());
  return (answer ?? []).filter(({ state }) => state !== 'reverted');
};
