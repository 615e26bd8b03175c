// The bundle as the server gives it (web/page/bundle_files.py): bundle.json, and files proven by their SHA-256.
import { BASE } from "../base.ts";
import type { ArrayFile, BundleSpec, OutOfDistribution, SelfTest } from "../generated/bundle_spec.ts";
import { Progress } from "./loading.ts";
import type { Recogniser } from "./outputs/picture.ts";
import { PlainError } from "./types.ts";

const FOLDER = `${BASE}bundle`;

/** The parameters of the out-of-distribution detector with its arrays, in C order. */
export interface Detector {
  parameters: OutOfDistribution;
  mean: Float32Array;
  /** `[features, columns]`. */
  basis: Float32Array;
}

/** What Python says about photographs, by code. */
export interface Words {
  quality: Record<string, string>;
}

export interface Bundle {
  spec: BundleSpec;
  words: Words;
  model: Uint8Array<ArrayBuffer>;
  detector: Detector | null;
  /** Null where the bundle knows no kinds of pictures. */
  recogniser: Recogniser | null;
  /** Where it was loaded from. */
  addresses: string[];
}

/** A second file of the student, and the detector as it is for this one. */
interface Quick {
  bytes: Uint8Array<ArrayBuffer>;
  selfTest: SelfTest;
  detector: Detector | null;
}

/** Fetch all that the engine needs; rejected when the server cannot be reached or a checksum is wrong. */
export async function loadBundle(progress: Progress): Promise<Bundle> {
  const described = [`${FOLDER}/bundle.json`, `${FOLDER}/words.json`] as const;
  const [spec, words] = await Promise.all([json<BundleSpec>(described[0]), json<Words>(described[1])]);
  const { out_of_distribution: arrays } = spec;
  const files = [
    spec.model_file,
    ...(arrays ? [arrays.mean.file, arrays.basis.file] : []),
    ...(spec.pictures ? [spec.pictures.weights.file] : []),
  ];
  progress.expect(files.map((name) => [name, spec.files[name]?.bytes ?? 0]));
  const [model, detector, recogniser] = await Promise.all([
    proven(spec, spec.model_file, progress),
    loadDetector(spec, progress),
    loadRecogniser(spec, progress),
  ]);
  const addresses = [...described, ...files.map((name) => address(spec, name))];
  return { spec, words, model, detector, recogniser, addresses };
}

/** Fetch the file that looks at a picture once, where the bundle's own turns it; null where there is none. */
export async function loadQuick({ spec, detector }: Bundle): Promise<Quick | null> {
  const quick = spec.variants.find(({ format, quarter_turns }) => format === "litert" && !quarter_turns);
  if (!quick || !spec.input.quarter_turns) return null;
  const bytes = await proven(spec, quick.file, new Progress(() => undefined));
  if (!detector) return { bytes, selfTest: quick.self_test, detector };
  const distance_threshold = quick.distance_threshold ?? detector.parameters.distance_threshold;
  const parameters = { ...detector.parameters, distance_threshold };
  return { bytes, selfTest: quick.self_test, detector: { ...detector, parameters } };
}

/** Fetch bundle.json alone. */
export function loadStudent(): Promise<BundleSpec> {
  return json<BundleSpec>(`${FOLDER}/bundle.json`);
}

async function loadDetector(spec: BundleSpec, progress: Progress): Promise<Detector | null> {
  const parameters = spec.out_of_distribution;
  if (parameters === null) return null;
  const arrays = [parameters.mean, parameters.basis].map((array) => loadArray(spec, array, progress));
  const [mean, basis] = await Promise.all(arrays);
  return { parameters, mean: mean!, basis: basis! };
}

async function loadRecogniser(spec: BundleSpec, progress: Progress): Promise<Recogniser | null> {
  const parameters = spec.pictures ?? null; // a bundle that was made before has no such field
  return parameters && { parameters, weights: await loadArray(spec, parameters.weights, progress) };
}

async function loadArray(spec: BundleSpec, { file, shape }: ArrayFile, progress: Progress): Promise<Float32Array> {
  const values = littleEndian((await proven(spec, file, progress)).buffer);
  if (values.length !== shape.reduce((product, side) => product * side, 1)) {
    throw new Error(`${file} has ${values.length} values, not the shape [${shape.join(", ")}].`);
  }
  return values;
}

/** Files of a bundle never change under their address, so they may be kept for ever. */
function address(spec: BundleSpec, name: string): string {
  return `${FOLDER}/${spec.files[name]?.sha256}/${name}`;
}

/** Fetch a file and compare its SHA-256 with bundle.json's. */
async function proven(spec: BundleSpec, name: string, progress: Progress): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await progress.read(name, await reach(address(spec, name)), spec.files[name]?.bytes ?? 1);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== spec.files[name]?.sha256) throw new Error(`${name} is damaged: its checksum is wrong.`);
  return bytes;
}

function littleEndian(buffer: ArrayBuffer): Float32Array {
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

async function json<T>(path: string): Promise<T> {
  return (await (await reach(path)).json()) as T;
}

async function reach(path: string): Promise<Response> {
  const response = await fetch(path).catch(() => {
    throw new PlainError(
      "unreachable",
      "The server cannot be reached. Check that it still runs, then try again.",
    );
  });
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${path}.`);
  return response;
}
