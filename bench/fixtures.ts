import { bareScript, loadParser, replay, RunningSchema, type StatementAt } from '../lib/analysis/index.ts';
import { worstLoss } from '../lib/migration/index.ts';
import { type Finding, rules } from '../lib/rules/index.ts';
import type { Bench } from './bench.ts';
import { type FixtureCase, fixtureCases } from './fixture-cases.ts';
import { fixtureLosses } from './fixture-losses.ts';

interface Judged {
  readonly id: string;
  /** Ids of our rules that spoke. */
  readonly found: readonly string[];
  readonly loss: string;
  readonly syntaxErrors: number;
}

const judge = ({ id, files, inTransaction }: FixtureCase): Judged => {
  const found: (Finding & { readonly rule: string })[] = [];
  const losses: StatementAt['facts'][] = [];
  // CONCURRENTLY cannot stand in a transaction: a tool that wraps files would leave such a file alone
  const scripts = files.map((sql, at) => bareScript(`${at + 1}.sql`, sql, inTransaction && !isAlone(sql)));
  const schema = new RunningSchema();
  const errors = replay(
    scripts,
    (at) => {
      losses.push(at.facts);
      for (const rule of rules)
        if (rule.sections.includes(at.section.name))
          found.push(...rule.ask(at).map((each) => ({ ...each, rule: rule.id })));
    },
    schema,
  );
  const left = found.filter(({ unless }) => unless?.(schema) !== true).map(({ rule }) => rule);
  return { id, found: [...new Set(left)].toSorted(), loss: worstLoss(losses), syntaxErrors: errors.length };
};

const isAlone = (sql: string): boolean => /\bconcurrently\b/i.test(sql) && !/\bbegin\b/i.test(sql);

const share = (part: number, whole: number): number => (whole === 0 ? 1 : Math.round((part / whole) * 10_000) / 10_000);

/** Public fixtures of squawk and eugene: what is found, what is accused without cause, whether the loss is right. */
export const fixtures: Bench = {
  async measure(say) {
    await loadParser();
    const cases = fixtureCases();
    if (cases === null) throw new Error('the public fixtures are not beside the checkout: ../shared/fixtures');
    const judged = cases.map((each) => ({ ...each, ...judge(each) }));
    const counted = judged.filter(({ mapping, isDangerous }) => mapping.ours.length > 0 && isDangerous !== null);
    const isFound = ({ mapping, found }: (typeof judged)[number]): boolean =>
      mapping.ours.some((id) => found.includes(id));
    const dangerous = counted.filter(({ isDangerous }) => isDangerous === true);
    const harmless = counted.filter(({ isDangerous }) => isDangerous === false);
    const missed = dangerous.filter((each) => !isFound(each));
    const accused = harmless.filter(isFound);
    const read = judged.filter(({ syntaxErrors }) => syntaxErrors === 0);
    const wrong = read.filter(({ id, loss }) => loss !== (fixtureLosses[id] ?? 'none'));
    const misses = [
      ...missed.map(
        ({ id, mapping, found }) =>
          `not found: ${id} (expected ${mapping.ours.join(' or ')}; said ${found.join(', ') || 'nothing'})`,
      ),
      ...accused.map(
        ({ id, mapping, found }) =>
          `accused: ${id} (${found.filter((each) => mapping.ours.includes(each)).join(', ')})`,
      ),
      ...wrong.map(({ id, loss }) => `loss of ${id}: ${loss}, expected ${fixtureLosses[id] ?? 'none'}`),
      ...judged.filter(({ syntaxErrors }) => syntaxErrors > 0).map(({ id }) => `not read: ${id}`),
    ];
    for (const miss of misses) say(miss);
    const figures = {
      recall: share(dangerous.length - missed.length, dangerous.length),
      falseAlarms: share(accused.length, harmless.length),
      lossRight: share(read.length - wrong.length, read.length),
      cases: judged.length,
      counted: counted.length,
      misses,
    };
    const set = judged.filter(({ mapping }) => mapping.ours.length === 0).length;
    return {
      figures,
      how: `${judged.length} public cases of squawk and eugene, each replayed as bare SQL and put to every rule; ${set} are of rules that have no counterpart here by intent (a lock timeout is always set). Loss is compared with labels made by hand.`,
      table: [
        `recall        ${figures.recall}`,
        `false alarms  ${figures.falseAlarms}`,
        `loss right    ${figures.lossRight}`,
        ...misses,
      ].join('\n'),
    };
  },
};
