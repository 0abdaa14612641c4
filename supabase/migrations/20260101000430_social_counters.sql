-- Counters beside the things they count. Whoever finds the row free adds to it at once and takes along what waits;
-- whoever finds it locked leaves his change in social.counter_deltas and goes on: nobody waits for anybody.
-- Exact is always the column plus what waits: both change in the transaction that makes them change.

alter table social.counter_deltas enable row level security;
revoke all on social.counter_deltas from public, anon, authenticated;
grant select on social.counter_deltas to service_role;

-- One function a kind, all of one pattern. Each tries to lock the row, adds the change and all that waits for it, and
-- answers whether it could. Whoever holds the lock is the only one who takes deltas of that row.
-- A counter never falls below zero: what would make it do so waits on for what makes up for it.
do $$
declare
  v_kinds jsonb := '{
    "post": ["posts", "id", "likes_count", "dislikes_count", "comments_count"],
    "comment": ["comments", "id", "likes_count", "dislikes_count", "replies_count"],
    "question": ["questions", "id", "likes_count", "dislikes_count", "answers_count", "views_count"],
    "answer": ["answers", "id", "likes_count", "dislikes_count"],
    "resource": ["resources", "id", "downloads_count"],
    "profile": ["profile_stats", "user_id", "followers_count", "following_count", "posts_count", "questions_count",
      "answers_count", "accepted_count", "resources_count", "likes_count"]
  }';
  v_kind text;
  v_parts text[];
  v_counters text[];
  v_known text[] := '{}';
begin
  for v_kind in select jsonb_object_keys(v_kinds) loop
    v_parts := array(select jsonb_array_elements_text(v_kinds -> v_kind));
    v_counters := v_parts[3:];
    v_known := v_known || format('kind = %L and counter = any (%L)', v_kind, v_counters);
    execute format(
      $template$
      create function private.social_count_%1$s(p_id uuid, p_counter text, p_delta integer)
      returns boolean
      language plpgsql
      volatile
      security definer -- counters are written by nobody else
      set search_path = ''
      set enable_seqscan = off -- statistics never know how much waits: a plan made while it was little would read all of it
      as $function$
      declare
        v_value integer[];
        v_change integer[];
      begin
        if not p_counter = any (%4$L::text[]) then
          raise exception 'a %1$s has no counter %%', p_counter;
        end if;
        -- Under a stricter isolation a row may not be locked once somebody else has changed it.
        if current_setting('transaction_isolation') = 'read committed' then
          select array[%5$s] into v_value from social.%2$I as t where t.%3$I = p_id for no key update skip locked;
        end if;
        if v_value is null then
          if p_delta <> 0 then
            insert into social.counter_deltas (kind, entity_id, counter, delta) values (%1$L, p_id, p_counter, p_delta);
          end if;
          return false;
        end if;
        -- Statements of their own: they see what was committed before the lock was there.
        if not exists (select from social.counter_deltas as d where d.entity_id = p_id and d.kind = %1$L)
          and v_value[array_position(%4$L::text[], p_counter)] + p_delta >= 0
        then
          update social.%2$I as t set %9$s where t.%3$I = p_id;
          return true;
        end if;
        with taken as (
          delete from social.counter_deltas as d where d.entity_id = p_id and d.kind = %1$L returning d.counter, d.delta
        )
        select array[%6$s] into v_change
        from (select t.counter, t.delta from taken as t union all select p_counter, p_delta) as c;
        update social.%2$I as t set %7$s where t.%3$I = p_id;
        if %8$s then
          insert into social.counter_deltas (kind, entity_id, counter, delta)
          select %1$L, p_id, c.counter, c.value + c.change
          from unnest(%4$L::text[], v_value, v_change) as c (counter, value, change) where c.value + c.change < 0;
        end if;
        return true;
      end;
      $function$;
      comment on function private.social_count_%1$s(uuid, text, integer) is
        'Adds to a counter of social.%2$s, with all that waits for that row; false when it has to wait itself. See private.social_count.';
      revoke execute on function private.social_count_%1$s(uuid, text, integer) from public, anon, authenticated;
      $template$,
      v_kind, v_parts[1], v_parts[2], v_counters,
      (select string_agg(format('t.%I', c), ', ' order by n) from unnest(v_counters) with ordinality as u (c, n)),
      (select string_agg(format('coalesce(sum(c.delta) filter (where c.counter = %L), 0)', c), ', ' order by n)
        from unnest(v_counters) with ordinality as u (c, n)),
      (select string_agg(format('%I = greatest(0, v_value[%s] + v_change[%s])', c, n, n), ', ' order by n)
        from unnest(v_counters) with ordinality as u (c, n)),
      (select string_agg(format('v_value[%s] + v_change[%s] < 0', n, n), ' or ' order by n)
        from unnest(v_counters) with ordinality as u (c, n)),
      (select string_agg(format('%I = t.%I + case p_counter when %L then p_delta else 0 end', c, c, c), ', ' order by n)
        from unnest(v_counters) with ordinality as u (c, n))
    );
  end loop;
  execute 'alter table social.counter_deltas add constraint counter_deltas_counter_check check ('
    || array_to_string(v_known, ' or ') || ')';
