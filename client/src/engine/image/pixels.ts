/** A picture that is read from top to bottom, a strip of rows at a time, so that a large one fits in memory. */
export interface Pixels {
  width: number;
  height: number;
  /** Without gaps, from the top. */
  strips(): Iterable<Strip>;
}

/** Some rows of a picture, one after the other: RGBA, 0-255; A says nothing. */
export interface Strip {
  rows: number;
  rgba: Uint8ClampedArray;
}
