import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * `<pid>-<start>`: names one process for good, so that a number given to another process later is not taken for it.
 * Undefined when no such process lives; a zombie does not.
 * Linux: clock ticks since boot, field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
 */
export const identityOf = (pid: number): string | undefined => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
};

/** Holds while the very process lives that `identity` was taken of. */
export const isAlive = (identity: string): boolean =>
  identityOf(Number(identity.slice(0, identity.indexOf('-')))) === identity;

const fromProc = (pid: number): string | undefined => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid}-${fields[19]}`;
};

const fromPs = (pid: number): string | undefined => {
  try {
    const said = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state = '', ...started] = said.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : `${pid}-${started.join('').replaceAll(':', '')}`;
  } catch {
    return undefined;
  }
};
