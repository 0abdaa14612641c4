-- What an AI answer may draw on, and recording it: the database looks each quote up itself, whatever the worker says.

alter table social.ai_answer_citations
  add column source_answer_id uuid references social.answers (id) on delete set null;
comment on column social.ai_answer_citations.source_answer_id is 'The community answer that is quoted, if it is one: when its text goes, the quote goes.';
create index ai_answer_citations_source_answer_id_idx on social.ai_answer_citations (source_answer_id) where source_answer_id is not null;

create function private.is_ai_source(p_document core.search_documents)
returns boolean
language plpgsql
stable
security definer -- reads accepted answers for the stages
set search_path = ''
as $$
begin
  -- Everybody signed in may read it; nothing that is one person's, whoever asked.
  return p_document.visibility in ('public', 'authenticated')
    and private.setting('social.ai_kinds') ? p_document.kind
    and (p_document.module <> 'social' or p_document.kind <> 'answer' or exists (
      select from social.questions as q join social.answers as a on a.id = q.accepted_answer_id
      where q.accepted_answer_id = p_document.entity_id and a.deleted_at is null and a.hidden_at is null
        and q.deleted_at is null and q.hidden_at is null
    ));
end;
$$;
comment on function private.is_ai_source(core.search_documents) is
  'Whether AI answers may draw on a document: open to everybody signed in, of a kind in social.ai_kinds; a community answer only while it is accepted.';

create function private.ai_answer_passages(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_limit integer)
returns table (id uuid, title text, body text, locator jsonb)
language plpgsql
volatile
security definer -- reads the closed index
set search_path = ''
as $$
declare
  v_query text;
begin
  perform private.check_ai_lease(p_ai_answer_id, p_job_id, p_lease_token);
  select q.title || E'\n' || q.content into v_query
  from social.ai_answers as a join social.questions as q on q.id = a.question_id
  where a.id = p_ai_answer_id;
  return query
    select d.id, d.title, left(d.body, 8000), d.locator
    from private.retrieve_passages(
      v_query, array(select jsonb_array_elements_text(private.setting('social.ai_kinds'))), null, 100, null
    ) as p
    join core.search_documents as d on d.id = p.id
    where private.is_ai_source(d)
    order by p.score desc, d.id
    limit least(greatest(coalesce(p_limit, 24), 1), 50);
end;
$$;
comment on function private.ai_answer_passages(uuid, uuid, bigint, integer) is 'See social.ai_answer_passages.';

create function private.ai_answer_scores(
  p_title text, p_text text, p_quotes text[], out relevance numeric, out completeness numeric
)
returns record
language plpgsql
stable
security definer -- reads a setting
set search_path = ''
as $$
declare
  v_config regconfig := private.search_config(private.setting('search.languages') ->> 0);
  v_words text[] := tsvector_to_array(to_tsvector(v_config, p_title));
begin
  if cardinality(v_words) = 0 then
    return;
  end if;
  select round(avg(s.found) / cardinality(v_words), 2) into relevance
  from (
    select (select count(*) from unnest(v_words) as w where w = any (tsvector_to_array(to_tsvector(v_config, q.quote)))) as found
    from unnest(p_quotes) as q (quote)
  ) as s;
  select round(count(*)::numeric / cardinality(v_words), 2) into completeness
  from unnest(v_words) as w
  where w = any (tsvector_to_array(to_tsvector(v_config, concat_ws(' ', p_text, array_to_string(p_quotes, ' ')))));
end;
$$;
comment on function private.ai_answer_scores(text, text, text[]) is
  'Over the words of the title, without stop words and endings. relevance: the share that a quote holds, averaged over the quotes. completeness: the share that text and quotes hold together. Null without such words.';

create function private.check_ai_citations(p_text text, p_citations jsonb, p_is_covered boolean)
returns void
language plpgsql
stable
security definer -- reads the closed index
set search_path = ''
as $$
declare
  v_count integer := case when jsonb_typeof(p_citations) = 'array' then jsonb_array_length(p_citations) end;
  v_highest integer;
  v_missing text;
