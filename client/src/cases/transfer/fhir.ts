// One case as FHIR R5, for a patient's record: a Bundle with a preliminary DiagnosticReport for each picture, as
// `dermdistill record --fhir` makes it (records/fhir.py, whose words and codes are read here, too). It refers to the
// pictures and does not hold them. Words are English: software reads them.
import icd from "../../../../src/dermdistill/records/icd.json" with { type: "json" };
import words from "../../../../src/dermdistill/records/words.json" with { type: "json" };
import { missedMelanomas } from "../../assessment/operating_point.ts";
import type { ClassSpec } from "../../engine/index.ts";
import { type Case, inOrder, otherAlarm, readVisit, type Visit } from "../case.ts";

type Resource = Record<string, unknown> & { resourceType: string };
interface Entry {
  fullUrl: string;
  resource: Resource;
}
interface Icd {
  system: "icd10" | "icd11";
  code: string;
  title: string;
  relation: "equivalent" | "narrower" | "broader" | "related";
}

const URN = "urn:dermdistill";
const RELATIONS = {
  equivalent: "equivalent",
  narrower: "source-is-narrower-than-target",
  broader: "source-is-broader-than-target",
  related: "related-to",
};

/** @returns a Bundle of type `collection`; a visit's picture is referred to by its date, kind and length */
export function fhirBundle(entry: Case, now = new Date().toISOString()): Resource {
  const entries = inOrder(entry.visits).flatMap((visit) => visitEntries(entry, visit));
  const maps = new Map(entry.visits.map((visit) => [system(visit), visit]));
  return {
    resourceType: "Bundle",
    type: "collection",
    timestamp: now,
    entry: [...entries, ...[...maps.values()].flatMap((visit) => conceptMaps(visit)).map(entryOf)],
  };
}

function visitEntries(entry: Case, visit: Visit): Entry[] {
  const device = entryOf(deviceOf(visit));
  const picture = entryOf({
    resourceType: "DocumentReference",
    status: "current",
    content: [{ attachment: { contentType: visit.picture.type || undefined, size: visit.picture.size, creation: visit.date } }],
  });
  const shared = {
    status: "preliminary",
    effectiveDateTime: visit.date,
    ...subject(entry),
    ...(entry.site && { bodySite: { text: entry.site } }),
    device: { reference: device.fullUrl },
    derivedFrom: [{ reference: picture.fullUrl }],
  };
  const results = [{ ...assessed(visit), ...shared }, { ...probabilities(visit), ...shared }].map(entryOf);
  const report = entryOf({
    resourceType: "DiagnosticReport",
    status: "preliminary",
    code: { coding: [{ system: "http://loinc.org", code: "18748-4" }], text: words.report },
    ...subject(entry),
    effectiveDateTime: visit.date,
    result: results.map(({ fullUrl }) => ({ reference: fullUrl })),
    media: [{ link: { reference: picture.fullUrl } }],
    conclusion: conclusion(entry, visit),
    ...(entry.notes && { note: [{ text: entry.notes }] }),
  });
  return [report, ...results, device, picture];
}

const subject = ({ patient }: Case): object => (patient ? { subject: { display: patient } } : {});

function conclusion(entry: Case, visit: Visit): string {
  const level = `${words.levels[readVisit(visit).told.level]}.`;
  const also = [otherAlarm(entry, visit) && words.other_alarm, visit.imported && words.imported].filter(Boolean);
  return [...also, level, missed(visit), words.use].join(" ");
}

/** In how many melanomas "no sign of danger" was wrong, at the operating point of the answer. */
function missed(visit: Visit): string {
  const found = missedMelanomas(visit.student, readVisit(visit).told.sensitivity);
  if (!found) return words.unmeasured;
  const values: Record<string, string> = { low: found.low.toFixed(1), high: found.high.toFixed(1), n: String(found.n_lesions), split: found.split };
  return words.missed.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!);
}

function deviceOf({ answer }: Visit): Resource {
  return {
    resourceType: "Device",
    displayName: `DermDistill, ${answer.bundle.name} ${answer.bundle.version}`,
    manufacturer: "DermDistill",
    modelNumber: answer.bundle.name,
    version: [{ value: answer.bundle.version }],
    type: [{ text: words.device }],
    note: [{ text: words.use }],
  };
}

function assessed(visit: Visit): Resource {
  const { told } = readVisit(visit);
  const names = new Map(visit.student.classes.map(({ code, name }) => [code, name]));
  const component = [
    ...told.reasons.map((reason) => part("reason", concept(words.reasons[reason], `${URN}:reason`, reason))),
    ...told.classes.map((code) => part("class named", concept(names.get(code) ?? code, system(visit), code))),
  ];
  return {
    resourceType: "Observation",
    code: { text: words.told },
    valueCodeableConcept: concept(words.levels[told.level], `${URN}:assessment`, told.level),
    note: [{ text: missed(visit) }, { text: words.use }],
    ...(component.length > 0 && { component }),
  };
}

const part = (text: string, valueCodeableConcept: object): object => ({ code: { text }, valueCodeableConcept });

function probabilities(visit: Visit): Resource {
  const { answer, student } = visit;
  const classes = student.classes.map((entry) => ({ code: classConcept(entry, visit), ...share(answer.probabilities[entry.code] ?? 0) }));
  const dangerous = { code: { text: words.dangerous }, ...share(answer.malignant_probability) };
  return { resourceType: "Observation", code: { text: words.probabilities }, component: [...classes, dangerous] };
}

const share = (value: number): object => ({
  valueQuantity: { value: Number(value.toFixed(6)), system: "http://unitsofmeasure.org", code: "1" },
});

const system = ({ answer }: Visit): string => `${URN}:classes:${answer.bundle.name}:${answer.bundle.version}`;

/** The class, and those ICD codes that each of its lesions has. */
function classConcept(entry: ClassSpec, visit: Visit): object {
  const { text, coding } = concept(entry.name, system(visit), entry.code);
  const held = codesOf(entry).filter(({ relation }) => relation === "equivalent" || relation === "narrower");
  return { coding: [...coding, ...held.map((one) => ({ system: icd.systems[one.system], code: one.code, display: one.title }))], text };
}

const concept = (text: string, from: string, code: string) => ({ coding: [{ system: from, code, display: text }], text });

const codesOf = ({ key }: ClassSpec): Icd[] => (icd.classes as Record<string, Icd[]>)[key ?? ""] ?? [];

/** How the classes relate to the codes of each classification. */
function conceptMaps(visit: Visit): Resource[] {
  return (["icd10", "icd11"] as const).flatMap((which) => {
    const element = visit.student.classes.flatMap((entry) => {
      const target = codesOf(entry)
        .filter((one) => one.system === which)
        .map(({ code, title, relation }) => ({ code, display: title, relationship: RELATIONS[relation] }));
      return target.length > 0 ? [{ code: entry.code, display: entry.name, target }] : [];
    });
    if (element.length === 0) return [];
    const title = `Classes of ${visit.answer.bundle.name} and ${icd.sources[which]}`;
    const group = [{ source: system(visit), target: icd.systems[which], element }];
    return [{ resourceType: "ConceptMap", status: "draft", experimental: true, title, group }];
  });
}

const entryOf = (resource: Resource): Entry => ({ fullUrl: `urn:uuid:${uuid()}`, resource });

/** A random UUID (RFC 9562, version 4), also where the page was not opened by https. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
