import { canonicalText } from '../../migration/index.ts';
import type { Script } from './script.ts';

/**
 * SQL without markers as a script with an up only. `assumeInTransaction`: as other tools run it, in one transaction; else
 * each statement is a transaction of its own, but for what BEGIN … COMMIT encloses.
 */
export const bareScript = (file: string, text: string, assumeInTransaction: boolean): Script => {
  const canonical = canonicalText(text);
  return {
    file,
    text: canonical,
    version: null,
    up: { text: canonical, line: 1, transactional: assumeInTransaction },
    down: null,
    verify: null,
    allows: [],
  };
};
