import { LockkeeperError } from '../../errors/index.ts';

/** What an error of a file operation below `directory` means; anything that is not one is given back as it is. */
export const fileFailure = (error: unknown, directory: string): unknown => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new LockkeeperError('DiskFull', `no space left for the database in ${directory}`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new LockkeeperError(
        'DirectoryUnusable',
        `${directory} cannot hold the database: ${code} at ${(error as NodeJS.ErrnoException).path ?? directory}; ` +
          'a directory that can be read and written was expected',
        { cause: error },
      );
    default:
      return error;
  }
};