end;
$$;

create function private.social_count(p_kind text, p_id uuid, p_counter text, p_delta integer)
returns boolean
language plpgsql
volatile
security definer -- called by triggers of whoever votes, comments, follows
set search_path = ''
as $$
begin
  if p_id is null then
    return false;
  end if;
  case p_kind
    when 'post' then return private.social_count_post(p_id, p_counter, p_delta);
    when 'comment' then return private.social_count_comment(p_id, p_counter, p_delta);
    when 'question' then return private.social_count_question(p_id, p_counter, p_delta);
    when 'answer' then return private.social_count_answer(p_id, p_counter, p_delta);
    when 'resource' then return private.social_count_resource(p_id, p_counter, p_delta);
    when 'profile' then return private.social_count_profile(p_id, p_counter, p_delta);
    else raise exception 'nothing is counted for the kind %', p_kind;
  end case;
end;
$$;
comment on function private.social_count(text, uuid, text, integer) is
  'The only way to move a counter of a post, comment, question, answer, resource or profile. Never waits for a lock; false when the change waits in social.counter_deltas. Without a counter, by 0: adds what waits.';

create function private.social_waiting(p_kind text, p_id uuid, p_counter text)
returns integer
language plpgsql
stable
security definer -- sums are everybody's, the deltas are not
set search_path = ''
as $$
begin
  return (
    select coalesce(sum(d.delta), 0)::integer from social.counter_deltas as d
    where d.entity_id = p_id and d.kind = p_kind and d.counter = p_counter
  );
end;
$$;
comment on function private.social_waiting(text, uuid, text) is 'What is still to be added to a counter. Read it in the statement that reads the column.';

-- Adds what waits where nobody came by to take it along. A row that is locked is left for the next time.
create function private.social_fold_counters()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_thing record;
  v_folded integer := 0;
begin
  -- One at a time: a second would find the rows locked anyway.
  if not pg_try_advisory_xact_lock(hashtext('social.fold_counters')) then
    return 0;
  end if;
  -- A person without his row: made here rather than by those who count, who would wait for whoever deletes him.
  insert into social.profile_stats (user_id)
  select p.id from core.profiles as p
  where p.id in (select d.entity_id from social.counter_deltas as d where d.kind = 'profile')
    and not exists (select from social.profile_stats as s where s.user_id = p.id)
  for key share of p skip locked
  on conflict do nothing;
  for v_thing in
    select d.kind, d.entity_id from social.counter_deltas as d group by d.kind, d.entity_id order by min(d.id) limit 5000
  loop
    if private.social_count(v_thing.kind, v_thing.entity_id, null, 0) then
      v_folded := v_folded + 1;
    end if;
  end loop;
  -- Changes of what is gone.
  delete from social.counter_deltas as d
  where case d.kind
    when 'profile' then not exists (select from core.profiles as p where p.id = d.entity_id)
    else not exists (select from social.contents as c where c.id = d.entity_id and c.kind = d.kind)
  end;
  return v_folded;
end;
$$;
comment on function private.social_fold_counters() is
  'Adds all waiting changes of counters to their rows, as far as these are free; returns how many rows. A scheduled task.';

create function private.tg_profiles__social_stats()
returns trigger
language plpgsql
security definer -- the row is made by nobody else
set search_path = ''
as $$
begin
  insert into social.profile_stats (user_id) values (new.id) on conflict do nothing;
  return null;
end;
$$;
comment on function private.tg_profiles__social_stats() is 'Trigger: each person has his row of counters.';

create trigger _500_social_stats after insert on core.profiles
  for each row execute function private.tg_profiles__social_stats();
insert into social.profile_stats (user_id) select p.id from core.profiles as p on conflict do nothing;

revoke execute on function
  private.social_count(text, uuid, text, integer), private.social_waiting(text, uuid, text),
  private.social_fold_counters(), private.tg_profiles__social_stats()
  from public, anon, authenticated;

insert into ops.scheduled_tasks (name, command, every, description) values
  ('social_fold_counters', 'private.social_fold_counters', '10 seconds', 'Adds what waits to the counters of posts, profiles and the like.');
