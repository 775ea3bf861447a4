import { createHash } from 'node:crypto';
import { LockkeeperError } from '../errors/index.ts';
import type { Database } from '../ledger/database.ts';
import type { ActionInput, ActionOutput, DoctorFinding } from './actions.ts';
import type { Ports } from './ports.ts';
import type { Answer, Probe, ProbeGround } from './probes/probe.ts';
import { probes } from './probes/probes.ts';

/** A probe's schema that is older was left behind by a call that died. */
const abandonedAfterMs = 3_600_000;

/**
 * Tries on this very database what is believed of it and of the Data API, in a schema of its own that it makes and removes, and keeps what it
 * found in the ledger. Safe to repeat.
 * @throws LockkeeperError what passes (`DatabaseResuming`, `Throttled`, …) and what keeps it from the database at all
 */
export const doctor = async (ports: Ports, { run }: ActionInput<'doctor'>): Promise<ActionOutput<'doctor'>> => {
  const { database, ledger, manifest, telemetry } = ports;
  const prefix = `${manifest.settings.ledgerSchema.slice(0, 40)}_doctor_`;
  const name = `${prefix}${createHash('sha256').update(run).digest('hex').slice(0, 10)}`;
  await sweep(ports, prefix);
  const hasSchema = await makeSchema(ports, name);
  const ground: ProbeGround = { database, ledger, schema: `"${name}"` };
  const findings: DoctorFinding[] = [];
  let leftBehind = false;
  try {
    for (const probe of probes) findings.push(await finding(probe, ground, hasSchema));
  } finally {
    leftBehind = hasSchema && !(await dropSchema(database, name));
  }
  if (findings.some((each) => each.name === 'ledger-install' && each.holds === true))
    await ledger.remember(findings.map(({ name: probe, holds, found }) => ({ name: probe, holds, found })));
  telemetry.info('probed', { run, otherwise: findings.filter(({ holds }) => holds !== true).map((each) => each.name) });
  return summary(findings, leftBehind ? name : null);
};

const finding = async (probe: Probe, ground: ProbeGround, hasSchema: boolean): Promise<DoctorFinding> => {
  const { name, tries, expected, otherwise } = probe;
  const { holds, found } =
    hasSchema || probe.anywhere === true
      ? await answer(probe, ground)
      : { holds: null, found: 'not tried: there was no schema to try it in' };
  const shown = found.slice(0, 300);
  if (holds === true) return { name, tries, expected, found: shown, holds, outcome: 'as expected', means: null };
  const outcome = holds === null ? 'not known' : otherwise.by === 'lockkeeper' ? 'worked around' : 'needs you';
  return { name, tries, expected, found: shown, holds, outcome, means: otherwise.means };
};

/** What passes is thrown, so that the whole is tried again; any other error is an answer. */
const answer = async (probe: Probe, ground: ProbeGround): Promise<Answer> => {
  try {
    return await probe.look(ground);
  } catch (error) {
    if (!(error instanceof LockkeeperError)) throw error;
    if (error.code === 'StatementTimedOut') return { holds: null, found: 'no answer within 45 s' };
    if (error.facts.retry) throw error;
    const { sqlstate } = error.details;
    return {
      holds: false,
      found: `${sqlstate === undefined ? error.code : `SQLSTATE ${String(sqlstate)}`}: ${error.message}`,
    };
  }
};

const isRefused = (error: unknown): boolean => error instanceof LockkeeperError && error.code === 'StatementFailed';

/** False when the role may not. The instant in its comment tells when it is abandoned. */
const makeSchema = async ({ database, clock }: Ports, name: string): Promise<boolean> => {
  if (!(await dropSchema(database, name))) return false;
  try {
    await database.query(`CREATE SCHEMA "${name}"`);
    await database.query(`COMMENT ON SCHEMA "${name}" IS 'lockkeeper doctor ${clock.now()}'`);
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
};

/** Without waiting long for a lock that a probe's own statement may still hold; false when it is still there. */
const dropSchema = async (database: Database, name: string): Promise<boolean> => {
  const body = `begin perform set_config('lock_timeout', '5s', true); drop schema if exists "${name}" cascade; end`;
  try {
    await database.query(`DO '${body.replaceAll("'", "''")}'`);
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
};

const sweep = async ({ database, clock }: Ports, prefix: string): Promise<void> => {
  const abandoned = await database.query(
    `SELECT CAST(n.nspname AS text) AS name FROM pg_catalog.pg_namespace n
    WHERE starts_with(CAST(n.nspname AS text), CAST(:prefix AS text))
      AND CAST(substring(obj_description(n.oid, 'pg_namespace') FROM '^lockkeeper doctor ([0-9]+)$') AS bigint) < CAST(:before AS bigint)`,
    { prefix, before: clock.now() - abandonedAfterMs },
  );
  for (const { name } of abandoned) await dropSchema(database, String(name));
};

const counted = (findings: readonly DoctorFinding[], outcome: DoctorFinding['outcome']): number =>
  findings.filter((each) => each.outcome === outcome).length;

const summary = (findings: readonly DoctorFinding[], leftBehind: string | null): ActionOutput<'doctor'> => {
  const [expected, around, needsYou, unknown] = (
    ['as expected', 'worked around', 'needs you', 'not known'] as const
  ).map((outcome) => counted(findings, outcome)) as [number, number, number, number];
  const parts = [
    `${expected} of ${findings.length} as expected`,
    ...(around > 0 ? [`${around} worked around`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
    ...(needsYou > 0 ? [`${needsYou} for you to act on`] : []),
    ...(leftBehind === null ? [] : [`schema ${leftBehind} could not be removed: drop it`]),
  ];
  const verdict = needsYou > 0 || leftBehind !== null ? 'unfit' : unknown > 0 ? 'unclear' : 'fit';
  return { verdict, message: parts.join('; '), findings: [...findings] };
};
