// 100,000 passages of 1,000 people at scale 1: ten materials each, ten passages a material. Passages are made of sentences on
// the subject of their material and some on others; their vectors are the sums of those of their sentences, by the local
// model: words and vectors mean the same, and making them takes seconds.
import type pg from "pg";
import { embedLexically } from "../../../functions/_shared/ai/embeddings-local.ts";
import { vectorLiteral } from "../../../functions/_shared/ai/vectors.ts";

export const MODEL = { provider: "local", model: "local-lexical-1", dimensions: 384 };
const SUBJECTS = 200;
const SENTENCES = 60;
const AT_ONCE = 500;

/** The same numbers on every machine. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SYLLABLES =
  "ba be bi bo ca ce co da de do fa fe fo ga ge go la le lo ma me mo ra re ro ta te to va ve".split(
    " ",
  );
const wordOf = (no: number): string =>
  `${SYLLABLES[no % 30]}${SYLLABLES[Math.floor(no / 30) % 30]}${
    SYLLABLES[Math.floor(no / 900) % 30]
  }n`;

interface Sentence {
  text: string;
  vector: number[];
}

/** What is said of each subject: its own words, and those that everything is told with, frequent ones first. */
function makeSentences(random: () => number): Sentence[][] {
  return Array.from({ length: SUBJECTS }, (_, subject) =>
    Array.from({ length: SENTENCES }, () => {
      const words = Array.from({ length: 12 + Math.floor(random() * 8) }, () => {
        const rank = Math.floor(Math.exp(random() * Math.log(4_000)));
        return wordOf(random() < 0.35 ? 4_000 + subject * 90 + rank % 90 : rank);
      });
      const text = `${words.join(" ")}.`;
      return { text, vector: embedLexically(text) };
    }));
}

const idOf = (kind: number, no: number) =>
  `${kind}0000000-0000-4000-8000-${String(no).padStart(12, "0")}`;
export const userOf = (no: number) => idOf(1, no);
export const groupId = idOf(9, 1);

export interface Question {
  text: string;
  vector: string;
}
export interface StudyRows {
  passages: number;
  people: number;
  /** Part of a sentence on a subject each. */
  questions: Question[];
}

const meanOf = (sentences: Sentence[]): string => {
  const sum = new Array<number>(MODEL.dimensions).fill(0);
  for (const { vector } of sentences) vector.forEach((value, i) => sum[i] = (sum[i] ?? 0) + value);
  const norm = Math.hypot(...sum);
  return vectorLiteral(sum.map((value) => Math.round((value / norm) * 1e4) / 1e4));
};

async function insertPeople(client: pg.Client, people: number): Promise<void> {
  await client.query("set session_replication_role = replica");
  await client.query(
    `insert into core.profiles (id, username)
     select ('10000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, 'study_' || i from generate_series(1, $1::integer) as i`,
    [people],
  );
  await client.query(
    `insert into study.materials (id, user_id, title, file_name, file_type, file_size, bucket_id, path, language, visibility,
       processing_status, ready_revision, chunk_count)
     select ('20000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
       ('10000000-0000-4000-8000-' || lpad((1 + (i - 1) / 10)::text, 12, '0'))::uuid,
       'Material ' || i, 'm.txt', 'text', 1, 'materials', 'bench/' || i, 'english', case when i % 50 = 0 then 'authenticated' else 'private' end,
       'completed', 1, 10
     from generate_series(1, 10 * $1::integer) as i`,
    [people],
  );
  // The second person reads a tenth of all, in a group; the third reads all.
  await client.query(
    `insert into study.groups (id, owner_id, name) values ($1, $2, 'A tenth'), ('90000000-0000-4000-8000-000000000002', $2, 'All')`,
    [groupId, userOf(1)],
  );
  await client.query(
    `insert into study.group_members (group_id, user_id, accepted_at)
     values ($1, $2, now()), ('90000000-0000-4000-8000-000000000002', $3, now())`,
    [groupId, userOf(2), userOf(3)],
  );
  await client.query(
    `insert into study.material_shares (material_id, group_id)
     select m.id, g.id from study.materials as m
     join study.groups as g on g.id <> $1 or right(m.path, 1) = '7'`,
    [groupId],
  );
  await client.query("set session_replication_role = origin");
}

export async function fillStudy(client: pg.Client, scale: number): Promise<StudyRows> {
  const random = numbers(42);
  const subjects = makeSentences(random);
  const any = <T>(list: T[]): T => list[Math.floor(random() * list.length)] as T;
  const people = Math.max(20, Math.round(1_000 * scale));
  await insertPeople(client, people);
  await client.query(
    "insert into study.embedding_models (model, provider, dimensions, status, activated_at) values ($1, $2, $3, 'active', now())",
    [MODEL.model, MODEL.provider, MODEL.dimensions],
  );
  const passages = people * 100;
  for (let from = 0; from < passages; from += AT_ONCE) {
    const rows = Array.from({ length: Math.min(AT_ONCE, passages - from) }, (_, i) => {
      const material = 1 + Math.floor((from + i) / 10);
      const own = subjects[(material * 7) % SUBJECTS] as Sentence[];
      const said = Array.from({ length: 8 }, () => any(random() < 0.7 ? own : any(subjects)));
      return {
        id: idOf(3, from + i),
        material: idOf(2, material),
        person: userOf(1 + Math.floor((material - 1) / 10)),
        no: (from + i) % 10,
        text: said.map(({ text }) => text).join(" "),
        vector: meanOf(said),
      };
    });
    await client.query(
      `with passages as (
         insert into study.material_chunks
           (id, material_id, user_id, chunk_no, content, char_start, char_end, content_hash, language, revision)
         select id, material, person, no, text, 0, length(text), encode(sha256(convert_to(text, 'UTF8')), 'hex'), 'english', 1
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[]) as u (id, material, person, no, text)
         returning id, material_id, content_hash
       )
       insert into study.chunk_embeddings (chunk_id, model, material_id, content_hash, embedding)
       select p.id, $7, p.material_id, p.content_hash, v.vector::extensions.halfvec
       from unnest($1::uuid[], $6::text[]) as v (id, vector) join passages as p on p.id = v.id`,
      [
        ...(["id", "material", "person", "no", "text", "vector"] as const).map((column) =>
          rows.map((row) => row[column])
        ),
        MODEL.model,
      ],
    );
  }
  await client.query("select private.fold_study_terms(100000000)");
  await client.query("set maintenance_work_mem = '512MB'");
  await client.query("select private.study_vector_index($1, $2)", [MODEL.model, MODEL.dimensions]);
  await client.query("vacuum analyze");
  const questions = Array.from({ length: 40 }, () => {
    const words = any(any(subjects)).text.slice(0, -1).split(" ");
    const text = words.slice(0, 3 + Math.floor(random() * 6)).join(" ");
    return { text, vector: vectorLiteral(embedLexically(text)) };
  });
  return { passages, people, questions };
}
