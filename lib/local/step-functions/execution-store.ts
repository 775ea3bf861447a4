import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../../errors/index.ts';
import { asOfNow, type ExecutionRecord } from './execution-record.ts';

/** Executions that are kept of one machine. */
const keptExecutions = 100;

/** Executions on disk: for each a record, and its history with one event a line. Several processes share the directory. */
export class ExecutionStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = join(directory, 'executions');
  }

  /** Keeps a new one; the one of this name when it is there already. */
  create(machine: string, record: ExecutionRecord): ExecutionRecord | null {
    const path = this.#path(machine, record.name, 'json');
    const isNew = onDisk(() => {
      mkdirSync(dirname(path), { recursive: true });
      return writeNew(path, JSON.stringify(record));
    });
    if (!isNew) return this.read(machine, record.name);
    this.#prune(machine);
    return null;
  }

  replace(machine: string, record: ExecutionRecord): void {
    const path = this.#path(machine, record.name, 'json');
    onDisk(() => {
      writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    });
  }

  append(machine: string, name: string, event: HistoryEvent): void {
    const path = this.#path(machine, name, 'events');
    onDisk(() => appendFileSync(path, `${JSON.stringify(event)}\n`, { mode: 0o600 }));
  }

  read(machine: string, name: string): ExecutionRecord | null {
    const path = this.#path(machine, name, 'json');
    const text = orNull(() => readFileSync(path, 'utf8'));
    if (text === null) return null;
    const touched = (): number =>
      orNull(() => statSync(this.#path(machine, name, 'events')).mtimeMs) ?? statSync(path).mtimeMs;
    return asOfNow(JSON.parse(text) as ExecutionRecord, () => Math.round(touched()));
  }

  history(machine: string, name: string): HistoryEvent[] {
    const text = orNull(() => readFileSync(this.#path(machine, name, 'events'), 'utf8')) ?? '';
    // a line that a killed process left unfinished has no end
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => {
      const event = JSON.parse(line) as HistoryEvent;
      return Object.assign(event, { timestamp: new Date(event.timestamp as unknown as string) });
    });
  }

  /** The newest first. */
  list(machine: string): ExecutionRecord[] {
    const names = orNull(() => readdirSync(join(this.#directory, encodeURIComponent(machine)))) ?? [];
    return names
      .filter((file) => file.endsWith('.json'))
      .map((file) => this.read(machine, decodeURIComponent(file.slice(0, -'.json'.length))))
      .filter((record) => record !== null)
      .toSorted((a, b) => b.startDate - a.startDate);
  }

  #prune(machine: string): void {
    for (const { name, status } of this.list(machine).slice(keptExecutions)) {
      if (status === 'RUNNING') continue;
      for (const kind of ['json', 'events'] as const) rmSync(this.#path(machine, name, kind), { force: true });
    }
  }

  #path(machine: string, name: string, kind: 'json' | 'events'): string {
    return join(this.#directory, encodeURIComponent(machine), `${encodeURIComponent(name)}.${kind}`);
  }
}

/** Writes a file whole or not at all; false when there is one already. */
const writeNew = (path: string, text: string): boolean => {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, text, { mode: 0o600 });
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own);
  }
};

/** @throws LockkeeperError `DiskFull`, `DirectoryUnusable` */
const onDisk = <Result>(write: () => Result): Result => {
  try {
    return write();
  } catch (error) {
    const { code, path = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new LockkeeperError('DiskFull', `the disk is full: ${path} cannot be written`, { cause: error });
    }
    throw new LockkeeperError('DirectoryUnusable', `${path} cannot be written: ${code}`, { cause: error });
  }
};

const orNull = <Result>(read: () => Result): Result | null => {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};
