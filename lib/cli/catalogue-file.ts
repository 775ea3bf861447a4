import { readFileSync } from 'node:fs';
import { type Catalogue, catalogueSchema } from '../analysis/index.ts';
import { LockkeeperError } from '../errors/index.ts';
import { canonicalText } from '../migration/index.ts';

/** Reads what `lockkeeper catalog` has written; `path` from the working directory. @throws LockkeeperError `CatalogueInvalid` */
export const readCatalogueFile = (path: string): Catalogue => {
  const refuse = (found: string, cause: unknown): LockkeeperError =>
    new LockkeeperError('CatalogueInvalid', `${path}: ${found}`, { cause, details: { file: path } });
  let found: unknown;
  try {
    found = JSON.parse(canonicalText(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw refuse(cause instanceof SyntaxError ? 'not JSON' : 'cannot be read', cause);
  }
  const parsed = catalogueSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'no catalogue'}`, parsed.error);
};
