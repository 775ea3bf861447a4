import { writeFileSync } from 'node:fs';
import { errorPage } from './error-page.ts';
import { runPicture } from './run-picture.ts';

/** Writes the pages that are made from code: `npm run pages`. Tests hold them to it. */
const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('errors.md', docs), errorPage());
writeFileSync(new URL('migrate.svg', docs), await runPicture());
