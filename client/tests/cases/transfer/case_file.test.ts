import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMAT, joined, readCases } from "../../../src/cases/transfer/case_file.ts";
import { answer, visit } from "../../made_up.ts";

const { picture: _, ...about } = visit("2026-03-01T10:00:00.000Z", answer("nv", 0.01));
const written = { ...about, picture: `data:image/png;base64,${btoa("pixels")}` };
const whole = { id: "1", patient: "P-1", site: "", notes: "", created: "2026-03-01T10:00:00.000Z", visits: [written] };
const file = (...cases: unknown[]): string => JSON.stringify({ ...FORMAT, cases });

test("a file is read whole, its pictures as bytes", async () => {
  const [entry] = readCases(file(whole));
  assert.equal(entry!.patient, "P-1");
  const [read] = entry!.visits;
  assert.equal(await read!.picture.text(), "pixels");
  assert.equal(read!.picture.type, "image/png");
  assert.deepEqual(read!.answer, about.answer);
});

/** The whole case with its answer changed. */
const answered = (changes: object): object => ({
  ...whole,
  visits: [{ ...written, answer: { ...written.answer, ...changes } }],
});

const damaged: Record<string, string> = {
  "no JSON": "not JSON",
  "another format": file(whole).replace(FORMAT.format, "something-else"),
  "a newer version": JSON.stringify({ ...FORMAT, version: 2, cases: [whole] }),
  "a picture that is none": file({ ...whole, visits: [{ ...written, picture: "data:text/html;base64,eA==" }] }),
  "an empty picture": file({ ...whole, visits: [{ ...written, picture: "data:image/png;base64," }] }),
  "no date": file({ ...whole, created: "" }),
  "no pictures": file({ ...whole, visits: [] }),
  "a patient that is no text": file({ ...whole, patient: 7 }),
  ...Object.fromEntries(
    ["malignant_probability", "diagnosis", "name", "plain", "quality", "heat_map"].map((key) => [
      `no ${key}`,
      file(answered({ [key]: undefined })),
    ]),
  ),
  "a class without its probability": file(answered({ probabilities: { mel: 1 } })),
};

for (const [name, text] of Object.entries(damaged)) {
  test(`a file with ${name} is refused whole`, () => {
    assert.throws(() => readCases(text));
    if (text.startsWith("{")) {
      const { cases, ...rest } = JSON.parse(text) as { cases: unknown[] };
      assert.throws(() => readCases(JSON.stringify({ ...rest, cases: [{ ...whole, id: "0" }, ...cases] })));
    }
  });
}

test("a case that is here keeps its words and gets the pictures that it lacks, earliest first", () => {
  const [here] = readCases(file(whole));
  const [there] = readCases(
    file({
      ...whole,
      notes: "Other words.",
      visits: [written, { ...written, id: "0", date: "2025-01-01T10:00:00.000Z" }],
    }),
  );
  const together = joined(here, there!);
  assert.equal(together.notes, "");
  assert.deepEqual(
    together.visits.map(({ id }) => id),
    ["0", written.id],
  );
  assert.equal(joined(undefined, there!), there);
});
