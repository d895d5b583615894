/**
 * How a camera is sent in layers, lowest first. Browsers send fewer layers of a small camera than
 * they are asked for (all that follow WebRTC's encoder do), and then leave out the highest: who
 * stands near would get what is meant for those far away. So of a small camera as many are sent as
 * the browser will, in its lowest encodings, and the best picture is always among them.
 */

/** A thumbnail, a half and all of it. */
export const cameraEncodings = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 100_000, maxFramerate: 15 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 300_000, maxFramerate: 25 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 900_000, maxFramerate: 25 },
];

/** From how many pixels on a browser sends two layers, and three. */
const pixelsOfTwo = 480 * 270;
const pixelsOfThree = 960 * 540;

/** What each encoding is to be, for those of `layers` that are wanted of a camera of that size. */
export function planEncodings(layers, { width, height } = {}) {
  const most = layersOf(width * height);
  const wanted = [0, 1, 2].filter((layer) => layers[layer]);
  const sent = wanted.length > most ? [...wanted.slice(0, most - 1), wanted.at(-1)] : wanted;
  // A layer by itself is sent whichever it is.
  const isTooHigh = sent.length > 1 && sent.at(-1) >= most;
  return cameraEncodings.map((_, place) => {
    const layer = isTooHigh ? sent[place] : place;
    if (!sent.includes(layer)) return { active: false };
    const { rid, ...picture } = cameraEncodings[layer];
    return { active: true, ...picture };
  });
}

function layersOf(pixels) {
  if (pixels < pixelsOfTwo) return 1;
  return pixels < pixelsOfThree ? 2 : 3;
}
