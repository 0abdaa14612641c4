// Pages of a feed and the same pages as the design would have them: offsets over the posts of whom one follows. Tags the
// design has, so that topics can be compared too.
import type pg from "pg";
import { type Statement, transaction } from "../connect.ts";

export const pageSize = 20;

export interface Profile {
  name: string;
  about: string;
  pages: number;
}

export const profiles: Profile[] = [
  { name: "many", about: "follows many people", pages: 900 },
  { name: "celebrities", about: "follows celebrities", pages: 100 },
  { name: "few", about: "follows a few people", pages: 3 },
  { name: "topics", about: "follows topics", pages: 900 },
  { name: "mixed", about: "follows people and topics", pages: 900 },
];

export const feedPage = (cursor: string | null): Statement => ({
  name: "feed",
  text: "select * from social.feed($1, $2)",
  values: [pageSize, cursor],
});

/** Only which posts come next, as the feed finds them, before they get their authors, topics and numbers. */
export const candidates = (userId: string, cursor: string | null): Statement => ({
  name: "candidates",
  text: `select c.* from private.social_read_cursor($2) as at
    cross join lateral private.social_feed_candidates(
      $1,
      array(select following_id from social.followers where follower_id = $1 and is_pulled),
      array(select topic_id from social.topic_followers where user_id = $1),
      array[$1]::uuid[], at.at, at.id, $3
    ) as c`,
  values: [userId, cursor, 2 * pageSize],
});

const followed = `author_id in (
  select f.following_id from bench.design_followers as f where f.follower_id = $1)`;
const tagged = `tags && array(
  select t.slug::text from social.topic_followers as tf join core.topics as t on t.id = tf.topic_id
  where tf.user_id = $1) and author_id <> $1`;
const conditions: Record<string, string> = { topics: tagged, mixed: `(${followed} or ${tagged})` };

export const designPage = (
  profile: Profile,
  userId: string,
  offset: number,
  limit = pageSize,
): Statement => ({
  name: `design-${profile.name}`,
  text:
    `select id, author_id, title, content, category, tags, likes_count, comments_count, created_at
    from bench.design_posts where is_published and ${conditions[profile.name] ?? followed}
    order by created_at desc limit $3 offset $2`,
  values: [userId, offset, limit],
});

interface Row {
  id: string;
  more_from_author: number;
  cursor: string;
}

export interface Depth {
  page: number;
  /** How many posts come before it: what an offset would be. */
  offset: number;
  cursor: string | null;
}

/**
 * From page to page, as far as the feed goes. What it showed and what it folded together must be the design's posts, in
 * their order and all of them.
 */
export async function walk(client: pg.Client, userId: string, profile: Profile): Promise<Depth> {
  const shown: string[] = [];
  let deepest: Depth = { page: 1, offset: 0, cursor: null };
  let read = 0;
  for (let page = 1, cursor: string | null = null; page <= profile.pages; page++) {
    const { rows } = await transaction(client, userId, "authenticated", feedPage(cursor));
    const found = rows as Row[];
    if (found.length === 0) break;
    if (found.length === pageSize) deepest = { page, offset: read, cursor };
    shown.push(...found.map(({ id }) => id));
    read += found.reduce((sum, { more_from_author: more }) => sum + 1 + more, 0);
    cursor = found.at(-1)?.cursor ?? null;
  }
  const { rows } = await client.query(designPage(profile, userId, 0, read));
  const theirs = (rows as { id: string }[]).map(({ id }) => id);
  const seen = new Set(shown);
  const common = theirs.filter((id) => seen.has(id));
  if (theirs.length !== read || JSON.stringify(common) !== JSON.stringify(shown)) {
    throw new Error(
      `${profile.about}: the feed has ${shown.length} posts and folds ${read - shown.length}; ` +
        `the design finds ${theirs.length} and ${common.length} of them in this order`,
    );
  }
  return deepest;
}
