// Runs the engine's functions on what a Python test sends, so that both languages are compared on the same
// input. A list of [function, argument, ...] comes in, a list of results goes out, as JSON; bytes are in
// base64. See tests/client/engine.py.
import { json } from "node:stream/consumers";
import type { Pixels } from "../../src/engine/image/pixels.ts";
import { squash } from "../../src/engine/image/resize.ts";
import { conformalSets } from "../../src/engine/outputs/conformal.ts";
import { scaleHeat } from "../../src/engine/outputs/heat_map.ts";
import { judge } from "../../src/engine/outputs/out_of_distribution.ts";
import { dermoscopicProbability, forKind, seenPicture, sureKind } from "../../src/engine/outputs/picture.ts";
import { calibrate, decide, malignantProbability } from "../../src/engine/outputs/probabilities.ts";
import { hairOver } from "../../src/engine/quality/hair.ts";
import { lesionRegion } from "../../src/engine/quality/lesion_region.ts";
import { checkQuality } from "../../src/engine/quality/check.ts";
import { selfTestImage } from "../../src/engine/student/self_test.ts";
import type { BundleSpec, OutOfDistribution } from "../../src/generated/bundle_spec.ts";

const ROWS_A_STRIP = 7;

const FUNCTIONS = {
  squash: (rgb: string, width: number, height: number, size: number) =>
    written(squash(pixels(bytes(rgb), width, height), size)),
  self_test_image: (size: number, seed: number) => written(selfTestImage(size, seed)),
  lesion_region: (square: string, size: number) => written(lesionRegion(bytes(square), size)),
  hair_over: (grey: string, size: number, region: string) => hairOver(bytes(grey), size, bytes(region)),
  quality: (square: string, size: number, shorterSide: number) =>
    checkQuality(bytes(square), size, shorterSide, {}).map(({ code }) => code),
  read_logits: (logits: number[], spec: BundleSpec) => {
    const probabilities = calibrate(logits, spec.temperature);
    return {
      probabilities,
      chosen: decide(probabilities, spec),
      malignant_probability: malignantProbability(probabilities, spec),
      conformal: conformalSets(probabilities, spec),
    };
  },
  judge: (parameters: OutOfDistribution, arrays: number[][], embeddings: number[][]) => {
    const [mean, basis] = arrays.map((values) => Float32Array.from(values));
    const detector = { parameters, mean: mean!, basis: basis! };
    return embeddings.map((embedding) => judge(detector, Float32Array.from(embedding)));
  },
  see_picture: (spec: BundleSpec, weights: number[], embeddings: number[][], refused: boolean) =>
    embeddings.map((embedding) => {
      const recogniser = { parameters: spec.pictures!, weights: Float32Array.from(weights) };
      const p = dermoscopicProbability(recogniser, Float32Array.from(embedding));
      const { temperature, class_priors, operating_points, conformal } = forKind(spec, sureKind(p, spec.pictures!));
      return { ...seenPicture(p, refused), numbers: { temperature, class_priors, operating_points, conformal } };
    }),
  scale_heat: (maps: number[], shape: number[], chosen: number) => scaleHeat(Float32Array.from(maps), shape, chosen),
};

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
const written = (values: Uint8Array): string => Buffer.from(values).toString("base64");

function pixels(rgb: Uint8Array, width: number, height: number): Pixels {
  const strips = Array.from({ length: Math.ceil(height / ROWS_A_STRIP) }, (_, i) => {
    const part = rgb.subarray(3 * width * ROWS_A_STRIP * i, 3 * width * ROWS_A_STRIP * (i + 1));
    const rgba = new Uint8ClampedArray((part.length / 3) * 4);
    for (let pixel = 0; pixel < part.length / 3; pixel++) rgba.set(part.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    return { rows: rgba.length / 4 / width, rgba };
  });
  return { width, height, strips: () => strips };
}

type Call = [keyof typeof FUNCTIONS, ...unknown[]];

const calls = (await json(process.stdin)) as Call[];
const results = calls.map(([name, ...values]) => (FUNCTIONS[name] as (...values: unknown[]) => unknown)(...values));
process.stdout.write(JSON.stringify(results));
