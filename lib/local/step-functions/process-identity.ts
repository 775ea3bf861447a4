import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, so that a later one with the same number is told from it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the system's own words; null where that cannot be told. */
  readonly started: string | null;
}

/** Field 22 of `/proc/<pid>/stat` (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html); elsewhere what `ps` says. */
const startOf = (pid: number): string | null => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // the command's name stands in parentheses and may hold spaces
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
    }
    if (process.platform === 'win32') return null;
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
    return text.trim() || null;
  } catch {
    return null;
  }
};

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

export const ownProcess = (): ProcessIdentity => ({ pid: process.pid, started: startOf(process.pid) });

export const isAlive = ({ pid, started }: ProcessIdentity): boolean =>
  exists(pid) && (started === null || startOf(pid) === started);