begin
  if v_count is null or p_is_covered is distinct from (v_count > 0) then
    raise sqlstate 'PT422' using
      message = 'citation_required',
      detail = 'An answer from the material has citations; one that says that the material does not say has none.',
      hint = 'Send the citations, or p_is_covered false.';
  end if;
  select max(m[1]::integer) into v_highest from regexp_matches(p_text, '\[([0-9]{1,3})\]', 'g') as m;
  if v_highest > v_count or p_text ~ '\[0+\]' then
    raise sqlstate 'PT422' using
      message = 'citation_unknown',
      detail = format('The text refers to [%s], but has %s citations.', v_highest, v_count),
      hint = 'Refer only to citations that are listed.';
  end if;
  select left(coalesce(c.value ->> 'quote', ''), 200) into v_missing
  from jsonb_array_elements(p_citations) as c
  left join core.search_documents as d on d.id = (c.value ->> 'document_id')::uuid
  where d.id is null or not private.is_ai_source(d) or coalesce(btrim(c.value ->> 'quote'), '') = ''
    or position(regexp_replace(c.value ->> 'quote', '\s+', ' ', 'g') in regexp_replace(d.body, '\s+', ' ', 'g')) = 0
  limit 1;
  if found then
    raise sqlstate 'PT422' using
      message = 'citation_not_in_source',
      detail = format('No source that may be cited says: %s', v_missing),
      hint = 'Quote word for word.';
  end if;
end;
$$;
comment on function private.check_ai_citations(text, jsonb, boolean) is
  'Raises citation_required, citation_unknown or citation_not_in_source (422) unless every quote stands word for word in its source, and every [n] of the text has one.';

create function private.record_ai_answer(
  p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_text text, p_citations jsonb, p_is_covered boolean,
  p_confidence numeric, p_provider text, p_model text, p_tokens_used integer, p_processing_time_ms integer
)
returns jsonb
language plpgsql
volatile
security definer -- writes the AI answer
set search_path = ''
as $$
declare
  v_question social.questions;
  v_answer social.ai_answers;
  v_text text := private.clean_text(p_text, 'text', 1, 20000);
  v_scores record;
  v_obstacle text;
