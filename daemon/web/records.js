/**
 * Records on the data channels (PROTOCOL.md 2 and 3): bytes to values and back, nothing else.
 */

/** Source kinds in the order of their bits and of the low bits of a source id. */
export const kinds = Object.freeze(['mic', 'camera', 'screen', 'screenAudio']);

/** How much of a camera comes, by its number on the wire. */
const details = ['paused', 'thumbnail', 'medium', 'full'];

/** What one can ask for, by its number on the wire from 1 on. */
const acts = ['setDoor', 'knock', 'admit', 'deny', 'revoke', 'askForPodium', 'givePodium',
  'takePodium', 'invite', 'acceptInvite', 'leaveBubble', 'whisper', 'megaphone', 'doNotDisturb',
  'follow', 'call', 'acceptCall', 'beam', 'stopKnocking'];
const outcomes = ['done', 'nothing-to-do', 'not-allowed', 'too-far', 'full', 'disturbs',
  'too-often'];
/** What one is told of others, by its number on the wire; the first comes as a pose. */
const events = ['moved', 'entryrefused', 'doorchanged', 'knock', 'admitted', 'stayended', 'denied',
  'podiumasked', 'podiumunasked', 'podiumgiven', 'podiumtaken', 'invited', 'bubblejoined',
  'bubbleleft', 'whisper', 'whisperended', 'megaphoneon', 'megaphoneoff', 'followed', 'followended',
  'called', 'ownwhisperended', 'portalreached', 'knockended'];
export const doorStates = Object.freeze(['open', 'shut', 'locked']);

const headingSteps = 256;
/** The side of the largest floor, in centimetres. */
const farthest = 1_000_000;

/** The records in one message of `earshot-events`; whole ones only. Each is behind its length. */
export function recordsIn(bytes) {
  const view = viewOf(bytes);
  const records = [];
  for (let at = 0; at + 2 <= view.byteLength;) {
    const length = view.getUint16(at, true);
    at += 2;
    if (at + length > view.byteLength) break;
    records.push(new Uint8Array(view.buffer, view.byteOffset + at, length));
    at += length;
  }
  return records;
}

