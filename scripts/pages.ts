import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { projectJsonSchema } from '../lib/project/json-schema.ts';
import { errorPage } from './error-page.ts';
import { rulePages } from './rule-pages.ts';
import { runPicture } from './run-picture.ts';

/** Writes the pages that are made from code: `npm run pages`. Tests hold them to it. */
const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('errors.md', docs), errorPage());
writeFileSync(new URL('migrate.svg', docs), await runPicture());
writeFileSync(
  new URL('../lib/project/lockkeeper.schema.json', import.meta.url),
  `${JSON.stringify(projectJsonSchema(), null, 2)}\n`,
);
const ruleDirectory = new URL('rules/', docs);
rmSync(ruleDirectory, { recursive: true, force: true });
mkdirSync(ruleDirectory);
for (const [file, page] of await rulePages()) writeFileSync(new URL(file, ruleDirectory), page);
