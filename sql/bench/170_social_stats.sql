-- The numbers on profile pages, counted from the rows.

insert into social.profile_stats as s (
  user_id, followers_count, following_count, posts_count, questions_count, answers_count, accepted_count, likes_count, is_pulled
)
select
  p.id, coalesce(followers.total, 0), coalesce(following.total, 0), coalesce(posts.total, 0), coalesce(questions.total, 0),
  coalesce(answers.total, 0), coalesce(accepted.total, 0),
  coalesce(posts.likes, 0) + coalesce(comments.likes, 0) + coalesce(questions.likes, 0) + coalesce(answers.likes, 0),
  coalesce(followers.is_pulled, false)
from core.profiles as p
left join (
  select f.following_id as id, count(*) as total, bool_or(f.is_pulled) as is_pulled from social.followers as f group by 1
) as followers on followers.id = p.id
left join (
  select f.follower_id as id, count(*) as total from social.followers as f group by 1
) as following on following.id = p.id
left join (
  select t.author_id as id, sum(t.likes_count) as likes,
    count(*) filter (where t.is_published and t.deleted_at is null and t.hidden_at is null) as total
  from social.posts as t group by 1
) as posts on posts.id = p.id
left join (
  select t.author_id as id, sum(t.likes_count) as likes from social.comments as t group by 1
) as comments on comments.id = p.id
left join (
  select t.author_id as id, sum(t.likes_count) as likes, count(*) as total from social.questions as t group by 1
) as questions on questions.id = p.id
left join (
  select t.author_id as id, sum(t.likes_count) as likes, count(*) as total from social.answers as t group by 1
) as answers on answers.id = p.id
left join (
  select t.author_id as id, count(*) as total
  from social.questions as q join social.answers as t on t.id = q.accepted_answer_id group by 1
) as accepted on accepted.id = p.id
on conflict (user_id) do update set
  followers_count = excluded.followers_count, following_count = excluded.following_count,
  posts_count = excluded.posts_count, questions_count = excluded.questions_count, answers_count = excluded.answers_count,
  accepted_count = excluded.accepted_count, likes_count = excluded.likes_count, is_pulled = excluded.is_pulled;
