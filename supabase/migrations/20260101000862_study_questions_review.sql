-- What becomes of a question: revised, handed in, looked at by educators, taken back. Whoever verifies says which version he
-- looked at, and nobody verifies what he wrote.

create function private.study_revise_question(p_question_id uuid, p_content jsonb)
returns study.questions
language plpgsql
volatile
security definer -- versions are written by functions only
set search_path = ''
as $$
declare
  v_question study.questions := private.study_edit_question(p_question_id);
  v_user_id uuid := (select auth.uid());
  v_version_id uuid;
begin
  perform private.limit_action('study.limits', 'question', v_user_id::text);
  v_version_id := private.study_write_version(
    v_question, v_question.current_version + 1,
    -- Whoever may not read a material any more does not learn what stands in it, either.
    case when p_content ? 'sources' and not private.study_may_read_material(v_question.material_id, v_user_id) then p_content - 'sources' else p_content end,
    v_user_id, null, null
  );
  if not coalesce(p_content ? 'sources', false) then
    insert into study.question_sources (version_id, material_id, chunk_id, quote, page_number, char_start, char_end, content_hash, stale_at)
    select v_version_id, s.material_id, s.chunk_id, s.quote, s.page_number, s.char_start, s.char_end, s.content_hash, s.stale_at
    from study.question_sources as s
    join study.question_versions as v on v.id = s.version_id
    where v.question_id = v_question.id and v.version_no = v_question.current_version;
  end if;
  -- Another text has to be looked at anew, by somebody else.
  update study.questions as q
  set current_version = q.current_version + 1, is_verified = false, verified_by = null, verified_at = null, stale_at = null,
    status = case when q.visibility = 'private' then 'published' when q.status in ('draft', 'rejected', 'retired') then 'draft' else 'in_review' end
  where q.id = v_question.id
  returning * into v_question;
  return v_question;
end;
$$;
comment on function private.study_revise_question(uuid, jsonb) is 'See study.revise_question.';

create function private.study_my_question(p_question_id uuid)
returns study.questions
language plpgsql
volatile
security definer -- locks a row that clients do not write
set search_path = ''
as $$
declare
  v_question study.questions := private.study_edit_question(p_question_id);
begin
  if v_question.author_id is distinct from (select auth.uid()) then
    raise sqlstate 'PT404' using
      message = 'question_not_found', detail = 'You wrote no question with this id.', hint = 'List yours: questions.';
  end if;
  return v_question;
end;
$$;
comment on function private.study_my_question(uuid) is 'A question that the caller wrote, locked; question_not_found (404).';

create function private.study_submit_question(p_question_id uuid, p_visibility text)
returns study.questions
language plpgsql
volatile
security definer -- the status is written by functions only
set search_path = ''
as $$
declare
  v_question study.questions := private.study_my_question(p_question_id);
begin
  if coalesce(p_visibility, '') not in ('material', 'authenticated') or p_visibility = 'material' and v_question.material_id is null then
    raise sqlstate 'PT422' using
      message = 'visibility_invalid', detail = 'A question is submitted for everybody signed in, or for the readers of its material.',
      hint = 'Send authenticated or material.';
  end if;
  if v_question.status in ('in_review', 'published') and v_question.visibility = p_visibility then
    return v_question;
  end if;
  perform private.limit_action('study.limits', 'question', v_question.author_id::text);
  update study.questions as q
  set status = 'in_review', visibility = p_visibility, is_verified = false, verified_by = null, verified_at = null
  where q.id = v_question.id
  returning * into v_question;
  insert into study.question_decisions (question_id, version_no, decision, decided_by)
  values (v_question.id, v_question.current_version, 'submitted', v_question.author_id);
  return v_question;
end;
$$;
comment on function private.study_submit_question(uuid, text) is 'See study.submit_question.';

create function private.study_retire_question(p_question_id uuid)
returns study.questions
language plpgsql
volatile
security definer -- the status is written by functions only
set search_path = ''
as $$
declare
  v_question study.questions := private.study_my_question(p_question_id);
begin
  if v_question.status = 'retired' then
    return v_question;
  end if;
  update study.questions as q
  set status = 'retired', is_verified = false, verified_by = null, verified_at = null
  where q.id = v_question.id
  returning * into v_question;
  insert into study.question_decisions (question_id, version_no, decision, decided_by)
  values (v_question.id, v_question.current_version, 'retired', v_question.author_id);
  return v_question;
end;
$$;
comment on function private.study_retire_question(uuid) is 'See study.retire_question.';

create function private.study_decide_question(
  p_question_id uuid, p_version_no integer, p_decision text, p_reason text, p_quality_score real
)
returns study.questions
language plpgsql
volatile
security definer -- verification is written here only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_role('educator');
  v_question study.questions := private.study_edit_question(p_question_id);
  v_reason text := private.clean_text(coalesce(p_reason, ''), 'reason', case when p_decision = 'publish' then 0 else 3 end, 1000);
