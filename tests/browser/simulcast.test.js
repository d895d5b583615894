/** Which encodings a camera is sent in, by its size and by which layers somebody gets. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planEncodings } from '../../daemon/web/simulcast.js';

const sizes = {
  small: { width: 320, height: 180 },
  usual: { width: 640, height: 360 },
  large: { width: 1280, height: 720 },
};

/** By how much each encoding is scaled down; 0 for one that is off. */
function scales(wanted, size) {
  const layers = [...wanted].map((one) => one === '1');
  return planEncodings(layers, size).map(
    ({ active, scaleResolutionDownBy }) => (active ? scaleResolutionDownBy : 0)).join();
}

test('a layer by itself is sent as it is, whatever the camera', () => {
  for (const size of Object.values(sizes)) {
    assert.equal(scales('100', size), '4,0,0');
    assert.equal(scales('010', size), '0,2,0');
    assert.equal(scales('001', size), '0,0,1');
    assert.equal(scales('000', size), '0,0,0');
  }
});

test('of a camera that is large enough, all that is wanted is sent as it is', () => {
  assert.equal(scales('111', sizes.large), '4,2,1');
  assert.equal(scales('101', sizes.large), '4,0,1');
  assert.equal(scales('111'), '4,2,1', 'also if its size is not known');
});

test('of the usual camera two are sent, and the best wanted one is the second', () => {
  assert.equal(scales('110', sizes.usual), '4,2,0');
  assert.equal(scales('101', sizes.usual), '4,1,0');
  assert.equal(scales('011', sizes.usual), '2,1,0');
  assert.equal(scales('111', sizes.usual), '4,1,0');
});

test('of a small camera one is sent: the best wanted one', () => {
  assert.equal(scales('111', sizes.small), '0,0,1');
  assert.equal(scales('110', sizes.small), '0,2,0');
});

test('an encoding that stands for a higher one has its bitrate, too', () => {
  const [, half] = planEncodings([true, false, true], sizes.usual);
  assert.equal(half.maxBitrate, 900_000);
});
