// A VTIMEZONE out of what the clocks of a zone really did and will do around the term.

import type { Offset } from "../schema.ts";

const two = (value: number) => String(value).padStart(2, "0");

/** +0545, -0330, and with seconds where history has them. */
const offsetText = (seconds: number): string => {
  const size = Math.abs(seconds);
  const rest = size % 60;
  return `${seconds < 0 ? "-" : "+"}${two(Math.floor(size / 3600))}${
    two(Math.floor(size / 60) % 60)
  }${rest ? two(rest) : ""}`;
};

const localStart = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");

export const zoneLines = (zone: string, offsets: readonly Offset[]): string[] => {
  const lowest = Math.min(...offsets.map(({ seconds }) => seconds));
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${zone}`,
    ...offsets.flatMap(({ since, seconds }, index) => {
      const before = offsets[index - 1]?.seconds ?? seconds;
      const kind = seconds > lowest ? "DAYLIGHT" : "STANDARD";
      return [
        `BEGIN:${kind}`,
        // By the clock that was showing until then.
        `DTSTART:${index === 0 ? "19700101T000000" : localStart(since + before)}`,
        `TZOFFSETFROM:${offsetText(before)}`,
        `TZOFFSETTO:${offsetText(seconds)}`,
        `END:${kind}`,
      ];
    }),
    "END:VTIMEZONE",
  ];
};
