import { z } from 'zod';
import { invalidParameter } from './rds-fault.ts';

const filterSchema = z.strictObject({ Name: z.string(), Values: z.array(z.string()) });

/** An empty list travels as an empty string. */
export const listOf = <S extends z.ZodType>(member: S) =>
  z.union([z.array(member), z.literal('').transform((): z.infer<S>[] => [])]).default([]);

/** What all Describe calls take. */
export const describing = {
  Filters: listOf(filterSchema),
  MaxRecords: z.coerce.number().int().min(20).max(100).default(100),
  Marker: z.string().optional(),
};

/** Items that each filter lets through. @throws RdsFault `InvalidParameterValue` for a filter that `valueOf` does not know */
export const filtered = <T>(
  items: readonly T[],
  filters: readonly z.infer<typeof filterSchema>[],
  valueOf: Readonly<Record<string, (item: T) => readonly string[]>>,
): T[] =>
  items.filter((item) =>
    filters.every(({ Name, Values }) => {
      const values = valueOf[Name];
      if (values === undefined) throw invalidParameter(`Unrecognized filter name: ${Name}`);
      return values(item).some((value) => Values.includes(value));
    }),
  );

/** The page after `marker`, which is the key of the item before it. */
export const paged = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxRecords, Marker }: { MaxRecords: number; Marker?: string | undefined },
): { page: T[]; marker: string | undefined } => {
  const after = Marker === undefined ? items : items.filter((item) => keyOf(item) > Marker);
  const page = after.slice(0, MaxRecords);
  const last = page.at(-1);
  return { page, marker: after.length > page.length && last !== undefined ? keyOf(last) : undefined };
};
