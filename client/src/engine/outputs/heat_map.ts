// Where in the picture a class finds its evidence; as in inference/heat_map.py.
import constants from "../../constants.ts";

/**
 * Return the positive part of one class's map, scaled so that its maximum is 1; zeros when nothing speaks for it.
 * @param maps `[rows, columns, classes]`
 */
export function scaleHeat(maps: Float32Array, [rows, columns, classes]: number[], chosen: number): number[][] {
  const cell = (y: number, x: number): number => Math.max(maps[(y * columns! + x) * classes! + chosen]!, 0);
  const heat = Array.from({ length: rows! }, (_, y) => Array.from({ length: columns! }, (_, x) => cell(y, x)));
  const peak = Math.max(...heat.flat());
  return peak > 0 ? heat.map((row) => row.map((value) => round(value / peak, constants.answer.heat_digits))) : heat;
}

/** Round as the API does before it writes JSON. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
