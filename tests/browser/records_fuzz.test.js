/**
 * records.js against bytes that no server of this version sends: random ones, and changed, cut and
 * joined ones of each kind. Nothing is thrown, what is read lies within what came, and every number
 * is one. Seeded, so that a failure comes again.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseEvent, parsePoses, recordsIn } from '../../daemon/web/records.js';

const rounds = 200_000;

/** Uniform integers below a bound (xorshift32). */
function seeded(seed) {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const hex = (text) => [...Buffer.from(text.replaceAll(' ', ''), 'hex')];
const corpus = [
  hex('01 05 11000000 0000a041 00007041 0000c03f 04 5a6fc3ab'),
  hex('02 11000000'),
  hex('03 0f 11000000'),
  hex('04 45000000 83 ff f0d8 fa00 02'),
  hex('05 02 83 ff f0d8 fa00 02 00 33 1027 0a00 03'),
  hex('06 0000a041 00007041 0000c03f'),
  hex('07'),
  hex('08 07 01 02'),
  hex('09 03 11000000 0200 0100 01 e8030000 03 416461'),
  hex('0a 0f 07'),
  hex('0b 03 11000000'),
  hex('0c 02010000 01000000 02 00000000 00 0200 0300 0000'
    + '00000041 03 ff7f0000 0000ff7f 018000c0 0100 ffff'),
  hex('11 02 05 c803 2a 40 01 03 04 80'),
  hex('0500 02 11000000 0000 0100 07 0500 02 12000000'),
];

function mutated(below) {
  const bytes = [...corpus[below(corpus.length)]];
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(bytes.length + 1);
    const change = [
      () => bytes.splice(at, 1, below(256)),
      () => bytes.splice(at, 1, [0x00, 0x7f, 0x80, 0xff][below(4)]),
      () => bytes.splice(at, 1 + below(8)),
      () => bytes.splice(at, 0, below(256)),
      () => { bytes.length = at; },
      () => bytes.push(...corpus[below(corpus.length)]),
    ][below(6)];
    change();
  }
  return Uint8Array.from(bytes);
}

const random = (below) => Uint8Array.from({ length: below(64) }, () => below(256));

function assertNumbers(value) {
  if (typeof value === 'number') assert.ok(Number.isFinite(value));
  else if (value instanceof Set) value.forEach(assertNumbers);
  else if (value !== null && typeof value === 'object') Object.values(value).forEach(assertNumbers);
}

test('takes any bytes at all as records, or as none', () => {
  const below = seeded(1);
  for (let round = 0; round < rounds; round++) {
    const bytes = round % 2 === 0 ? mutated(below) : random(below);
    const told = Buffer.from(bytes).toString('hex');
    try {
      const records = recordsIn(bytes);
      const taken = records.reduce((sum, record) => sum + 2 + record.length, 0);
      assert.ok(taken <= bytes.length);
      for (const record of [bytes, ...records]) {
        const event = parseEvent(record);
        assert.ok(event === null || typeof event.type === 'string');
        assertNumbers(event);
      }
      const poses = parsePoses(bytes);
      assert.ok(poses.length * 4 <= bytes.length);
      assertNumbers(poses);
    } catch (error) {
      throw new Error(`round ${round}, bytes ${told}`, { cause: error });
    }
  }
});
