import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorPage } from '../../scripts/error-page.ts';
import { rulePages } from '../../scripts/rule-pages.ts';
import { runPicture } from '../../scripts/run-picture.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('docs/errors.md says what the table says; write it with npm run pages', () => {
  expect(page('errors.md')).toBe(errorPage());
});

test('docs/migrate.svg shows the deployed definition; draw it with npm run pages', async () => {
  expect(page('migrate.svg')).toBe(await runPicture());
});

test('docs/rules has one page a rule, as the rule says it; write them with npm run pages', async () => {
  const pages = await rulePages();
  expect(readdirSync(new URL('../../docs/rules', import.meta.url)).toSorted()).toEqual([...pages.keys()].toSorted());
  for (const [file, text] of pages) expect(page(`rules/${file}`)).toBe(text);
});
