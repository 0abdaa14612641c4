// Material for tests: handed in as a frontend does it, and waited for.
import { type Client, type Person, signUp, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";

export interface Material {
  id: string;
  title: string;
  processing_status: string;
  processing_error: string | null;
  progress: number;
  revision: number;
  ready_revision: number | null;
  language: string;
  page_count: number | null;
  chunk_count: number;
}

export interface Passage {
  id: string;
  chunk_no: number;
  content: string;
  heading_path: string[];
  page_number: number | null;
  page_end: number | null;
  char_start: number;
  char_end: number;
}

const TYPES: Record<string, string> = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  md: "text/markdown",
  html: "text/html",
  txt: "text/plain",
  png: "image/png",
};

export const learner = (): Promise<Person> => signUp({}, "study");

export async function upload(by: Person, name: string, content: Uint8Array | string) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const path = `${by.id}/${crypto.randomUUID()}/${name}`;
  const contentType = TYPES[name.split(".").at(-1) ?? ""] ?? "text/plain";
  const { error } = await by.client.storage.from("materials").upload(
    path,
    bytes as Uint8Array<ArrayBuffer>,
    { contentType },
  );
  if (error) throw error;
  return path;
}

/** The worker has said its last word. */
export const settled = (client: Client, id: string, timeoutMs = 30_000): Promise<Material> =>
  until(
    async () => {
      const { data } = await client.from("materials").select("*").eq("id", id).single();
      const material = data as Material | null;
      return material !== null && ["completed", "failed"].includes(material.processing_status) &&
        material;
    },
    `material ${id} to be taken in`,
    timeoutMs,
  );

export async function takeIn(
  by: Person,
  name: string,
  content: Uint8Array | string,
  more: Record<string, unknown> = {},
): Promise<Material> {
  const path = await upload(by, name, content);
  const { id } = await granted(
    by.client.rpc("create_material", { p_path: path, ...more }),
  ) as Material;
  return await settled(by.client, id);
}

export async function passagesOf(by: Person, materialId: string): Promise<Passage[]> {
  const { data, error } = await by.client.from("material_chunks").select("*")
    .eq("material_id", materialId).order("chunk_no");
  if (error) throw error;
  return data as Passage[];
}

export const prose = (topic: string, sentences = 12): string =>
  Array.from(
    { length: sentences },
    (_, i) => `Sentence ${i + 1} about the ${topic} says what the ${topic} does in the body.`,
  ).join(" ");
