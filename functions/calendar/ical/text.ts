// Lines of iCalendar (RFC 5545): escaped, and folded at 75 octets without cutting a character in two.

const encoder = new TextEncoder();

/** For values of type TEXT. */
export const escapeText = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll(";", "\\;").replaceAll(",", "\\,")
    // Some programs end a line at Unicode's separators too: what stands behind one would be a line of the calendar.
    .replaceAll(/\r\n|[\r\n\u0085\u2028\u2029]/g, "\\n")
    // No other control character may stand in a calendar.
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");

/** The first line has 75 octets; those that follow begin with a space, which counts. */
export const fold = (line: string): string => {
  if (encoder.encode(line).byteLength <= 75) return line;
  const lines: string[] = [];
  let current = "";
  let octets = 0;
  for (const character of line) {
    const size = encoder.encode(character).byteLength;
    if (octets + size > 75) {
      lines.push(current);
      current = " ";
      octets = 1;
    }
    current += character;
    octets += size;
  }
  return [...lines, current].join("\r\n");
};

export const writeLines = (lines: readonly string[]): string =>
  lines.map((line) => `${fold(line)}\r\n`).join("");
