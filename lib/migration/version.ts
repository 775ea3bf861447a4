/** The parts of a version in the order they are written, each with its width and lowest value. */
const widths = [4, 2, 2, 2, 2, 2] as const;
const lowest = [0, 1, 1, 0, 0, 0] as const;

const partsOf = (version: string): number[] => {
  let at = 0;
  return widths.map((width) => Number(version.slice(at, (at += width))));
};

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

const highest = (parts: readonly number[]): number[] => [9999, 12, daysIn(parts[0] ?? 0, parts[1] ?? 0), 23, 59, 59];

/** Holds for 14 digits that name a second of the Gregorian calendar (UTC, no leap seconds). */
export const isVersion = (text: string): boolean => {
  if (!/^\d{14}$/.test(text)) return false;
  const parts = partsOf(text);
  const top = highest(parts);
  return parts.every((part, index) => part >= (lowest[index] ?? 0) && part <= (top[index] ?? 0));
};

/** The version one second later. */
export const nextVersion = (version: string): string => {
  const parts = partsOf(version);
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const value = parts[index] ?? 0;
    if (value < (highest(parts)[index] ?? 0)) {
      parts[index] = value + 1;
      break;
    }
    parts[index] = lowest[index] ?? 0;
  }
  return parts.map((part, index) => String(part).padStart(widths[index] ?? 2, '0')).join('');
};
