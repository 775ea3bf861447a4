import { readFileSync, statSync } from 'node:fs';

/** The user that runs the server where root may not. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Undefined when the server runs as the caller. PostgreSQL refuses to run as root, so root gets the owner of the
 * data directory that is there already, or `postgres`, or `nobody`.
 */
export const serverAccount = (dataDirectory: string): ServerAccount | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return accountIn(readFileSync('/etc/passwd', 'utf8'));
};

/** The first of the known names in the text of `/etc/passwd`. */
export const accountIn = (passwd: string): ServerAccount => {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const entry = entries.find((each) => each[0] === name);
    if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  return { uid: 65534, gid: 65534 };
};

/**
 * The path under which `account` reaches its working directory. Root's directories may be closed to the account,
 * which gets there through its working directory all the same.
 */
export const reachedBy = (account: ServerAccount | undefined, workingDirectory: string): string =>
  account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : workingDirectory;
