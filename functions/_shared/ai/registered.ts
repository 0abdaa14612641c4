// Vectors are compared with vectors of their own model. While another takes over, questions still need the one that
// answers: what the environment says of keys and addresses holds, which model it is, the database says.

import { type Env, runtimeEnv } from "../config.ts";

/** A row of study.embedding_models. */
export interface RegisteredModel {
  provider: string;
  model: string;
  dimensions: number;
}

export const envOfModel =
  ({ provider, model, dimensions }: RegisteredModel, env: Env = runtimeEnv): Env => (name) => {
    if (name === "EMBEDDINGS_PROVIDER") return provider;
    if (name === "EMBEDDINGS_MODEL") return model;
    return name === "EMBEDDINGS_DIMENSIONS" ? String(dimensions) : env(name);
  };
