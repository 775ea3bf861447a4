import { LockkeeperError } from '../errors/index.ts';
import type { Changelog } from './changelog.ts';
import { canonicalText, chainAfter, emptyChain } from './checksum.ts';
import { errorAt } from './place.ts';

/** Name of the checksum list beside the migrations. */
export const sumFile = 'lockkeeper.sum';

/**
 * The content of `lockkeeper.sum`: a header with the chain over everything, then `file chain` for each migration.
 * Two branches that both add a migration change the header differently, so git reports a conflict.
 */
export const renderSum = ({ migrations, chain }: Changelog): string =>
  [`lockkeeper-sum-1 ${chain}`, ...migrations.map((each) => `${each.file} ${each.chain}`), ''].join('\n');

interface SumLine {
  readonly file: string;
  readonly chain: string;
  readonly line: number;
}

const readLines = (text: string): { header: string; lines: SumLine[] } | LockkeeperError => {
  const rows = canonicalText(text).split('\n');
  const conflict = rows.findIndex((row) => /^(<{7}|={7}|>{7})/.test(row));
  if (conflict !== -1)
    return errorAt(
      'SumMismatch',
      { file: sumFile, line: conflict + 1 },
      'a merge conflict; put the migrations in order, then write the file anew with: lockkeeper sum',
    );
  const header = /^lockkeeper-sum-1 ([0-9a-f]{64})$/.exec(rows[0] ?? '')?.[1];
  if (header === undefined)
    return errorAt(
      'SumMismatch',
      { file: sumFile, line: 1 },
      'not a header, expected "lockkeeper-sum-1" and 64 hex digits',
    );
  const lines: SumLine[] = [];
  for (const [at, row] of rows.entries()) {
    if (at === 0 || row === '') continue;
    const match = /^(\S+) ([0-9a-f]{64})$/.exec(row);
    if (match === null)
      return errorAt('SumMismatch', { file: sumFile, line: at + 1 }, 'not a line of the form "file chain"');
    lines.push({ file: match[1] ?? '', chain: match[2] ?? '', line: at + 1 });
  }
  return { header, lines };
};

/** Compares `lockkeeper.sum` (null when absent) with the files on disk; one finding for each file that differs. */
export const verifySum = (changelog: Changelog, text: string | null): readonly LockkeeperError[] => {
  if (text === null)
    return changelog.migrations.length === 0
      ? []
      : [errorAt('SumMissing', { file: sumFile }, `absent, but there are ${changelog.migrations.length} migrations`)];
  const sum = readLines(text);
  if (sum instanceof LockkeeperError) return [sum];
  const findings: LockkeeperError[] = [];
  const onDisk = new Map(changelog.migrations.map((migration) => [migration.file, migration]));
  const listed = new Set<string>();
  let before = emptyChain;
  let beforeFile = '';
  for (const { file, chain, line } of sum.lines) {
    const migration = onDisk.get(file);
    const place = { file: sumFile, line };
    if (listed.has(file)) findings.push(errorAt('SumMismatch', place, `${file} is listed twice`));
    else if (migration === undefined)
      findings.push(
        errorAt('SumMismatch', place, `${file} is listed, but the file is not there: it was removed or renamed`),
      );
    else if (file < beforeFile)
      findings.push(errorAt('SumMismatch', place, `${file} stands after ${beforeFile}: the list is out of order`));
    else if (chainAfter(before, file, migration.checksum) !== chain)
      findings.push(errorAt('SumMismatch', { file }, `the file is not the one that ${sumFile} lists: it was edited`));
    listed.add(file);
    before = chain;
    beforeFile = file;
  }
  for (const { file } of changelog.migrations)
    if (!listed.has(file)) findings.push(errorAt('SumMismatch', { file }, `not listed in ${sumFile}: it was added`));
  if (findings.length === 0 && sum.header !== before)
    findings.push(errorAt('SumMismatch', { file: sumFile, line: 1 }, 'the header is not the chain of the last line'));
  return findings;
};
