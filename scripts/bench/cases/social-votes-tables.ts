// What voting is measured on: people, posts in both forms, and the votes of the design with its trigger.
import type pg from "pg";

const people = 2000;
const posts = 6000;
/** As posts are that explain something: the design writes their words into its index again with each vote. */
const words = 200;
/** Of the posts; they do not vote. */
const authors = 500;

// As the design has it, except that posts have the votes_count it forgot, and that the trigger may write it: as an
// invoker's it would count the votes on one's own posts only.
const design = `
  create schema bench_votes;
  grant usage on schema bench_votes to authenticated;
  create table bench_votes.posts (
    id uuid primary key, author_id uuid not null, title varchar(255) not null, content text not null, category varchar(50),
    tags text[], likes_count integer default 0, votes_count integer default 0, comments_count integer default 0,
    is_published boolean default true, created_at timestamptz default now(), updated_at timestamptz default now()
  );
  create function bench_votes.update_updated_at_column() returns trigger language plpgsql as
    $$ begin new.updated_at = now(); return new; end; $$;
  create function bench_votes.update_vote_counts() returns trigger language plpgsql
  security definer set search_path = bench_votes as $$
  begin
    if new.vote_type = 'upvote' then
      execute format('update %I set votes_count = votes_count + 1 where id = $1', new.votable_type || 's') using new.votable_id;
    else
      execute format('update %I set votes_count = votes_count - 1 where id = $1', new.votable_type || 's') using new.votable_id;
    end if;
    return new;
  end;
  $$;
  create function bench_votes.make(p_name text) returns void language plpgsql as $$
  begin
    execute format('create table bench_votes.%I (
      id uuid primary key default gen_random_uuid(), user_id uuid not null references core.profiles (id) on delete cascade,
      votable_type varchar(20) not null, votable_id uuid not null, vote_type text not null,
      created_at timestamptz default now(), unique (user_id, votable_type, votable_id))', p_name);
    execute format('create index on bench_votes.%I (user_id)', p_name);
    execute format('create index on bench_votes.%I (votable_type, votable_id)', p_name);
    execute format('alter table bench_votes.%I enable row level security', p_name);
    execute format('create policy own on bench_votes.%I for insert to authenticated with check ((select auth.uid()) = user_id)', p_name);
    execute format('grant insert on bench_votes.%I to authenticated', p_name);
  end;
  $$;
  select bench_votes.make('votes'), bench_votes.make('uncounted'), bench_votes.make('counted');
  create trigger update_vote_counts_trigger after insert on bench_votes.votes
    for each row execute function bench_votes.update_vote_counts();
  create trigger _500_count after insert on bench_votes.counted
    for each row execute function private.tg_votes__count();`;

const designIndexes = `
  create index on bench_votes.posts (author_id);
  create index on bench_votes.posts (category);
  create index on bench_votes.posts (created_at);
  create index on bench_votes.posts using gin (tags);
  create index on bench_votes.posts using gin (to_tsvector('english', title || ' ' || content));
  create trigger update_posts_updated_at before update on bench_votes.posts
    for each row execute function bench_votes.update_updated_at_column()`;

export interface Voting {
  voters: string[];
  posts: string[];
}

/** Made once a run. The posts are those that nobody has voted on yet. */
export async function makeVoting(client: pg.Client): Promise<Voting> {
  const { rows: [made] } = await client.query<{ there: boolean }>(
    "select to_regnamespace('bench_votes') is not null as there",
  );
  if (!made?.there) await fill(client);
  const { rows: voters } = await client.query<{ id: string }>(
    "select id from core.profiles where username::text like 'voter\\_%' order by id",
  );
  const { rows: found } = await client.query<{ id: string }>(
    `select p.id from bench_votes.posts as p
    where p.votes_count = 0 and not exists (select from social.votes as v where v.votable_id = p.id)
    order by p.id`,
  );
  return { voters: voters.map(({ id }) => id), posts: found.map(({ id }) => id) };
}

async function fill(client: pg.Client): Promise<void> {
  await client.query(design);
  // People sign up as they do, so that everything is there which a person has; and they are no new accounts.
  await client.query(
    `insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
    select gen_random_uuid(), 'authenticated', 'authenticated', format('%s%s@bench.test', w.what, n), now(),
      '{"provider": "email", "providers": ["email"]}', jsonb_build_object('username', w.what || '_' || n)
    from (values ('voter', $1::integer), ('author', $2::integer)) as w (what, people)
    cross join lateral generate_series(1, w.people) as n`,
    [people, authors],
  );
  await client.query("begin; set local session_replication_role = replica");
  await client.query("update core.profiles set created_at = now() - interval '1 year'");
  await client.query(
    `insert into bench_votes.posts (id, author_id, title, content, category, tags, created_at)
    select gen_random_uuid(), a.ids[1 + n % cardinality(a.ids)], 'Post ' || n, t.words, 'general',
      array['tag' || n % 40], now() - n * interval '1 minute'
    from generate_series(1, $1::integer) as n
    cross join (
      select array_agg(id order by id) as ids from core.profiles where username::text like 'author\\_%'
    ) as a
    cross join lateral (
      select string_agg('w' || (hashtext(n || '-' || k) & 8191), ' ') as words from generate_series(1, $2::integer) as k
    ) as t`,
    [posts, words],
  );
  await client.query(`
    insert into social.contents (id, kind) select id, 'post' from bench_votes.posts;
    insert into social.posts (id, author_id, title, content, category, published_at, created_at)
    select id, author_id, title, content, category, created_at, created_at from bench_votes.posts;
    commit`);
  await client.query(designIndexes);
  // The trigger with which the local stack tells its own Realtime server of each message: transactions that notify commit
  // one after the other. A hosted project has none, its Realtime reads the log.
  await client.query("alter table realtime.messages disable trigger user");
  await client.query("vacuum analyze");
}
