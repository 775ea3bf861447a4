/** `refuse_unfit_down(entry)`: raises LK003 when the stored scripts were changed, LK004 when there is no down. */
export const refuseUnfitDown = (s: string): string => `
create function ${s}.refuse_unfit_down(e ${s}.migration) returns void language plpgsql as $f$
begin
  if e.script_hash <> ${s}.script_hash(e.version, e.checksum, e.up, e.down, e.irreversible, e.verify) then
    raise exception using errcode = 'LK003', message = format('the stored script of %s-%s is not what was applied', e.version, e.name);
  end if;
  if e.down is null then
    raise exception using errcode = 'LK004',
      message = format('%s-%s has no way back by script; its documented steps: %s', e.version, e.name, left(e.irreversible, 2000));
  end if;
end $f$;
`;
