import { z } from 'zod';
import type { LockkeeperError } from '../errors/index.ts';
import {
  canonicalText,
  errorAt,
  lineIndexOf,
  type RunSettings,
  runSettingsSchema,
  throwFindings,
} from '../migration/index.ts';
import { jsonErrorAt } from './json-place.ts';

/** Name of the settings file at the root of a project. */
export const projectFile = 'lockkeeper.json';

const stripDefault = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;

/** The settings without their defaults: a stage names only what differs. */
const stageSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(runSettingsSchema.shape).map(([key, field]) => [key, stripDefault(field).optional()]),
  ),
);

/** `lockkeeper.json`: settings for all stages, and what differs per stage. */
export const projectFileSchema = z.strictObject({
  $schema: z.string().optional(),
  migrations: z.string().min(1).default('migrations').describe('Directory of the migrations, relative to this file.'),
  rules: z
    .record(z.string(), z.enum(['error', 'warning', 'notice', 'off']))
    .default({})
    .describe("Severity of a rule of the check, by its id, where it is not the rule's own."),
  ...stageSchema.shape,
  stages: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/), stageSchema)
    .default({})
    .describe('What differs per stage, by its name.'),
});

export interface ProjectFile {
  readonly migrations: string;
  readonly settings: RunSettings;
  /** Severity by rule. */
  readonly rules: Readonly<Record<string, 'error' | 'warning' | 'notice' | 'off'>>;
  /** Names of the stages, in the order of the file. */
  readonly stages: readonly string[];
}

const findingsOf = (error: z.ZodError, keys: readonly string[]): LockkeeperError[] =>
  error.issues.flatMap((issue) => {
    const where = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys')
      return [
        errorAt(
          'SettingsInvalid',
          { file: projectFile },
          `${where === '' ? 'the file' : where}: ${issue.message.replace(/^./, (first) => first.toLowerCase())}`,
        ),
      ];
    return issue.keys.map((key) =>
      errorAt(
        'SettingsInvalid',
        { file: projectFile },
        `unknown key ${where === '' ? '' : `${where}.`}${key}, known are: ${keys.join(', ')}`,
      ),
    );
  });

const readJson = (text: string): unknown => {
  const canonical = canonicalText(text);
  const wrong = jsonErrorAt(canonical);
  if (wrong === null) return JSON.parse(canonical);
  const place = { file: projectFile, ...lineIndexOf(canonical).placeOf(wrong.index) };
  throw errorAt('SettingsInvalid', place, `not JSON, expected ${wrong.expected}`);
};

/**
 * The settings for a stage from the text of `lockkeeper.json`; null text means an absent file: the defaults.
 * @throws LockkeeperError `SettingsInvalid`
 */
export const readProjectFile = (text: string | null, stage?: string): ProjectFile => {
  const parsed = projectFileSchema.safeParse(text === null ? {} : readJson(text));
  if (!parsed.success) throwFindings(findingsOf(parsed.error, Object.keys(projectFileSchema.shape)));
  const { $schema: _, migrations, rules, stages, ...flat } = parsed.data ?? { migrations: '', rules: {}, stages: {} };
  if (stage !== undefined && !Object.hasOwn(stages, stage))
    throw errorAt(
      'SettingsInvalid',
      { file: projectFile },
      `no stage ${JSON.stringify(stage)}, found: ${Object.keys(stages).join(', ') || 'none'}`,
    );
  const settings = runSettingsSchema.parse({ ...flat, ...(stage === undefined ? {} : stages[stage]) });
  return { migrations, settings, rules, stages: Object.keys(stages) };
};
