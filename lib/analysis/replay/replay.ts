import { LockkeeperError } from '../../errors/index.ts';
import type { Section } from '../../migration/index.ts';
import { RunningSchema } from '../schema/running-schema.ts';
import { splitSection } from '../split.ts';
import { replaySection } from './replay-section.ts';
import type { Script } from './script.ts';
import type { KnownStatement, SectionAt, Visit } from './statement-at.ts';

const replayOne = (
  script: Script,
  name: SectionAt['name'],
  section: Section,
  schema: RunningSchema,
  visit: Visit,
): readonly KnownStatement[] | LockkeeperError => {
  const statements = splitSection(script.file, section);
  if (statements instanceof LockkeeperError) return statements;
  return replaySection({ script, name, transactional: section.transactional, statements }, schema, visit);
};

/**
 * Replays scripts in order, up then down; a down is taken back before the next script. Nothing is refused here. Answers the
 * syntax errors: a section that cannot be parsed is left out.
 */
export const replay = (
  scripts: Iterable<Script>,
  visit: Visit,
  schema: RunningSchema = new RunningSchema(),
): readonly LockkeeperError[] => {
  const findings: LockkeeperError[] = [];
  const run = (script: Script, name: SectionAt['name'], section: Section): readonly KnownStatement[] => {
    const known = replayOne(script, name, section, schema, visit);
    if (!(known instanceof LockkeeperError)) return known;
    findings.push(known);
    return [];
  };
  for (const script of scripts) {
    // bare files are run by one client
    schema.beginUp(script.up.transactional || script.version === null, script.version !== null);
    const up = run(script, 'up', script.up);
    if (script.down !== null) {
      const mark = schema.beginDown(
        script.down.transactional,
        up.some(({ facts }) => facts.lossOf === 'old'),
      );
      run(script, 'down', script.down);
      schema.takeBack(mark);
    }
    schema.settle();
  }
  return findings;
};
