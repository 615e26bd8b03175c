// The device's half: everything between a picture and its answer, from the same bundle and by the same steps as
// Python's engine (inference/engine.py).
import { type Bundle, loadBundle } from "./bundle";
import { conformalSets } from "./conformal";
import { decode, pixelsOf } from "./decode";
import { round, scaleHeat } from "./heat_map";
import { LiteRTModel, startLiteRT } from "./litert";
import { judge } from "./out_of_distribution";
import { calibrate, decide, malignantProbability } from "./probabilities";
import { checkQuality } from "./quality";
import { squash } from "./resize";
import { passesSelfTest, selfTestImage } from "./self_test";
import type { Answer, Milliseconds } from "./types";

/** A student that has passed its self-test in this browser. */
export class Device {
  private constructor(
    private readonly bundle: Bundle,
    private readonly model: LiteRTModel,
    readonly threads: number,
    /** Where everything was loaded from. */
    readonly files: string[],
  ) {}

  /**
   * Load the WebAssembly and the bundle, check the checksums, and run the self-test.
   * @param wasmFolder where LiteRT's files are; ends with a slash
   */
  static async start(wasmFolder: string, threads: number): Promise<Device> {
    const [runtime, bundle] = await Promise.all([startLiteRT(wasmFolder, threads), loadBundle()]);
    const { spec } = bundle;
    const model = await LiteRTModel.compile(bundle.model, spec, runtime.threads);
    const { logits } = await model.run(selfTestImage(spec.input.size, spec.self_test.seed));
    if (!passesSelfTest(logits, spec)) {
      throw new Error(`The student fails its self-test in this browser: logits ${logits.join(", ")}.`);
    }
    return new Device(bundle, model, runtime.threads, [...runtime.addresses, ...bundle.addresses]);
  }

  /** Answer one picture. Calls must not overlap. */
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
    const { logits, class_maps, embedding } = await this.model.run(square);
    watch.stop("model");
    const verdict = this.verdict(square, shorterSide, logits, class_maps, embedding);
    watch.stop("verdict");
    return { ...verdict, milliseconds: watch.laps };
  }

  private verdict(
    square: Uint8Array,
    shorterSide: number,
    logits: Float32Array,
    maps: Float32Array,
    embedding: Float32Array,
  ): Omit<Answer, "milliseconds"> {
    const { spec, words, gate } = this.bundle;
    const probabilities = calibrate(logits, spec.temperature);
    const chosen = decide(probabilities, spec);
    const { code, risk } = spec.classes[chosen]!;
    return {
      diagnosis: code,
      ...words.diagnoses[code]!,
      risk,
      probabilities: Object.fromEntries(spec.classes.map((entry, i) => [entry.code, round(probabilities[i]!, 6)])),
      malignant_probability: round(malignantProbability(probabilities, spec), 6),
      heat_map: scaleHeat(maps, spec.outputs.class_maps.shape, chosen),
      quality: checkQuality(square, spec.input.size, shorterSide, words.quality),
      conformal: conformalSets(probabilities, spec),
      out_of_distribution: gate && judge(gate, embedding, logits),
      bundle: { name: spec.name, version: spec.version },
      engine: "device",
    };
  }
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
