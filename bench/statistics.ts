/** The middle value, or the mean of the two in the middle. @throws RangeError for no values */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('a median of no values');
  return (low + high) / 2;
};

/** Rounded to `digits` after the point. */
export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
