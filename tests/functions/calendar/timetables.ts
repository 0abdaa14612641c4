// Timetables for the tests of the calendar, and a calendar read by another's parser.
import ICAL from "ical.js";
import type { Block, Content, Exception, Offset } from "../../../functions/calendar/schema.ts";

/** The offsets of a zone as this runtime knows them: not from the database that the function asks. */
export function offsetsOf(zone: string, from: string, to: string): Offset[] {
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const at = (seconds: number): number => {
    const text = format.formatToParts(seconds * 1000).find(({ type }) => type === "timeZoneName")
      ?.value ?? "";
    const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
    return hours ? (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60) : 0;
  };
  const [start, end] = [Date.parse(from) / 1000, Date.parse(to) / 1000];
  const found = [{ since: start, seconds: at(start) }];
  for (let hour = start; hour < end; hour += 1800) {
    const seconds = at(hour);
    if (seconds !== found.at(-1)?.seconds) found.push({ since: hour, seconds });
  }
  return found;
}

let count = 0;
const id = () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export const block = (
  weekday: number,
  start: string,
  end: string | null,
  more: Partial<Block> = {},
) => ({
  id: id(),
  name: "Maths",
  day_of_week: days[weekday - 1] ?? "",
  weekday,
  week: null,
  start_time: start,
  end_time: end,
  duration: null,
  notes: "",
  color: "#3B82F6",
  position: 0,
  ...more,
});

export const exception = (kind: Exception["kind"], on: string, more: Partial<Exception> = {}) => ({
  id: id(),
  timeblock_id: null,
  kind,
  on_date: on,
  to_date: on,
  name: null,
  start_time: null,
  end_time: null,
  notes: "",
  ...more,
});

export const content = (
  zone: string,
  blocks: Block[],
  more: Partial<Content["timetable"]> & { exceptions?: Exception[] } = {},
): Content => {
  const { exceptions = [], ...facts } = more;
  return {
    timetable: {
      id: id(),
      name: "Class 2EJ",
      class_name: "2EJ",
      school_name: null,
      teacher_name: null,
      term: null,
      year: 2026,
      status: "active",
      starts_on: "2026-01-05",
      ends_on: "2026-12-18",
      cycle_weeks: 1,
      week_start_date: null,
      time_zone: zone,
      calendar_sequence: 7,
      updated_at: "2026-01-02T03:04:05Z",
      ...facts,
    },
    blocks,
    exceptions,
    offsets: offsetsOf(zone, "2024-12-01T00:00:00Z", "2028-02-01T00:00:00Z"),
  };
};

export interface Read {
  name: string;
  notes: string;
  start: string;
  /** Null: the calendar names none. */
  end: string | null;
}

const moment = (time: ICAL.Time) => new Date(time.toUnixTime() * 1000).toISOString();

/** Everything that a calendar says happens, in order, as ical.js reads it. */
export function readCalendar(text: string): Read[] {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const components = calendar.getAllSubcomponents("vevent");
  const moved = components.filter((component) => component.hasProperty("recurrence-id"));
  const found: Read[] = [];
  const add = (item: ICAL.Event, start: ICAL.Time, end: ICAL.Time) =>
    found.push({
      name: item.summary,
      notes: item.description ?? "",
      start: moment(start),
      end: item.component.hasProperty("dtend") ? moment(end) : null,
    });
  for (const component of components.filter((one) => !moved.includes(one))) {
    const uid = component.getFirstPropertyValue("uid");
    const event = new ICAL.Event(component, {
      exceptions: moved.filter((one) => one.getFirstPropertyValue("uid") === uid),
    });
    if (!event.isRecurring()) {
      add(event, event.startDate, event.endDate);
      continue;
    }
    const iterator = event.iterator();
    for (let next = iterator.next(); next; next = iterator.next()) {
      const { item, startDate, endDate } = event.getOccurrenceDetails(next);
      add(item, startDate, endDate);
    }
  }
  return found.sort((one, other) =>
    one.start.localeCompare(other.start) || one.name.localeCompare(other.name)
  );
}
