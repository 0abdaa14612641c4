// What one person hears on his private channel.
import { until } from "../../setup/stack.ts";
import type { Person } from "./people.ts";

export interface Message {
  event: string;
  payload: Record<string, unknown> & { data?: Record<string, unknown> };
}

export interface Inbox {
  messages: Message[];
  next(event: string, fits: (payload: Message["payload"]) => boolean): Promise<Message["payload"]>;
  close(): Promise<void>;
}

export async function listen(person: Person): Promise<Inbox> {
  const messages: Message[] = [];
  await person.client.realtime.setAuth();
  const channel = person.client.channel(`user:${person.id}`, { config: { private: true } });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
    messages.push({ event, payload });
  });
  await new Promise<void>((resolve, reject) =>
    channel.subscribe((state, error) =>
      state === "SUBSCRIBED" ? resolve() : reject(error ?? new Error(state))
    )
  );
  return {
    messages,
    next: async (event, fits) =>
      await until(
        () => messages.find((m) => m.event === event && fits(m.payload))?.payload,
        `the broadcast ${event}`,
      ),
    close: async () => {
      await person.client.removeAllChannels();
      person.client.realtime.disconnect();
    },
  };
}
