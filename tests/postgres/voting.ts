// People who vote on posts, in a database of their own, and what can be counted of it.
import { expect } from "vitest";
import { asUser, copyOf, type Database, loadHelpers, times, warmUp } from "./native.ts";

export interface Totals {
  likes_count: number;
  dislikes_count: number;
  votes_count: number;
  my_vote: string | null;
}

export type Voting = Awaited<ReturnType<typeof openVoting>>;

export async function openVoting(name: string) {
  const database: Database = await copyOf("TEMPLATE", name);
  const { sql } = database;
  await loadHelpers(sql);
  // The limit on votes is tested elsewhere.
  await sql`
    update core.settings set value = jsonb_set(value, '{vote}',
      '{"usual": {"burst": 10000, "per_hour": 10000}, "new": {"burst": 10000, "per_hour": 10000}}')
    where key = 'social.limits'`;
  await warmUp(sql, 50);

  async function person(name: string): Promise<string> {
    const [row] = await sql<{ id: string }[]>`
      select tests.create_user(${`${name}@votes.test`}) as id`;
    return row?.id ?? "";
  }

  const author = await person("author");

  return {
    database,
    sql,
    author,
    person,
    people: (name: string, count: number) =>
      Promise.all(times(count, (index) => person(`${name}-${index}`))),

    post: async (authorId = author): Promise<string> => {
      const [row] = await sql<{ id: string }[]>`
        insert into social.posts (author_id, title, content)
        values (${authorId}, 'Valves', 'How they close.') returning id`;
      return row?.id ?? "";
    },

    /** Each commit waits a little, as on a server with replicas: so those who vote at once really meet. */
    vote: (userId: string, postId: string, choice: "upvote" | "downvote" | null) =>
      asUser(database, userId, async (tx) => {
        const [totals] = await tx<Totals[]>`
          select * from social.vote('post', ${postId}, ${choice})`;
        await tx`select pg_sleep(0.002)`;
        return totals;
      }),

    /** What a reader is told, what the column says, and what the rows are. */
    counts: async (postId: string) => {
      const [row] = await sql`
        select p.likes_count, p.dislikes_count,
          private.social_waiting('post', p.id, 'likes_count') as likes_waiting,
          private.social_waiting('post', p.id, 'dislikes_count') as dislikes_waiting,
          count(v.*) filter (where v.vote_type = 'upvote')::int as upvotes,
          count(v.*) filter (where v.vote_type = 'downvote')::int as downvotes
        from social.posts p left join social.votes v on v.votable_id = p.id
        where p.id = ${postId} group by p.id`;
      return row as Record<string, number>;
    },

    likesOf: async (userId: string) => {
      const [row] = await sql<{ likes: number }[]>`
        select likes_count + private.social_waiting('profile', user_id, 'likes_count') as likes
        from social.profile_stats where user_id = ${userId}`;
      return row?.likes;
    },

    wrongCounters: () => sql`select * from private.social_counters_counted where value <> counted`,

    fold: async (): Promise<void> => {
      await sql`select private.social_fold_counters()`;
      const [row] = await sql`select count(*)::int as waiting from social.counter_deltas`;
      expect(row).toEqual({ waiting: 0 });
    },
  };
}
