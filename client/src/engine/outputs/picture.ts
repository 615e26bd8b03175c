// Which kind of picture the network saw, and which of the bundle's numbers hold for it; as in inference/pictures/kind.py. The
// formula is stated in bundle/pictures.py.
import type { BundleSpec, Pictures } from "../../generated/bundle_spec.ts";
import type { PictureAnswer } from "../../generated/predict_answer.ts";

export type PictureKind = keyof Pictures["kinds"];

/** The bundle's linear step with its weights `[features]`. */
export interface Recogniser {
  parameters: Pictures;
  weights: Float32Array;
}

/** The probability that a picture is dermoscopic and not clinical, from its embedding `[features]`. */
export function dermoscopicProbability({ parameters, weights }: Recogniser, embedding: Float32Array): number {
  let z = 0;
  for (let i = 0; i < weights.length; i++) z += embedding[i]! * weights[i]!;
  z += parameters.bias;
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** The kind that is told: neither where the out-of-distribution detector refuses the picture. */
export function seenPicture(dermoscopic_probability: number, refused: boolean): PictureAnswer {
  const kind = dermoscopic_probability >= 0.5 ? "dermoscopic" : "clinical";
  return { kind: refused ? "neither" : kind, dermoscopic_probability };
}

/** The kind whose own thresholds hold; null where the bundle's do, since it is not sure enough. */
export function sureKind(dermoscopicProbability: number, { sure_from }: Pictures): PictureKind | null {
  if (dermoscopicProbability >= sure_from) return "dermoscopic";
  return 1 - dermoscopicProbability >= sure_from ? "clinical" : null;
}

type OwnOfKind = "temperature" | "class_priors" | "operating_points" | "conformal";

/** A bundle, or the part of it that is at hand, as it answers pictures of a kind. */
export function forKind<Numbers extends Partial<Pick<BundleSpec, OwnOfKind | "pictures">>>(
  numbers: Numbers,
  kind: PictureKind | null,
): Numbers {
  const own = kind && numbers.pictures?.kinds[kind];
  if (!own) return numbers;
  const { temperature, class_priors, operating_points, conformal } = own;
  return {
    ...numbers,
    ...(temperature && { temperature }),
    ...(class_priors && { class_priors }),
    ...(operating_points.length && { operating_points }),
    ...(conformal && { conformal }),
  };
}

/** A student as it answered a picture: with the operating points of the picture's kind. */
export function forPicture<Numbers extends Partial<Pick<BundleSpec, OwnOfKind | "pictures">>>(
  student: Numbers,
  picture: PictureAnswer | null | undefined,
): Numbers {
  if (!student.pictures || !picture) return student;
  return forKind(student, sureKind(picture.dermoscopic_probability, student.pictures));
}
