// A timetable as events: one that repeats for each block, the days on which it is not (EXDATE), the ones that were
// moved (RECURRENCE-ID), and single events for what is extra.
//
// Where the clocks change, programs differ: some repeat the length by the clock, some in minutes; a time that comes
// twice or never is anybody's guess. There a day leaves the repetition and becomes an event of its own, in UTC.

import type { Block, Content, Exception } from "../schema.ts";
import { dateStamp, dayOf, minutesOf, mondayOf, readerOf, weekdayOf } from "./clock.ts";

export interface Span {
  /** By the clock of the school, in minutes since 1970. */
  start: number;
  /** Null: no end is known. */
  end: number | null;
}

export interface CalendarEvent {
  uid: string;
  name: string;
  notes: string;
  span: Span;
  /** Written in UTC: the clock says it twice, never, or with another length. */
  inUtc: boolean;
  /** How many weeks apart, until which start; none: once. */
  repeats?: { weeks: 1 | 2; lastStart: number; except: number[] };
  /** The start that this one stands for, in the series of the same uid. */
  replaces?: number;
}

const DAY = 1440;

const spanOf = (day: number, start: string, end: string | null, duration: number | null): Span => {
  const from = day * DAY + minutesOf(start);
  if (end === null) return { start: from, end: duration === null ? null : from + duration };
  const to = day * DAY + minutesOf(end);
  return { start: from, end: to > from ? to : to + DAY };
};

export const eventsOf = ({ timetable, blocks, exceptions, offsets }: Content): CalendarEvent[] => {
  const { starts_on, ends_on } = timetable;
  if (starts_on === null || ends_on === null) return [];
  const [first, last] = [dayOf(starts_on), dayOf(ends_on)];
  const read = readerOf(offsets);
  const inTerm = (day: number) => day >= first && day <= last;
  const holidays = exceptions.filter(({ kind }) => kind === "no_school")
    .map(({ on_date, to_date }) => [dayOf(on_date), dayOf(to_date)] as const);
  const isOff = (day: number) => holidays.some(([from, to]) => day >= from && day <= to);

  const isPlain = ({ start, end }: Span): boolean => {
    const begin = read(start);
    if (!begin.isPlain || end === null) return begin.isPlain;
    const stop = read(end);
    return stop.isPlain && stop.at - begin.at === (end - start) * 60;
  };

  const anchor = mondayOf(dayOf(timetable.week_start_date ?? starts_on));
  const daysOf = ({ weekday, week }: Block): number[] => {
    const days: number[] = [];
    for (let day = first + (weekday - weekdayOf(first) + 7) % 7; day <= last; day += 7) {
      const isB = Math.abs((mondayOf(day) - anchor) / 7) % 2 === 1;
      const here = timetable.cycle_weeks === 2 ? (isB ? "B" : "A") : null;
      if (week === null || week === here) days.push(day);
    }
    return days;
  };

  const single = (uid: string, name: string, notes: string, span: Span): CalendarEvent => ({
    uid,
    name,
    notes,
    span,
    inUtc: !isPlain(span),
  });

  const blockEvents = (block: Block): CalendarEvent[] => {
    const own = new Map<number, Exception>(
      exceptions.filter(({ timeblock_id }) => timeblock_id === block.id)
        .map((exception) => [dayOf(exception.on_date), exception]),
    );
    const events: CalendarEvent[] = [];
    const inSeries: number[] = [];
    const days = daysOf(block);
    for (const day of days) {
      const usual = spanOf(day, block.start_time, block.end_time, null);
      const exception = own.get(day);
      let event: CalendarEvent;
      if (exception?.kind === "moved" && exception.start_time !== null) {
        const target = dayOf(exception.to_date);
        if (!inTerm(target)) continue;
        event = single(
          block.id,
          exception.name ?? block.name,
          exception.notes === "" ? block.notes : exception.notes,
          spanOf(target, exception.start_time, exception.end_time, block.duration),
        );
      } else {
        if (exception || isOff(day)) continue;
        event = single(block.id, block.name, block.notes, usual);
      }
      if (!isPlain(usual)) {
        events.push({ ...event, uid: `${block.id}-${dateStamp(day)}` });
        continue;
      }
      inSeries.push(day);
      if (exception) events.push({ ...event, replaces: usual.start });
    }
    const [from, to] = [inSeries[0], inSeries.at(-1)];
    if (from === undefined || to === undefined) return events;
    if (from === to && own.has(from)) {
      // Nothing repeats: the one that was moved is all there is.
      return events.map(({ replaces: _, ...event }) => event);
    }
    const startOf = (day: number) => day * DAY + minutesOf(block.start_time);
    return [{
      ...single(
        block.id,
        block.name,
        block.notes,
        spanOf(from, block.start_time, block.end_time, null),
      ),
      repeats: {
        weeks: block.week === null ? 1 : 2,
        lastStart: startOf(to),
        except: days.filter((day) => day > from && day < to && !inSeries.includes(day)).map(
          startOf,
        ),
      },
    }, ...events];
  };

  const extras = exceptions.flatMap(({ id, kind, name, notes, on_date, start_time, end_time }) =>
    kind === "extra" && start_time !== null && inTerm(dayOf(on_date))
      ? [single(id, name ?? "", notes, spanOf(dayOf(on_date), start_time, end_time, null))]
      : []
  );
  return [...blocks.flatMap(blockEvents), ...extras];
};
