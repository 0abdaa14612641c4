// OpenAI, or any server that speaks its protocol (Azure's v1 address, vLLM, Ollama, LiteLLM …).

export { createClient, OPENAI_PROVIDER, type OpenAiSettings } from "./openai-client.ts";
export { createOpenAiChat } from "./openai-chat.ts";
export { createOpenAiEmbeddings } from "./openai-embeddings.ts";
