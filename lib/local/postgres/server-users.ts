import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive } from './process-identity.ts';

/** Who uses the server of a directory. Call it with the mutex held. */
export interface ServerUsers {
  /** Enters this process once more; returns the name to leave by. */
  enter(): string;
  leave(name: string): void;
  /** Users whose process lives; the others are struck off. */
  living(): string[];
}

let entered = 0;

export const serverUsers = (directory: string): ServerUsers => ({
  enter() {
    mkdirSync(directory, { recursive: true });
    entered += 1;
    const name = `${identityOf(process.pid) ?? process.pid}.${entered}`;
    writeFileSync(join(directory, name), '');
    return name;
  },
  leave: (name) => rmSync(join(directory, name), { force: true }),
  living: () =>
    namesIn(directory).filter((name) => {
      const lives = isAlive(name.slice(0, name.indexOf('.')));
      if (!lives) rmSync(join(directory, name), { force: true });
      return lives;
    }),
});

const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);