begin
  -- Questions before answers, like everybody who takes an answer away.
  perform from social.questions as q
  where q.id = (select a.question_id from social.ai_answers as a where a.id = p_ai_answer_id)
    or q.id in (
      select x.question_id from jsonb_array_elements(p_citations) as c
      join core.search_documents as d on d.id = (c.value ->> 'document_id')::uuid
      join social.answers as x on x.id = d.entity_id
      where d.module = 'social' and d.kind = 'answer'
    )
  order by q.id for share;
  -- A community answer that is quoted stays as it is until this is recorded; whoever takes it away then finds this.
  perform from social.answers as x
  where x.id in (
    select d.entity_id from jsonb_array_elements(p_citations) as c
    join core.search_documents as d on d.id = (c.value ->> 'document_id')::uuid
    where d.module = 'social' and d.kind = 'answer'
  )
  order by x.id for share;
  select q.* into v_question
  from social.questions as q
  where q.id = (select a.question_id from social.ai_answers as a where a.id = p_ai_answer_id);
  select * into v_answer from social.ai_answers as a where a.id = p_ai_answer_id for update;
  perform private.check_ai_lease(p_ai_answer_id, p_job_id, p_lease_token);
  if v_answer.status is distinct from 'generating' then
    return jsonb_build_object('recorded', false, 'status', v_answer.status);
  end if;
  v_obstacle := coalesce(
    private.ai_question_obstacle(v_question), case when v_answer.hidden_at is not null then 'answer_hidden' end
  );
  if v_obstacle is not null then
    perform private.end_ai_answer(p_ai_answer_id, v_obstacle);
    return jsonb_build_object('recorded', false, 'status', 'failed', 'error_code', v_obstacle);
  end if;

  perform private.check_ai_citations(v_text, p_citations, p_is_covered);
  insert into social.ai_answer_citations (ai_answer_id, ordinal, document_id, source_answer_id, title, quote, locator)
  select p_ai_answer_id, c.place, d.id, case when d.module = 'social' and d.kind = 'answer' then d.entity_id end,
    d.title, left(c.value ->> 'quote', 4000), d.locator
  from jsonb_array_elements(p_citations) with ordinality as c (value, place)
  join core.search_documents as d on d.id = (c.value ->> 'document_id')::uuid;
  v_scores := private.ai_answer_scores(v_question.title, v_text, array(
    select c.quote from social.ai_answer_citations as c where c.ai_answer_id = p_ai_answer_id
  ));
  update social.ai_answers as a
  set status = 'completed', answer_text = v_text, is_covered = p_is_covered, completed_at = now(),
    confidence_score = round(least(greatest(p_confidence, 0), 1), 2),
    relevance_score = case when p_is_covered then v_scores.relevance else 0 end,
    completeness_score = case when p_is_covered then v_scores.completeness else 0 end,
    provider = p_provider, model_used = p_model, tokens_used = p_tokens_used, processing_time_ms = p_processing_time_ms
  where a.id = p_ai_answer_id
  returning * into v_answer;
  perform private.broadcast_to_question(v_question.id, 'ai_answer_completed', jsonb_build_object(
    'ai_answer_id', v_answer.id, 'text', v_answer.answer_text, 'label', v_answer.label, 'is_covered', v_answer.is_covered,
    'confidence_score', v_answer.confidence_score, 'relevance_score', v_answer.relevance_score,
    'completeness_score', v_answer.completeness_score,
    'citations', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'ordinal', c.ordinal, 'document_id', c.document_id, 'title', c.title, 'quote', c.quote, 'locator', c.locator
      ) order by c.ordinal), '[]')
      from social.ai_answer_citations as c where c.ai_answer_id = p_ai_answer_id
    )
  ));
  return jsonb_build_object('recorded', true, 'status', 'completed');
end;
$$;
comment on function private.record_ai_answer(uuid, uuid, bigint, text, jsonb, boolean, numeric, text, text, integer, integer) is
  'See social.record_ai_answer.';

-- An AI answer must not go on saying what its author, or a moderator, took away.
create function private.tg_answers__withdraw_ai_answers()
returns trigger
language plpgsql
security definer -- whoever takes an answer away may not write AI answers
set search_path = ''
as $$
declare
  v_id uuid;
begin
  for v_id in
    select a.id from social.ai_answers as a
    where a.status = 'completed'
      and a.id in (select c.ai_answer_id from social.ai_answer_citations as c where c.source_answer_id = old.id)
    order by a.id for update
  loop
    delete from social.ai_answer_citations as c where c.ai_answer_id = v_id;
    update social.ai_answers as a set status = 'failed', error_code = 'source_removed', answer_text = '' where a.id = v_id;
    delete from social.content_versions as v where v.content_id = v_id;
  end loop;
  return case when tg_op = 'DELETE' then old else new end;
end;
$$;
comment on function private.tg_answers__withdraw_ai_answers() is
  'Trigger: AI answers that quote a community answer fail, with source_removed, when its text goes. Another may be asked for.';
create trigger _800_withdraw_ai_answers
  after update of deleted_at, hidden_at on social.answers
  for each row
  when (old.deleted_at is null and old.hidden_at is null and (new.deleted_at is not null or new.hidden_at is not null))
  execute function private.tg_answers__withdraw_ai_answers();
create trigger _800_withdraw_ai_answers_of_deleted
  before delete on social.answers
  for each row execute function private.tg_answers__withdraw_ai_answers();

revoke execute on function
  private.tg_answers__withdraw_ai_answers(), private.is_ai_source(core.search_documents), private.ai_answer_passages(uuid, uuid, bigint, integer),
  private.ai_answer_scores(text, text, text[]), private.check_ai_citations(text, jsonb, boolean),
  private.record_ai_answer(uuid, uuid, bigint, text, jsonb, boolean, numeric, text, text, integer, integer)
  from public, anon, authenticated;
