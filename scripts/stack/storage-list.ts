// One folder of a bucket. Storage keeps full names only; folders are what lies between slashes.

export interface StoredObject {
  id: string;
  name: string;
  created_at: string;
  updated_at: string;
  last_accessed_at: string;
  metadata: Record<string, unknown> | null;
}

export interface ListRequest {
  prefix?: string;
  search?: string;
  limit?: number;
  offset?: number;
  sortBy?: { column?: string; order?: string };
}

type Entry = { [key in keyof StoredObject]: StoredObject[key] | null } & { name: string };

const sortable = ["name", "created_at", "updated_at", "last_accessed_at"] as const;

export function listFolder(objects: StoredObject[], asked: ListRequest): Entry[] {
  const folder = asked.prefix ? asked.prefix.replace(/\/*$/, "/") : "";
  const search = (asked.search ?? "").toLowerCase();
  const column = sortable.find((name) => name === asked.sortBy?.column) ?? "name";
  const sign = asked.sortBy?.order === "desc" ? -1 : 1;

  const below = objects
    .filter(({ name }) => name.startsWith(folder) && name.length > folder.length)
    .map((object) => ({ ...object, name: object.name.slice(folder.length) }))
    .filter(({ name }) => name.toLowerCase().startsWith(search));
  const files = below.filter(({ name }) => !name.includes("/"))
    .sort((a, b) => sign * String(a[column]).localeCompare(String(b[column]), "en"))
    .map(({ id, name, created_at, updated_at, last_accessed_at, metadata }) => ({
      name,
      id,
      updated_at,
      created_at,
      last_accessed_at,
      metadata,
    }));
  const folders = [...new Set(below.flatMap(({ name }) => name.split("/").slice(0, -1)[0] ?? []))]
    .sort((a, b) => (column === "name" ? sign : 1) * a.localeCompare(b, "en"))
    .map((name) => ({
      name,
      id: null,
      updated_at: null,
      created_at: null,
      last_accessed_at: null,
      metadata: null,
    }));
  const offset = asked.offset ?? 0;
  return [...folders, ...files].slice(offset, offset + (asked.limit ?? 100));
}
