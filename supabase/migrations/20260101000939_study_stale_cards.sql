-- Cards whose source says something else: those of passages are looked after by private.study_flag_stale with the citations;
-- these are of approved answers, documents of the index. Cards of questions show what their question says of itself.

create function private.tg_search_documents__flag_cards()
returns trigger
language plpgsql
security definer -- cards of everybody
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    update study.sm2_review_cards as c set stale_at = now() where c.document_id = old.id and c.stale_at is null;
    return old;
  end if;
  update study.sm2_review_cards as c
  set stale_at = case when position(c.quote in new.body) = 0 then coalesce(c.stale_at, now()) end
  where c.document_id = new.id and (c.stale_at is null) <> (position(c.quote in new.body) > 0);
  return null;
end;
$$;
comment on function private.tg_search_documents__flag_cards() is
  'Trigger: a card of a document that says something else now, or is gone, is stale; one whose words are back is not.';
create trigger _610_flag_cards before delete on core.search_documents
  for each row execute function private.tg_search_documents__flag_cards();
create trigger _610_flag_changed_cards after update of body on core.search_documents
  for each row when (old.body is distinct from new.body)
  execute function private.tg_search_documents__flag_cards();

revoke execute on function private.tg_search_documents__flag_cards() from public, anon, authenticated;
