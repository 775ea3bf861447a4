import { acquire } from './acquire.ts';
import { beginAlone } from './begin-alone.ts';
import { claimApply } from './claim-apply.ts';
import { claimCompletion } from './claim-completion.ts';
import { claimRevert } from './claim-revert.ts';
import { claimStatement } from './claim-statement.ts';
import { completeStep } from './complete-step.ts';
import { dropInvalid } from './drop-invalid.ts';
import { endRun } from './end-run.ts';
import { failFirstOpen } from './fail-first-open.ts';
import { holdToken } from './hold-token.ts';
import { isCallRunning } from './is-call-running.ts';
import { iso } from './iso.ts';
import { leaseJson } from './lease-json.ts';
import { readRollback } from './read-rollback.ts';
import { readStanding } from './read-standing.ts';
import { recordEvent } from './record-event.ts';
import { refuseUnfitDown } from './refuse-unfit-down.ts';
import { refuseUnfitSession } from './refuse-unfit-session.ts';
import { remember } from './remember.ts';
import { restoreSession } from './restore-session.ts';
import { rollbackEntries } from './rollback-entries.ts';
import { runSummary } from './run-summary.ts';
import { scriptHash } from './script-hash.ts';
import { snapshotFor } from './snapshot-for.ts';
import { statementDone } from './statement-done.ts';
import { tables } from './tables.ts';
import { takeOneStep } from './take-one-step.ts';
import { takeStep } from './take-step.ts';
import { takeSteps } from './take-steps.ts';
import { transact } from './transact.ts';
import { transactOnce } from './transact-once.ts';
import { turnstile } from './turnstile.ts';
import { verifyRefusal } from './verify-refusal.ts';
import { withoutValuesRoutine } from './without-values.ts';
import { writeEntry } from './write-entry.ts';

/** Version of tables and routines together; any change of their text raises it. */
export const ledgerVersion = 4;

/** SQL functions are checked when they are made, so what they call stands before them. */
const routines = (s: string): string =>
  [
    iso(s),
    scriptHash(s),
    leaseJson(s),
    holdToken(s),
    turnstile(s),
    snapshotFor(s),
    writeEntry(s),
    refuseUnfitDown(s),
    claimApply(s),
    claimRevert(s),
    claimStatement(s),
    claimCompletion(s),
    completeStep(s),
    verifyRefusal(s),
    restoreSession(s),
    withoutValuesRoutine(s),
    takeStep(s),
    takeSteps(s),
    transact(s),
    refuseUnfitSession(s),
    takeOneStep(s),
    transactOnce(s),
    remember(s),
    rollbackEntries(s),
    acquire(s),
    runSummary(s),
    endRun(s),
    isCallRunning(s),
    beginAlone(s),
    statementDone(s),
    dropInvalid(s),
    recordEvent(s),
    failFirstOpen(s),
    readStanding(s, ledgerVersion),
    readRollback(s, ledgerVersion),
  ].join('');

/**
 * One DO that makes the ledger, or brings an older one up; nothing when it is there. Its body stands in single quotes, which the Data API's
 * search for parameters respects; dollar quotes it does not, but those inside the single quotes it never sees.
 * Under READ COMMITTED a second installer that waited for the advisory lock sees what the first one made.
 */
export const installStatement = (schema: string): string => {
  const s = `"${schema}"`;
  const body = `
declare
  v_installed integer;
  v_routine text;
begin
  if current_setting('transaction_isolation') || current_setting('transaction_read_only') <> 'read committedoff' then
    commit;
    set transaction isolation level read committed, read write;
  end if;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform set_config('lock_timeout', '10s', true);
  perform pg_advisory_xact_lock(hashtextextended('lockkeeper ${schema}', 0));
  if to_regclass('${s}.installation') is not null then
    select i.version into v_installed from ${s}.installation i;
  end if;
  if v_installed > ${ledgerVersion} then
    raise exception using errcode = 'LK005', message = format('the ledger in schema ${schema} has version %s, this code knows ${ledgerVersion}', v_installed);
  end if;
  if v_installed = ${ledgerVersion} then return; end if;
  if to_regnamespace('${s}') is null then create schema ${s}; end if;
  for v_routine in select p.oid::regprocedure::text from pg_proc p where p.pronamespace = to_regnamespace('${s}') loop
    execute 'drop routine ' || v_routine;
  end loop;
${tables(s)}${routines(s)}
  insert into ${s}.installation (version, routines) values (${ledgerVersion}, (select count(*) from pg_proc p where p.pronamespace = to_regnamespace('${s}')))
    on conflict (singleton) do update set version = excluded.version, routines = excluded.routines, installed_at = clock_timestamp();
  insert into ${s}.event (kind, detail) values ('installed', jsonb_build_object('version', ${ledgerVersion}, 'from', v_installed));
end`;
  return `DO '${body.replaceAll(/\n +/g, '\n').replaceAll("'", "''")}'`;
};
