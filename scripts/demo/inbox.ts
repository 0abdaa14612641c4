// What Realtime delivers to one person on his private channel, kept in order until the story asks for it.
import { Unmet } from "./steps.ts";
import type { Person } from "./people.ts";

export interface StatusChange {
  question_id: string;
  from: string | null;
  status: string;
}

export interface Notice {
  type: string;
  title: string;
  data: Record<string, string>;
}

export interface StudyProgress {
  xp: number;
  xp_gained: number;
  level: number;
  streak: number;
  achievements: { code: string; name: string }[];
  due: number;
}

interface Arrival<T> {
  event: string;
  payload: T;
  at: number;
}

type Wanted<T> = (payload: T) => boolean;

export class Inbox {
  readonly #arrivals: Arrival<unknown>[] = [];
  readonly #waiting = new Set<() => void>();

  /** Resolves once the channel says that it is joined. */
  async open(person: Person): Promise<void> {
    await person.client.realtime.setAuth();
    const channel = person.client.channel(`user:${person.id}`, { config: { private: true } });
    channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
      this.#arrivals.push({ event, payload, at: performance.now() });
      for (const look of this.#waiting) look();
    });
    await new Promise<void>((resolve, reject) => {
      channel.subscribe((state, error) => {
        if (state === "SUBSCRIBED") resolve();
        else if (state !== "CLOSED") {
          reject(new Unmet("SUBSCRIBED", `${state} ${error?.message ?? ""}`));
        }
      }, 10_000);
    });
  }

  /** The first arrival of its kind that fits and was not taken yet. */
  #take<T>(event: string, wanted: Wanted<T>): Arrival<T> | undefined {
    const index = this.#arrivals.findIndex((a) => a.event === event && wanted(a.payload as T));
    if (index < 0) return undefined;
    return this.#arrivals.splice(index, 1)[0] as Arrival<T>;
  }

  async #next<T>(event: string, what: string, wanted: Wanted<T>, timeoutMs: number) {
    return await new Promise<Arrival<T>>((resolve, reject) => {
      const look = () => {
        const found = this.#take(event, wanted);
        if (!found) return;
        end();
        resolve(found);
      };
      const timer = setTimeout(() => {
        end();
        const came = this.#arrivals.map((a) => `${a.event} ${JSON.stringify(a.payload)}`);
        reject(
          new Unmet(`${what} within ${timeoutMs / 1000} s`, came.slice(-3).join("\n") || "nothing"),
        );
      }, timeoutMs);
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  nextStatus(questionId: string, timeoutMs = 15_000): Promise<Arrival<StatusChange>> {
    return this.#next<StatusChange>(
      "question_status",
      "a change of the question",
      (change) => change.question_id === questionId,
      timeoutMs,
    );
  }

  notice(type: string, questionId: string, timeoutMs = 15_000): Promise<Arrival<Notice>> {
    return this.#next<Notice>(
      "notification",
      `the notification ${type}`,
      (notice) => notice.type === type && notice.data?.question_id === questionId,
      timeoutMs,
    );
  }

  progress(timeoutMs = 15_000): Promise<Arrival<StudyProgress>> {
    return this.#next<StudyProgress>(
      "study_progress",
      "news of the progress",
      () => true,
      timeoutMs,
    );
  }
}
