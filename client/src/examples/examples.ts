// The examples of the first view: small ones to choose from, drawn in full when one is chosen.
import { drawn, type Example, EXAMPLES, HEIGHT, WIDTH } from "./drawing.ts";
import { t } from "../words/words.ts";

const given = new WeakSet<Blob>();

/** Whether a picture is one of the examples, whose answer is about nobody. */
export const isExample = (picture: Blob): boolean => given.has(picture);

/** @param take called with the example that was chosen, as a file */
export function startExamples(take: (picture: File) => void): void {
  for (const example of EXAMPLES) {
    const button = document.querySelector<HTMLElement>(`[data-example="${example}"]`)!;
    const small = button.querySelector("canvas")!;
    setTimeout(() => draw(small, example)); // after what a person waits for
    button.addEventListener("click", () => void inFull(example).then(take));
  }
}

async function inFull(example: Example): Promise<File> {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  draw(canvas, example);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  const file = new File([blob!], t(`example.${example}`), { type: "image/png" });
  given.add(file);
  return file;
}

function draw(canvas: HTMLCanvasElement, example: Example): void {
  const { width, height } = canvas;
  canvas.getContext("2d")!.putImageData(new ImageData(drawn(example, width, height), width, height), 0, 0);
}
