import { ledgerRelations, ledgerTouched, routinesWritten, rowsWritten } from './ledger-touched.ts';

/**
 * `take_step`: one claim, its statements, what proves them and its record, whole or not at all. Runs under `pg_catalog, pg_temp`, which the caller set:
 * the path of the migration is put in around each of its statements only, so nothing of ours is looked up through it.
 *
 * The lease is locked outside the block whose failure is caught, so that the lock outlives the statements that are taken back: who waits for
 * the token sees the `failed` event, too. `OTHERS` catches neither `query_canceled` nor `assert_failure`
 * (https://www.postgresql.org/docs/17/plpgsql-control-structures.html#PLPGSQL-ERROR-TRAPPING).
 */
export const takeStep = (s: string): string => `
create function ${s}.take_step(p_action text, p_token bigint, p_run text, p_step jsonb, p_path text, p_before jsonb) returns jsonb language plpgsql as $f$
declare
  v_began timestamptz := clock_timestamp();
  v_role text := current_setting('role');
  v_user text := session_user;
  v_path text := p_path;
  v_claim jsonb;
  v_list jsonb;
  v_phase text;
  v_at integer := 0;
  v_sql text;
  v_count bigint;
  v_rows bigint[] := '{}';
  v_ms float8[] := '{}';
  v_since timestamptz;
  v_row record;
  v_answers json[];
  v_refusal text;
  v_failure jsonb;
  v_ours oid[] := ${ledgerRelations(s)};
  v_home oid := to_regnamespace('${s}');
  v_writes bigint;
  v_made bigint;
  v_state text; v_message text; v_hint text; v_schema text; v_table text; v_column text; v_constraint text;
begin
  begin
    perform ${s}.pass_turnstile();
    perform 1 from ${s}.lease l where l.token = p_token for key share;
    if not found then return '{"stop":"lease"}'; end if;
  exception when lock_not_available then
    return '{"stop":"busy"}';
  end;
  begin
    v_phase := 'claim';
    v_claim := case p_action
      when 'apply' then ${s}.claim_apply(p_token, p_run, p_step)
      when 'revert' then ${s}.claim_revert(p_token, p_run, p_step)
      when 'statement' then ${s}.claim_statement(p_token, p_step)
      when 'complete' then ${s}.claim_completion(p_token, p_step)
    end;
    if not v_claim ? 'revision' then return v_claim; end if;

    v_writes := ${rowsWritten};
    v_made := ${routinesWritten};

    v_phase := 'run';
    v_list := v_claim->'statements';
    for i in 0..jsonb_array_length(v_list) - 1 loop
      v_at := i;
      v_sql := v_list->i->>'sql';
      v_since := clock_timestamp();
      perform set_config('search_path', v_path, true);
      execute v_sql;
      get diagnostics v_count = row_count;
      v_path := pg_catalog.current_setting('search_path');
      perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
      v_rows := v_rows || v_count;
      v_ms := v_ms || round((extract(epoch from clock_timestamp() - v_since) * 1000)::numeric, 1)::float8;
    end loop;

    v_phase := 'constraints';
    perform set_config('search_path', v_path, true);
    set constraints all immediate;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);

    v_phase := 'verify';
    v_list := v_claim->'verify';
    for i in 0..jsonb_array_length(v_list) - 1 loop
      v_at := i;
      v_sql := v_list->i->>'sql';
      v_answers := '{}';
      perform set_config('search_path', v_path, true);
      for v_row in execute v_sql loop
        v_answers := pg_catalog.array_append(v_answers, pg_catalog.row_to_json(v_row));
        exit when pg_catalog.cardinality(v_answers) operator(pg_catalog.=) 2;
      end loop;
      perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
      v_refusal := ${s}.verify_refusal(v_answers);
      if v_refusal is not null then
        raise exception using errcode = 'LK001', message = format('the query %s, expected one row with one true', v_refusal);
      end if;
    end loop;

    v_phase := 'complete';
    if session_user <> v_user then reset session authorization; end if;
    if current_setting('role') <> v_role then perform set_config('role', v_role, false); end if;
    if ${ledgerTouched(s)} then
      raise exception using errcode = 'LK002', message = 'the migration changed the ledger itself';
    end if;
    v_count := ${s}.complete_step(p_action, p_token, p_run, p_step->>'version', v_claim, v_rows, v_ms, v_began);
    perform ${s}.restore_session(p_before);
    return jsonb_build_object('rows', v_count);
  exception when query_canceled or assert_failure or others then
    get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint,
      v_schema = schema_name, v_table = table_name, v_column = column_name, v_constraint = constraint_name;
    perform ${s}.drop_leftovers();
    if v_state = 'XX000' and v_message like 'tuple concurrently %' then -- two at once change one row of a catalogue, as GRANTs on one table do
      v_state := '40001';
    end if;
    if v_state in ('55P03', '40001', '40P01') and v_phase = 'claim' then return '{"stop":"busy"}'; end if;
    if v_phase = 'claim' then raise; end if;
    if v_phase = 'complete' and v_state in ('3F000', '42P01', '42883', '42703') then
      v_state := 'LK002';
      v_message := 'the migration removed parts of the ledger';
    end if;
    if v_state = 'LK002' then -- what setval() did is not taken back
      perform setval('${s}.event_id_seq', max(e.id)) from ${s}.event e having max(e.id) > (select q.last_value from ${s}.event_id_seq q);
    end if;
    if v_state = '57014' and v_message like '%statement timeout%' then
      v_hint := format('sessions begin with statement_timeout %s; lift it with ALTER ROLE … or ALTER DATABASE … RESET statement_timeout', current_setting('statement_timeout'));
    end if;
    v_failure := jsonb_build_object('version', p_step->>'version', 'statement', coalesce((v_claim->>'offset')::integer, 0) + v_at, 'phase', v_phase,
      'sqlstate', v_state, 'message', left(${s}.without_values(v_state, v_message), 2000), 'hint', nullif(left(v_hint, 1000), ''), 'schema', nullif(v_schema, ''),
      'table', nullif(v_table, ''), 'column', nullif(v_column, ''), 'constraint', nullif(v_constraint, ''));
    if v_state in ('55P03', '40001', '40P01') then return jsonb_build_object('stop', 'busy', 'failure', v_failure); end if;
    insert into ${s}.event (kind, run, version, token, detail) values ('failed', p_run, p_step->>'version', p_token, v_failure);
    return jsonb_build_object('stop', 'failed', 'failure', v_failure);
  end;
end $f$;
`;
