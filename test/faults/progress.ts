import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/project/package-root.ts';
import type { Report } from './share.ts';
import { UsageError } from './usage-error.ts';

/** What was played is worth something only for the code that played it: a hash over the house and the suite. */
const codeHash = (): string => {
  const hash = createHash('sha256');
  for (const folder of ['lib', 'test/faults']) {
    const root = join(packageRoot(), folder);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|json)$/.test(name));
    for (const name of files.toSorted()) hash.update(name).update(readFileSync(join(root, name)));
  }
  return hash.digest('hex').slice(0, 12);
};

const isReport = (value: unknown): value is Report =>
  typeof value === 'object' && value !== null && ('seed' in value || 'mutant' in value);

/** Where a full run keeps what it has played, to go on from: a report a line. */
export class Progress {
  readonly file: string;

  constructor(file: string | undefined) {
    this.file = file ?? join(tmpdir(), `lockkeeper-faults-${codeHash()}.jsonl`);
  }

  /** @throws UsageError like `read`: what holds something else is left alone */
  forget(): void {
    this.read();
    rmSync(this.file, { force: true });
  }

  /** What was played; a line that was cut off is played again, so it is taken away. @throws UsageError for a file that holds something else */
  read(): Report[] {
    if (!existsSync(this.file)) return [];
    const text = readFileSync(this.file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const reports = whole
      .split('\n')
      .filter(Boolean)
      .map((line, at) => this.#report(line, at + 1));
    if (whole.length < text.length) truncateSync(this.file, Buffer.byteLength(whole));
    return reports;
  }

  #report(line: string, number: number): Report {
    try {
      const report: unknown = JSON.parse(line);
      if (isReport(report)) return report;
    } catch {
      // said below
    }
    throw new UsageError(`${this.file}:${number} is no report of a fault run; name another file by --progress`);
  }

  add(report: Report): void {
    appendFileSync(this.file, `${JSON.stringify(report)}\n`);
  }
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** `single 812/1428, pairs 3/2000; 815 of 3428, 5.1 a second, 9 min to go`. */
export const progressLine = (
  totals: Readonly<Record<string, number>>,
  done: Readonly<Record<string, number>>,
  { ms, played }: { readonly ms: number; readonly played: number },
): string => {
  const parts = Object.entries(totals)
    .filter(([, total]) => total > 0)
    .map(([part, total]) => `${part} ${done[part] ?? 0}/${total}`);
  const rate = (played * 1000) / Math.max(1, ms);
  const left = sum(totals) - sum(done);
  const toGo =
    rate === 0 ? '?' : left / rate > 90 ? `${Math.ceil(left / rate / 60)} min` : `${Math.ceil(left / rate)} s`;
  return `${parts.join(', ')}; ${sum(done)} of ${sum(totals)}, ${rate.toFixed(1)} a second, ${toGo} to go`;
};
