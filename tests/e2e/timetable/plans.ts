// Timetables for the end-to-end tests, made the way a client makes them.
import { expect } from "vitest";
import type { Person } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";

/** Over the night in which the clocks of London go forward. */
export const term = { p_from: "2026-03-02", p_to: "2026-04-24" };

export interface Occurrence {
  name: string;
  notes: string;
  starts_at: string;
  ends_at: string | null;
}

export async function makePlan(person: Person): Promise<string> {
  const { id } = await granted(
    person.client.from("timetables").insert({
      name: "Class 2EJ",
      starts_on: term.p_from,
      ends_on: term.p_to,
      time_zone: "Europe/London",
    }).select("id").single(),
  );
  await granted(
    person.client.from("timeblocks").insert([
      {
        timetable_id: id,
        name: "Maths",
        day_of_week: "Monday",
        start_time: "09:00",
        end_time: "10:00",
      },
      {
        timetable_id: id,
        name: "Art",
        day_of_week: "Tuesday",
        start_time: "13:00",
        end_time: "14:30",
        week: "B",
      },
      {
        timetable_id: id,
        name: "Camp",
        day_of_week: "Saturday",
        start_time: "22:00",
        end_time: "07:00",
      },
      { timetable_id: id, name: "Bell", day_of_week: "Friday", start_time: "08:35" },
    ]).select("id"),
  );
  return id as string;
}

export const refused = (
  { status, error }: { status: number; error: { message: string; hint: string | null } | null },
  wanted: number,
  code: string,
) => {
  expect([status, error?.message]).toEqual([wanted, code]);
  expect(error?.hint).toBeTruthy();
};
