/**
 * `refuse_unfit_session()`: raises LK006 unless the transaction is READ COMMITTED, READ WRITE. A procedure begins one of its own;
 * a function has to live with the session's.
 */
export const refuseUnfitSession = (s: string): string => `
create function ${s}.refuse_unfit_session() returns void language plpgsql as $f$
begin
  if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed'
    or pg_catalog.current_setting('transaction_read_only') operator(pg_catalog.<>) 'off' then
    raise exception using errcode = 'LK006', message = pg_catalog.format('a session begins with transactions %s, read only %s, and procedures cannot begin their own here; expected read committed, read only off',
      pg_catalog.current_setting('transaction_isolation'), pg_catalog.current_setting('transaction_read_only'));
  end if;
end $f$;
`;
