import { createHash } from 'node:crypto';

/** SHA-256 of a text as UTF-8, 64 hex digits. */
export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** The chain before the first migration. */
export const emptyChain = '0'.repeat(64);

/**
 * A file's text as it is checksummed, parsed and stored: line ends are LF, a byte order mark is dropped.
 * Neither depends on the author's editor or on `core.autocrlf`.
 */
export const canonicalText = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');

/** The chain after a migration: covers its name, its text and all migrations before it. */
export const chainAfter = (previous: string, file: string, checksum: string): string =>
  sha256(`${previous}\n${file}\n${checksum}\n`);
