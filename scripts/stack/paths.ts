// Where things are, whatever folder a program was started from.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const stackFolder = join(root, ".stack");
export const defaultDataFolder = join(stackFolder, "data");
export const cacheFolder = join(stackFolder, "cache");
