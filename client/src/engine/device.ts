// The device's half: everything between a picture and its answer, from the same bundle and by the same steps as
// Python's engine (inference/engine.py).
import { USUAL, missedMelanomas } from "../assessment/operating_point.ts";
import { assessedAt } from "../assessment/told.ts";
import constants from "../constants.ts";
import type { BundleSpec, SelfTest } from "../generated/bundle_spec.ts";
import { type Bundle, type Detector, loadBundle, loadQuick } from "./bundle.ts";
import { conformalSets } from "./outputs/conformal.ts";
import { decode, pixelsOf } from "./image/decode.ts";
import { round, scaleHeat } from "./outputs/heat_map.ts";
import { Progress } from "./loading.ts";
import { fetchLiteRT, LiteRTModel, type Outputs, startLiteRT } from "./student/litert.ts";
import { judge } from "./outputs/out_of_distribution.ts";
import { dermoscopicProbability, forKind, seenPicture, sureKind } from "./outputs/picture.ts";
import { calibrate, decide, malignantProbability } from "./outputs/probabilities.ts";
import { checkQuality } from "./quality/check.ts";
import { squash } from "./image/resize.ts";
import { passesAnswerTest, passesSelfTest, selfTestImage } from "./student/self_test.ts";
import type { Answer, Milliseconds } from "./types.ts";

const DIGITS = constants.answer.probability_digits;

/** A model and the detector for its embeddings. */
interface Looking {
  model: LiteRTModel;
  detector: Detector | null;
}

/** A student that has passed its self-test in this browser. */
export class Device {
  readonly threads: number;
  /** Where everything was loaded from. */
  readonly files: string[];
  private readonly bundle: Bundle;
  private readonly model: LiteRTModel;
  /** What answers the camera's frames; loaded with the first of them. */
  private quick: Promise<Looking> | null = null;

  private constructor(bundle: Bundle, model: LiteRTModel, threads: number, files: string[]) {
    this.bundle = bundle;
    this.model = model;
    this.threads = threads;
    this.files = files;
  }

  /**
   * Load the WebAssembly and the bundle, check the checksums, and run the self-test.
   * @param wasmFolder where LiteRT's files are; ends with a slash
   * @param report told how many bytes have come, of how many
   */
  static async start(wasmFolder: string, threads: number, report: (loaded: number, total: number) => void): Promise<Device> {
    const progress = new Progress(report);
    const [runtime, bundle] = await Promise.all([fetchLiteRT(wasmFolder, threads, progress), loadBundle(progress)]);
    await startLiteRT(runtime);
    const { spec } = bundle;
    const { model, outputs } = await tested(bundle.model, spec, spec.self_test, runtime.threads);
    const score = bundle.detector && judge(bundle.detector, outputs.embedding).score;
    if (!passesAnswerTest(spec, score)) {
      throw new Error("The student fails its self-test in this browser: decision, probabilities or score are others.");
    }
    return new Device(bundle, model, runtime.threads, [...runtime.addresses, ...bundle.addresses]);
  }

  /**
   * Answer one picture. Calls must not overlap.
   * @param picture a file, or a frame of a camera. Where the bundle allows it, a frame is looked at only once, to be
   *   answered while it is shown.
   */
  async answer(picture: Blob | ImageBitmap): Promise<Answer> {
    const { size } = this.bundle.spec.input;
    const watch = new Stopwatch();
    const bitmap = picture instanceof Blob ? await decode(picture) : picture;
    watch.stop("decode");
    const shorterSide = Math.min(bitmap.width, bitmap.height);
    let square: Uint8Array<ArrayBuffer>;
    try {
      square = squash(pixelsOf(bitmap), size);
    } finally {
      bitmap.close();
    }
    watch.stop("resize");
    const { model, detector } = picture instanceof Blob ? this.forPictures() : await this.forFrames();
    const outputs = await model.run(square);
    watch.stop("model");
    const verdict = this.verdict(square, shorterSide, outputs, detector);
    watch.stop("verdict");
    return { ...verdict, milliseconds: watch.laps };
  }

  private forPictures(): Looking {
    return { model: this.model, detector: this.bundle.detector };
  }

  /** Slower, but right: where the quick file cannot be had, the model of the pictures answers frames too. */
  private forFrames(): Promise<Looking> {
    this.quick ??= this.startQuick().catch(() => null).then((quick) => quick ?? this.forPictures());
    return this.quick;
  }

  private async startQuick(): Promise<Looking | null> {
    const quick = await loadQuick(this.bundle);
    if (!quick) return null;
    const { model } = await tested(quick.bytes, this.bundle.spec, quick.selfTest, this.threads);
    return { model, detector: quick.detector };
  }

  private verdict(
    square: Uint8Array,
    shorterSide: number,
    { logits, class_maps: maps, embedding }: Outputs,
    detector: Detector | null,
  ): Omit<Answer, "milliseconds"> {
    const { words, recogniser } = this.bundle;
    const p = recogniser && dermoscopicProbability(recogniser, embedding);
    const kind = p === null ? null : sureKind(p, recogniser!.parameters);
    const spec = forKind(this.bundle.spec, kind);
    // The quick file's embeddings have a threshold of their own, whatever the picture.
    const own = kind && detector === this.bundle.detector ? recogniser!.parameters.kinds[kind]!.distance_threshold : null;
    const gate = detector && judge(detector, embedding, own);
    const probabilities = calibrate(logits, spec.temperature);
    const chosen = decide(probabilities, spec);
    const { code, name, plain, risk, key } = spec.classes[chosen]!;
    const answer: Omit<Answer, "milliseconds" | "assessment"> = {
      diagnosis: code,
      name,
      plain,
      risk,
      key,
      probabilities: Object.fromEntries(spec.classes.map((entry, i) => [entry.code, round(probabilities[i]!, DIGITS)])),
      malignant_probability: round(malignantProbability(probabilities, spec), DIGITS),
      heat_map: scaleHeat(maps, spec.outputs["class_maps"]!.shape, chosen),
      quality: checkQuality(square, spec.input.size, shorterSide, words.quality),
      conformal: conformalSets(probabilities, spec),
      out_of_distribution: gate,
      picture: p === null ? null : seenPicture(round(p, DIGITS), gate?.refused ?? false),
      bundle: { name: spec.name, version: spec.version },
      engine: "device",
    };
    const assessment = assessedAt(answer, spec, USUAL);
    const missed = assessment.level === "no_sign" ? missedMelanomas(spec, assessment.sensitivity) : null;
    return { ...answer, assessment: { ...assessment, missed_melanomas: missed } };
  }
}

/** Compile a file of the student and run its self-test. */
async function tested(
  bytes: Uint8Array<ArrayBuffer>,
  spec: BundleSpec,
  selfTest: SelfTest,
  threads: number,
): Promise<{ model: LiteRTModel; outputs: Outputs }> {
  const model = await LiteRTModel.compile(bytes, spec, threads);
  const outputs = await model.run(selfTestImage(spec.input.size, selfTest.seed));
  if (!passesSelfTest(outputs.logits, selfTest)) {
    throw new Error(`The student fails its self-test in this browser: logits ${outputs.logits.join(", ")}.`);
  }
  return { model, outputs };
}

/** Times one step after the other. */
class Stopwatch {
  readonly laps: Milliseconds = { decode: 0, resize: 0, model: 0, verdict: 0 };
  private last = performance.now();

  stop(step: keyof Milliseconds): void {
    const now = performance.now();
    this.laps[step] = now - this.last;
    this.last = now;
  }
}
