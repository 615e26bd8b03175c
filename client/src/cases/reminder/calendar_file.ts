// A reminder as a file for any calendar: iCalendar, RFC 5545.

const LINE_BYTES = 75;

/**
 * One event of a whole day, with an alarm at nine in the morning.
 * @param id the same for the same reminder, so that a calendar replaces it
 * @param day as 2026-03-01
 */
export function calendarFile(id: string, day: string, title: string, now = new Date()): string {
  const date = (when: Date): string => when.toISOString().slice(0, 10).replaceAll("-", "");
  const start = new Date(`${day}T00:00:00Z`);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//DermDistill//Cases//EN",
    "BEGIN:VEVENT",
    `UID:${id}@dermdistill`,
    `DTSTAMP:${now.toISOString().replace(/[-:]|\.\d+/g, "")}`,
    `DTSTART;VALUE=DATE:${date(start)}`,
    `DTEND;VALUE=DATE:${date(new Date(start.getTime() + 86_400_000))}`,
    `SUMMARY:${escaped(title)}`,
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:PT9H",
    `DESCRIPTION:${escaped(title)}`,
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** Section 3.3.11. */
const escaped = (text: string): string => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

/** Section 3.1: no line is longer than 75 bytes; no letter is cut in two. */
function folded(line: string): string {
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const lines = [""];
  for (const letter of line) {
    if (bytes(lines.at(-1)! + letter) > LINE_BYTES) lines.push(" ");
    lines.push(lines.pop()! + letter);
  }
  return lines.join("\r\n");
}
