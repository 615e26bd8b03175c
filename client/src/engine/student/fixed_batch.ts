/**
 * Say in a LiteRT file that its input holds one picture, where the converter left open how many (-1).
 *
 * LiteRT.js compares a tensor with the input's shape signature and refuses an open one; Python's LiteRT does not. In
 * the file that signature is a vector of 32-bit integers after its length: 4, -1, size, size, 3. Returned is a
 * changed copy; the self-test, run on it, shows that nothing else was.
 */
export function withFixedBatch(model: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const changed = model.slice();
  const view = new DataView(changed.buffer);
  const open = [4, -1, size, size, 3];
  // Flatbuffers align such vectors to 4 bytes.
  for (let place = 0; place + 4 * open.length <= changed.length; place += 4) {
    if (open.every((value, i) => view.getInt32(place + 4 * i, true) === value)) view.setInt32(place + 4, 1, true);
  }
  return changed;
}
