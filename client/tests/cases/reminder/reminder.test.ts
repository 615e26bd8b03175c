import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarFile } from "../../../src/cases/reminder/calendar_file.ts";
import { dayOf, dueCases, isDue, onDay, suggestedDay } from "../../../src/cases/reminder/due.ts";
import type { Case } from "../../../src/cases/case.ts";

const entry = (id: string, reminder?: string): Case => ({ id, patient: "", site: "", notes: "", created: "", visits: [], ...(reminder && { reminder }) });

test("what is due today or was before is due, the longest first", () => {
  const cases = [entry("a", "2026-03-01"), entry("b"), entry("c", "2026-02-28"), entry("d", "2026-03-02")];
  assert.deepEqual(
    dueCases(cases, "2026-03-01").map(({ id }) => id),
    ["c", "a"],
  );
  assert.equal(isDue(entry("d", "2026-03-02"), "2026-03-01"), false);
});

test("the day that is suggested is the one that the answer speaks of", () => {
  const now = new Date(2026, 11, 25, 23, 30);
  assert.equal(suggestedDay("see_doctor", now), "2027-01-08");
  assert.equal(suggestedDay("unclear", now), "2027-01-22");
  assert.equal(suggestedDay("no_sign", now), "2027-03-26");
});

test("a moment moved to another day keeps its time of day", () => {
  const moved = new Date(onDay(new Date(2026, 2, 31, 14, 5).toISOString(), "2026-02-28"));
  assert.equal(dayOf(moved), "2026-02-28");
  assert.deepEqual([moved.getHours(), moved.getMinutes()], [14, 5]);
});

const file = calendarFile("c1", "2026-02-28", "A; long, \\title of a spot " + "é".repeat(60), new Date("2026-01-05T06:07:08.900Z"));

test("a calendar file is one event of a whole day with an alarm", () => {
  const lines = file.replaceAll("\r\n ", "").split("\r\n");
  for (const line of ["DTSTART;VALUE=DATE:20260228", "DTEND;VALUE=DATE:20260301", "UID:c1@dermdistill", "DTSTAMP:20260105T060708Z", "TRIGGER:PT9H"]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(lines.includes(`SUMMARY:A\\; long\\, \\\\title of a spot ${"é".repeat(60)}`));
});

test("no line of it is longer than 75 bytes, and all end as RFC 5545 wants", () => {
  assert.ok(file.endsWith("END:VCALENDAR\r\n"));
  for (const line of file.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 75, line);
  assert.ok(!/[^\r]\n/.test(file));
});
