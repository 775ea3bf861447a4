import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** Records in a directory, one file each: `<identifier>.json`. All on disk: other processes see them, and they outlive each. */
export interface RecordStore<R extends { readonly identifier: string }> {
  /** False when the identifier is taken. */
  add(record: R): boolean;
  find(identifier: string): R | undefined;
  /** By identifier. */
  all(): R[];
  /** Holds afterwards as a whole or not at all. Nothing happens when the record was removed meanwhile. */
  change(identifier: string, change: Partial<R>): void;
  remove(identifier: string): void;
}

let written = 0;

export const recordStore = <R extends { readonly identifier: string }>(
  directory: string,
  schema: z.ZodType<R>,
): RecordStore<R> => {
  const fileOf = (identifier: string): string => join(directory, `${identifier}.json`);
  const writeAside = (record: R): string => {
    mkdirSync(directory, { recursive: true });
    const aside = join(directory, `.${process.pid}.${(written += 1)}`);
    writeFileSync(aside, `${JSON.stringify(record, null, 2)}\n`, { flush: true });
    return aside;
  };
  const find = (identifier: string): R | undefined => {
    let text: string;
    try {
      text = readFileSync(fileOf(identifier), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return schema.parse(JSON.parse(text));
  };
  return {
    add(record) {
      const aside = writeAside(record);
      try {
        linkSync(aside, fileOf(record.identifier));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        rmSync(aside);
      }
    },
    find,
    all: () => namesIn(directory).flatMap((name) => find(name) ?? []),
    change(identifier, change) {
      const record = find(identifier);
      if (record !== undefined) renameSync(writeAside({ ...record, ...change }), fileOf(identifier));
    },
    remove: (identifier) => rmSync(fileOf(identifier), { force: true }),
  };
};

const namesIn = (directory: string): string[] => {
  mkdirSync(directory, { recursive: true });
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .toSorted();
};