/** One record of `earshot-events`, or null for one of unknown type, too short or not of numbers. */
export function parseEvent(bytes) {
  const view = viewOf(bytes);
  try {
    return eventParsers[view.getUint8(0)]?.(view) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const eventParsers = {
  0x01: (view) => ({
    type: 'entered',
    published: publishedFrom(view.getUint8(1)),
    participant: view.getUint32(2, true),
    ...poseAt(view, 6),
    name: textAt(view, 19, view.getUint8(18)),
  }),
  0x02: (view) => ({ type: 'left', participant: view.getUint32(1, true) }),
  0x03: (view) => ({
    type: 'published',
    published: publishedFrom(view.getUint8(1)),
    participant: view.getUint32(2, true),
  }),
  0x04: (view) => ({ type: 'slot', ...sourceAt(view, 1), ...hintAt(view, 5) }),
  0x05: (view) => ({ type: 'hints', hints: hintsAt(view, 1) }),
  0x06: (view) => ({ type: 'pose', ...poseAt(view, 1) }),
  0x07: () => ({ type: 'reset' }),
  0x08: (view) => ({
    type: 'outcome', number: view.getUint8(1), outcome: outcomes[view.getUint8(3)] ?? 'unknown',
  }),
  0x09: (view) => ({
    type: 'event',
    event: events[view.getUint8(1)] ?? 'unknown',
    participant: view.getUint32(2, true),
    zone: view.getInt16(6, true),
    door: view.getInt16(8, true),
    doorState: doorStates[view.getUint8(10)],
    millisecondsLeft: view.getUint32(11, true),
    name: textAt(view, 16, view.getUint8(15)),
  }),
  0x0a: (view) => ({
    type: 'wanted',
    wanted: publishedFrom(view.getUint8(1)),
    layers: [1, 2, 4].map((bit) => (view.getUint8(2) & bit) !== 0),
  }),
  0x0b: (view) => ({
    type: 'hearing',
    participant: view.getUint32(2, true),
    isHeard: (view.getUint8(1) & 1) !== 0,
    hearsMe: (view.getUint8(1) & 2) !== 0,
  }),
  0x0c: (view) => ({
    type: 'reach',
    hearersOutOfSight: view.getUint32(1, true),
    heardOutOfSight: view.getUint32(5, true),
    parts: reachPartsAt(view, 9),
  }),
};

/**
 * The poses in one message of `earshot-positions`; whole entries only. Each differs from the one
 * before by so much.
 */
export function parsePoses(bytes) {
  const view = viewOf(bytes);
  const poses = [];
  if (view.byteLength < 2 || view.getUint8(0) !== 0x11) return poses;
  const cursor = { view, at: 2 };
  try {
    let [participant, x, y] = [0, 0, 0];
    for (let left = view.getUint8(1); left > 0; left--) {
      participant = (participant + varintAt(cursor)) >>> 0;
      x = (x + signed(varintAt(cursor))) | 0;
      y = (y + signed(varintAt(cursor))) | 0;
      const heading = wrapAngle((view.getUint8(cursor.at++) / headingSteps) * 2 * Math.PI);
      poses.push({ participant, x: placeAt(x), y: placeAt(y), heading });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return poses;
}

/** From centimetres; a place beyond any floor comes to its edge. */
function placeAt(centimetres) {
  return Math.min(Math.max(centimetres, 0), farthest) / 100;
}

/** Seven bits a byte, the lowest first, at most 5 bytes; goes on behind it. */
function varintAt(cursor) {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.view.getUint8(cursor.at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  throw new RangeError('number too long');
}

function signed(value) {
  return value & 1 ? ~(value >>> 1) : value >>> 1;
}

/** "My pose": 17 bytes for `earshot-positions`. */
export function writePose({ x, y, heading }, sequence) {
  const view = new DataView(new ArrayBuffer(17));
  view.setUint8(0, 0x91);
  view.setUint16(2, sequence & 0xffff, true);
  view.setFloat32(4, x, true);
  view.setFloat32(8, y, true);
  view.setFloat32(12, heading, true);
  return view.buffer;
}

/** "I publish": the kinds in `published`, for `earshot-events`. */
export function writePublished(published) {
  const bits = kinds.reduce((sum, kind, bit) => sum | (published.has(kind) ? 1 << bit : 0), 0);
  return Uint8Array.of(0x81, bits).buffer;
}

/** One act, for `earshot-events`. */
export function writeAct(act, number, { participant = 0, place = -1, value = 0 } = {}) {
  const view = new DataView(new ArrayBuffer(11));
  view.setUint8(0, 0x82);
  view.setUint8(1, number);
  view.setUint8(2, acts.indexOf(act) + 1);
  view.setUint32(3, participant, true);
  view.setInt16(7, place, true);
  view.setUint16(9, value, true);
  return view.buffer;
}

function viewOf(bytes) {
  return ArrayBuffer.isView(bytes)
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new DataView(bytes);
}

function publishedFrom(bits) {
  return new Set(kinds.filter((_, bit) => bits & (1 << bit)));
}

function poseAt(view, at) {
  const [x, y, heading] = [0, 4, 8].map((offset) => view.getFloat32(at + offset, true));
  // One such would spoil all that is computed of places, for good.
  if (![x, y, heading].every(Number.isFinite)) throw new RangeError('not a number');
  return { x, y, heading };
}

function textAt(view, at, length) {
  if (at + length > view.byteLength) throw new RangeError('record too short');
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

function sourceAt(view, at) {
  const sourceId = view.getUint32(at, true);
  const source = sourceId === 0 ? null : { participant: sourceId >>> 2, kind: kinds[sourceId & 3] };
  return { sourceId, source };
}

const hintBytes = 7;

function hintAt(view, at) {
  const slot = view.getUint8(at);
  return {
    kind: slot & 0x80 ? 'video' : 'audio',
    index: slot & 0x7f,
    gain: view.getUint8(at + 1) / 255,
    azimuth: view.getInt16(at + 2, true) / 10_000,
    distance: view.getUint16(at + 4, true) / 100,
    detail: details[view.getUint8(at + 6)] ?? 'full',
  };
}

function hintsAt(view, at) {
  const count = view.getUint8(at);
  return Array.from({ length: count }, (_, i) => hintAt(view, at + 1 + i * hintBytes));
}

/** Corners are in parts of the radius, zones by their place in the plan. */
function reachPartsAt(view, start) {
  const cursor = { view, at: start + 1 };
  return listOf(view.getUint8(start), () => {
    const radius = view.getFloat32(cursor.at, true);
    if (!Number.isFinite(radius) || radius < 0) throw new RangeError('not a radius');
    const corners = view.getUint8(cursor.at + 4);
    cursor.at += 5;
    const outline = listOf(corners, () =>
      [int16At(cursor), int16At(cursor)].map((share) => (share / 32_767) * radius));
    const zones = listOf(int16At(cursor) & 0xffff, () => int16At(cursor));
    return { radius: radius || null, outline: corners > 0 ? outline : null, zones };
  });
}

function listOf(count, read) {
  const list = [];
  while (list.length < count) list.push(read());
  return list;
}

function int16At(cursor) {
  cursor.at += 2;
  return cursor.view.getInt16(cursor.at - 2, true);
}

function wrapAngle(radians) {
  return radians > Math.PI ? radians - 2 * Math.PI : radians;
}
