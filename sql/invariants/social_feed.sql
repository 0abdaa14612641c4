-- Follows and feeds: nobody follows across a block, feeds hold what is in lists and nothing else, and whoever is read
-- instead of written is so for all his followers. They hold because publishing, blocking and following take the lock of a
-- person before they look.

select 'follow across a block' as rule, f.follower_id::text as id, f.following_id::text as detail
from social.followers as f
join core.blocks as b
  on (b.blocker_id = f.follower_id and b.blocked_id = f.following_id)
  or (b.blocker_id = f.following_id and b.blocked_id = f.follower_id)
union all
select 'feed entry of a post that is not in lists', e.post_id::text, e.user_id::text
from social.feed_entries as e
join social.posts as p on p.id = e.post_id
where not p.is_published or p.deleted_at is not null or p.hidden_at is not null
  or p.published_at <> e.published_at or p.author_id is distinct from e.author_id
union all
select 'follower reads an author otherwise than others', f.follower_id::text, f.following_id::text
from social.followers as f
left join social.profile_stats as s on s.user_id = f.following_id
where f.is_pulled is distinct from coalesce(s.is_pulled, false)
union all
select 'follower of a merged topic', f.user_id::text, t.slug::text
from social.topic_followers as f
join core.topics as t on t.id = f.topic_id
where t.merged_into_id is not null
union all
select 'mention of oneself', m.content_id::text, m.user_id::text
from social.mentions as m
where m.actor_id = m.user_id
