import { loadParser, replay, type StatementAt } from '../../lib/analysis/index.ts';
import type { Section } from '../../lib/migration/index.ts';

await loadParser();

const section = (text: string, transactional: boolean): Section => ({ text, line: 1, transactional });

/** Everything said of the statements of one migration or several: `up`, or `up` and `down` behind `-- down`. */
export const statementsAt = (...files: readonly string[]): readonly StatementAt[] => {
  const found: StatementAt[] = [];
  const findings = replay(
    files.map((text, at) => {
      const [up = '', down] = text.split('-- down');
      const alone = text.startsWith('-- alone');
      return {
        file: `${at}.sql`,
        text,
        version: `2020010100000${at}`,
        up: section(up, !alone),
        down: down === undefined ? null : section(down, true),
        verify: null,
        allows: [],
      };
    }),
    // the schema moves on, the rest stays
    (at) => found.push({ ...at, earlier: [...at.earlier] }),
  );
  if (findings[0] !== undefined) throw findings[0];
  return found;
};

/** Losses of the statements of the last file in order, `data since` where only what was written since is lost. */
export const lossesOf = (...files: readonly string[]): string =>
  statementsAt(...files)
    .filter(({ section: { script } }) => script.file === `${files.length - 1}.sql`)
    .map(({ facts: { loss, lossOf } }) => (lossOf === 'since' ? `${loss} since` : loss))
    .join(', ');
