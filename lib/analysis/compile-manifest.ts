import {
  type ChainedMigration,
  type Changelog,
  errorAt,
  type Manifest,
  type ManifestMigration,
  type MigrationFacts,
  rootOf,
  type RunSettings,
  throwFindings,
} from '../migration/index.ts';
import { type Compiled, compileSection } from './compile-section.ts';
import { compileVerify } from './compile-verify.ts';
import type { KnownStatement, Visit } from './replay/statement-at.ts';
import { RunningSchema } from './schema/running-schema.ts';
import { sectionFacts } from './section-facts.ts';

/** What one migration may take of a request, which holds 4 MiB with everything around it. */
const migrationLimitBytes = 3.5 * 1024 * 1024;

/** Bytes of a JSON text inside a request: a parameter, which is a string in JSON again. */
const requestBytes = (json: string): number => new TextEncoder().encode(JSON.stringify(json)).byteLength;

/** What an up lost that was there before it. */
const isLosingOld = (known: readonly KnownStatement[]): boolean => known.some(({ facts }) => facts.lossOf === 'old');

const compileMigration = (
  migration: ChainedMigration,
  ledgerSchema: string,
  schema: RunningSchema,
  visit: Visit,
): Compiled<ManifestMigration> => {
  const { file, version, name, checksum, chain, irreversible, phase, change, flag } = migration;
  schema.beginUp(migration.up.transactional, true);
  const up = compileSection(migration, 'up', migration.up, ledgerSchema, schema, visit);
  const verify = compileVerify(file, migration.verify, ledgerSchema, schema);
  const mark = schema.beginDown(migration.down?.transactional ?? true, isLosingOld(up.known));
  const down =
    migration.down === null ? null : compileSection(migration, 'down', migration.down, ledgerSchema, schema, visit);
  schema.takeBack(mark);
  schema.settle();
  const findings = [...up.findings, ...(down?.findings ?? []), ...verify.findings];
  const value: ManifestMigration = {
    version,
    name,
    file,
    checksum,
    chain,
    up: up.value,
    down: down?.value ?? null,
    irreversible,
    verify: verify.value,
    phase,
    change,
    flag,
  };
  const json = JSON.stringify(value);
  // quoting doubles a character at most, and one takes three bytes at most: few texts have to be measured
  const bytes = json.length * 6 + 2 <= migrationLimitBytes ? 0 : requestBytes(json);
  if (bytes > migrationLimitBytes)
    findings.push(
      errorAt(
        'MigrationTooLarge',
        { file },
        `takes ${bytes} bytes of a request, at most ${migrationLimitBytes} are allowed`,
      ),
    );
  const facts: MigrationFacts = {
    format: 1,
    up: sectionFacts(up.known),
    down: down === null ? null : sectionFacts(down.known),
  };
  return { value: { ...value, facts }, findings };
};

/**
 * Everything a run needs, from parsed files; `visit` is asked about each statement as it is replayed, `before` is
 * called with the schema before each migration. `loadParser()` has to
 * have been awaited.
 * @throws LockkeeperErrors with all findings of all migrations: `SqlSyntaxInvalid`, `StatementRefused`, `StatementTooLarge`,
 * `VerifyInvalid`, `MigrationTooLarge`
 */
export const compileManifest = (
  changelog: Changelog,
  settings: RunSettings,
  visit: Visit = () => {},
  schema: RunningSchema = new RunningSchema(),
  before: (migration: ChainedMigration, schema: RunningSchema) => void = () => {},
): Manifest => {
  const compiled = changelog.migrations.map((migration) => {
    before(migration, schema);
    return compileMigration(migration, settings.ledgerSchema, schema, visit);
  });
  throwFindings(compiled.flatMap(({ findings }) => findings));
  return {
    format: 1,
    root: rootOf(settings, changelog.chain),
    settings,
    migrations: compiled.map(({ value }) => value),
  };
};
