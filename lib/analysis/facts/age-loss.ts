import type { Loss } from '../../migration/index.ts';
import type { Age } from '../schema/section-state.ts';
import type { LossOf } from './facts.ts';

export interface LossFact {
  readonly loss: Loss;
  readonly lossOf: LossOf;
}

export const noLoss: LossFact = { loss: 'none', lossOf: null };
export const recoverable: LossFact = { loss: 'recoverable', lossOf: null };

/** What losing rows or values of that age loses. */
export const lossOfAge = (age: Age): LossFact =>
  age === 'new' ? noLoss : { loss: 'data', lossOf: age === 'since' ? 'since' : 'old' };

/** The older of two ages. */
export const olderOf = (ages: readonly Age[]): Age =>
  ages.includes('old') ? 'old' : ages.includes('since') ? 'since' : 'new';

const order: readonly Loss[] = ['none', 'recoverable', 'unknown', 'data'];

/** The worst of several, old before since. */
export const worstFact = (facts: readonly LossFact[]): LossFact =>
  facts.reduce(
    (worst, each) => ({
      loss: order.indexOf(each.loss) > order.indexOf(worst.loss) ? each.loss : worst.loss,
      lossOf: worst.lossOf === 'old' || each.lossOf === 'old' ? 'old' : (worst.lossOf ?? each.lossOf),
    }),
    noLoss,
  );
