import { bareScript, type Lock, loadParser, replay } from '../lib/analysis/index.ts';
import { type Example, type Rule, type RuleGroup, rules } from '../lib/rules/index.ts';

const groups: Readonly<Record<RuleGroup, string>> = {
  locks: 'Locks that make others wait',
  compatibility: 'Code that still runs on the old schema',
  loss: 'Data that goes',
  discipline: 'How a migration is written',
  types: 'Types that are regretted later',
};

const made = '(made by `npm run pages` from the rule itself)';

/** The locks of each statement of an example's up, as the analysis claims them. */
const locksOf = ({ before, up, file, transaction = true }: Example): { kind: string; locks: readonly Lock[] }[] => {
  const found: { kind: string; locks: readonly Lock[] }[] = [];
  const judged = { ...bareScript(file ?? 'up.sql', up, transaction), version: file?.slice(0, 14) ?? null };
  replay([bareScript('before.sql', before, true), judged], ({ section, facts }) => {
    if (section.script === judged) found.push({ kind: facts.kind, locks: facts.locks });
  });
  return found;
};

const nameOf = ({ object: { schema, name } }: Lock): string => (schema === null ? name : `${schema}.${name}`);

const lockRows = (which: string, example: Example): string[] =>
  locksOf(example).flatMap(({ kind, locks }) =>
    locks.map((lock) => `| ${which} | ${kind} | \`${nameOf(lock)}\` | ${lock.mode} | ${lock.duration} |`),
  );

const exampleText = ({ before, up, file, transaction = true }: Example): string =>
  [
    ...(file === undefined ? [] : [`-- ${file}`]),
    ...(before === '' ? [] : ['-- in an earlier migration', before, '']),
    ...(transaction ? [] : ['-- migrate:up transaction:false']),
    up,
  ].join('\n');

const sql = (examples: readonly Example[]): string =>
  examples.map((example) => `\`\`\`sql\n${exampleText(example)}\n\`\`\``).join('\n\n');

const sections = (rule: Rule): string =>
  rule.sections.length === 2 ? 'ups and downs' : rule.sections[0] === 'up' ? 'ups' : 'downs';

/** docs/rules/<id>.md. `loadParser()` has to have been awaited. */
export const rulePage = (rule: Rule): string => {
  const rows = [
    ...rule.bad.flatMap((example, at) => lockRows(`found ${at + 1}`, example)),
    ...rule.good.flatMap((example, at) => lockRows(`left alone ${at + 1}`, example)),
  ];
  const table =
    rows.length === 0
      ? ''
      : `\n## Locks\n\nOn what others can see, as the analysis claims them; the examples are numbered in their order.\n\n| example | statement | relation | lock | meanwhile |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
  return `# ${rule.id}

${rule.title.slice(0, 1).toUpperCase()}${rule.title.slice(1)}. Severity: **${rule.severity}**; asked about ${sections(rule)}.

${rule.effect}

**Instead:** ${rule.instead}

## Found

${sql(rule.bad)}

## Left alone

${sql(rule.good)}
${table}
## To silence it

Before the statement, with the reason: \`-- lockkeeper:allow ${rule.id} <reason>\`. For the whole project, in \`lockkeeper.json\`: \`"rules": { "${rule.id}": "off" }\`.

Source: <${rule.source}> · [all rules](README.md) ${made}
`;
};

/** docs/rules/README.md: all rules by group. */
export const ruleIndexPage = (): string => {
  const sectionsOfPage = (Object.entries(groups) as [RuleGroup, string][]).map(([group, heading]) => {
    const rows = rules
      .filter((rule) => rule.group === group)
      .map(({ id, severity, title }) => `| [\`${id}\`](${id}.md) | ${severity} | ${title} |`);
    return `## ${heading}\n\n| rule | severity | finds |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Rules

What \`lockkeeper check\` looks for ${made}. An \`error\` makes it end with exit code 5, a \`warning\` is shown, a \`notice\` is advice, \`off\` is not asked.
Severity is set by rule in \`lockkeeper.json\`; one statement is excused by \`-- lockkeeper:allow <rule> <reason>\` before it. A reason is asked for, and an allow that silences nothing is an error.

${sectionsOfPage.join('\n')}`;
};

/** Every page by its file name. */
export const rulePages = async (): Promise<ReadonlyMap<string, string>> => {
  await loadParser();
  return new Map([['README.md', ruleIndexPage()], ...rules.map((rule) => [`${rule.id}.md`, rulePage(rule)] as const)]);
};
