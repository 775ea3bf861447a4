import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CorpusName } from './corpora.ts';

/** What PostgreSQL 15 and pg_dump made of a pair on empty tables, found by another hand. */
interface Judged {
  readonly id: string;
  readonly down_empty?: boolean;
  readonly down?: boolean;
  readonly restored_exact?: boolean;
  readonly restored_modulo_order?: boolean;
  readonly reup?: boolean;
  readonly reup_same?: boolean;
}

/** `restores`, `does not restore`, or `no down`. */
export type Judgement = 'restores' | 'does not restore' | 'no down';

const judgementOf = ({ down_empty, down, restored_modulo_order, reup, reup_same }: Judged): Judgement => {
  if (down_empty !== false || down === undefined) return 'no down';
  return down && restored_modulo_order === true && reup === true && reup_same === true
    ? 'restores'
    : 'does not restore';
};

const directory = resolve(import.meta.dirname, '../../../shared/corpora');

/** The judgements of a corpus, in the order of its files. */
export const judgementsOf = (name: CorpusName): readonly Judgement[] => {
  const path = resolve(directory, `${name}.roundtrip.json`);
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as Judged[]).map(judgementOf);
};