begin
  if p_decision is null or p_decision not in ('publish', 'reject', 'retire') then
    raise sqlstate 'PT422' using message = 'decision_invalid', detail = 'One publishes, rejects or retires.', hint = 'Send publish, reject or retire.';
  end if;
  if v_question.author_id = v_user_id or exists (
    select from study.question_versions as v
    where v.question_id = v_question.id and v.version_no = v_question.current_version and v.created_by = v_user_id
  ) then
    raise sqlstate 'PT403' using message = 'own_question', detail = 'Nobody verifies what he wrote.', hint = 'Ask another educator.';
  end if;
  if p_version_no is distinct from v_question.current_version then
    raise sqlstate 'PT409' using
      message = 'question_changed', detail = format('Version %s is the one that counts.', v_question.current_version),
      hint = 'Look at it: study.question_for_editing.';
  end if;
  if p_quality_score is not null and (p_quality_score < 0 or p_quality_score > 1 or p_quality_score = 'NaN') then
    raise sqlstate 'PT422' using message = 'quality_invalid', detail = 'Quality is from 0 to 1.', hint = 'Correct it.';
  end if;
  if v_question.visibility = 'private' or (p_decision <> 'retire' and v_question.status not in ('in_review', 'published')) then
    raise sqlstate 'PT409' using
      message = 'question_not_in_review', detail = format('The question is %s.', v_question.status), hint = 'Its author submits it first.';
  end if;
  update study.questions as q
  set status = case p_decision when 'publish' then 'published' when 'reject' then 'rejected' else 'retired' end,
    is_verified = p_decision = 'publish', verified_by = case when p_decision = 'publish' then v_user_id end,
    verified_at = case when p_decision = 'publish' then now() end, quality_score = coalesce(p_quality_score, q.quality_score),
    is_flagged = false, stale_at = case when p_decision = 'publish' then null else q.stale_at end
  where q.id = v_question.id
  returning * into v_question;
  update study.question_flags as f
  set status = case when p_decision = 'publish' then 'dismissed' else 'resolved' end, resolved_by = v_user_id, resolved_at = now()
  where f.question_id = v_question.id and f.status = 'open';
  insert into study.question_decisions (question_id, version_no, decision, reason, decided_by)
  values (v_question.id, v_question.current_version, v_question.status, v_reason, v_user_id);
  if v_question.author_id is not null then
    perform private.notify(
      v_question.author_id, 'question_' || v_question.status, case when p_decision = 'publish' then 'success' else 'warning' end,
      'Your question was ' || v_question.status, v_reason, jsonb_build_object('question_id', v_question.id),
      '/study/questions/' || v_question.id, 'question_decided:' || v_question.id
    );
  end if;
  return v_question;
end;
$$;
comment on function private.study_decide_question(uuid, integer, text, text, real) is 'See study.decide_question.';

-- What no educator published goes with its author; what was published stays, without a name. Before the person is gone: what
-- goes with him (his material) changes the same rows.
create function private.tg_profiles__forget_questions()
returns trigger
language plpgsql
security definer -- questions are not deleted by clients
set search_path = ''
as $$
begin
  delete from study.questions as q
  where q.author_id = old.id and not exists (
    select from study.question_decisions as d where d.question_id = q.id and d.decision = 'published'
  );
  update study.questions as q set author_id = null where q.author_id = old.id;
  return old;
end;
$$;
comment on function private.tg_profiles__forget_questions() is
  'Trigger: deletes the questions of a person who goes, but those that an educator ever published.';
create trigger _390_forget_questions before delete on core.profiles
  for each row execute function private.tg_profiles__forget_questions();

-- Questions of a material that goes stay with their author; what he shared with its readers is his own again.
create function private.tg_materials__let_questions_go()
returns trigger
language plpgsql
security definer -- questions of everybody
set search_path = ''
as $$
begin
  update study.question_sources as s
  set material_id = null, chunk_id = null, stale_at = coalesce(s.stale_at, now())
  where s.material_id = old.id;
  update study.questions as q
  set material_id = null, stale_at = coalesce(q.stale_at, now()),
    visibility = case q.visibility when 'material' then 'private' else q.visibility end,
    status = case when q.author_id is null and q.visibility = 'material' then 'retired' else q.status end
  where q.material_id = old.id;
  return old;
end;
$$;
comment on function private.tg_materials__let_questions_go() is 'Trigger: flags the questions of a material that is deleted, and keeps them for their authors.';
create trigger _390_let_questions_go before delete on study.materials
  for each row execute function private.tg_materials__let_questions_go();

-- How many questions a material has for its readers. What somebody makes for himself of another's material is his own affair:
-- neither its owner nor anybody else sees it in a number.
create function private.tg_study_questions__count()
returns trigger
language plpgsql
security definer -- a counter of materials
set search_path = ''
as $$
declare
  v_old uuid := case when tg_op <> 'INSERT' and old.visibility <> 'private' and old.status in ('in_review', 'published') then old.material_id end;
  v_new uuid := case when tg_op <> 'DELETE' and new.visibility <> 'private' and new.status in ('in_review', 'published') then new.material_id end;
begin
  -- A question loses its material only when that one goes: it is not counted any more.
  if v_old is distinct from v_new and not (tg_op = 'UPDATE' and new.material_id is null) then
    update study.materials as m set question_count = greatest(m.question_count - 1, 0) where m.id = v_old;
    update study.materials as m set question_count = m.question_count + 1 where m.id = v_new;
  end if;
  return null;
end;
$$;
comment on function private.tg_study_questions__count() is 'Trigger: keeps question_count of materials.';
create trigger _500_count after insert or delete or update of status, visibility, material_id on study.questions
  for each row execute function private.tg_study_questions__count();

revoke execute on function
  private.study_revise_question(uuid, jsonb), private.study_my_question(uuid), private.study_submit_question(uuid, text),
  private.study_retire_question(uuid), private.study_decide_question(uuid, integer, text, text, real),
  private.tg_profiles__forget_questions(), private.tg_materials__let_questions_go(),
  private.tg_study_questions__count()
  from public, anon, authenticated;
grant execute on function
  private.study_revise_question(uuid, jsonb), private.study_submit_question(uuid, text), private.study_retire_question(uuid),
  private.study_decide_question(uuid, integer, text, text, real)
  to authenticated;
