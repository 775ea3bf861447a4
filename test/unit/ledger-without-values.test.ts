import { expect, test } from 'vitest';
import { withoutValues } from '../../lib/ledger/without-values.ts';
import { messageCases } from '../support/message-cases.ts';

test.for(messageCases)('%s: %s is told without its values', ([sqlstate, message, told]) => {
  expect(withoutValues(sqlstate, message)).toBe(told);
});
