/** One receive slot that changes hands: for the browser it stays one stream (ecosystem: slots). */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let server;
let browser;
let listener;
let first;
let second;

before(async () => {
  server = await Server.start({ slots: { audio: 1, video: 1 } });
  browser = await launchChromium();
  listener = await Visitor.enter(browser, server.url,
    { name: 'Listener', mic: false, camera: false });
  await listener.walkTo(8, 20);
  second = await Visitor.enter(browser, server.url, { name: 'Second' });
  await second.walkTo(38, 20);
  first = await Visitor.enter(browser, server.url, { name: 'First' });
  await first.walkTo(10, 20);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the slot goes on with the next person in the same stream, without a freeze', async () => {
  await listener.hears(first);
  await listener.sees(first);
  const [audioBefore, videoBefore] = await slotsOf(first);
  await listener.page.evaluate(watchPictures);

  await first.walkTo(38, 4);
  await listener.losesSightOf(first);
  await second.walkTo(10, 20);
  await listener.hears(second);
  await listener.sees(second);

  const [audio, video] = await slotsOf(second);
  for (const [now, then] of [[audio, audioBefore], [video, videoBefore]]) {
    assert.equal(now.track, then.track);
    assert.equal(now.ssrc, then.ssrc);
    assert.ok(now.packetsReceived > then.packetsReceived);
  }
  await assertFlows(second);
  // A decoder that lost the thread waits 3 s before it asks for a new start.
  const longest = await listener.page.evaluate(() => globalThis.longestStill);
  assert.ok(longest < 2500, `the picture stood still for ${Math.round(longest)} ms`);
  await listener.screenshot('slots-second');
});

test('the first packet of the next person is followed by a picture within a second', async () => {
  await second.walkTo(38, 20);
  await listener.losesSightOf(second);
  await listener.page.evaluate(watchSwitch);
  await first.walkTo(10, 20);
  await listener.sees(first);
  const gap = await listener.page.evaluate(() => globalThis.switched);
  assert.ok(gap < 1000, `the picture came ${Math.round(gap)} ms after the slot changed`);
  console.log(`slot assigned to first picture: ${Math.round(gap)} ms`);
});

test('switching negotiated nothing', async () => {
  for (const visitor of [listener, first, second]) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
  }
});

function slotsOf(visitor) {
  return Promise.all(['mic', 'camera'].map((kind) => listener.receivedFrom(visitor, kind)));
}

/** Over some seconds the pictures keep coming at more than half their rate. */
async function assertFlows(visitor) {
  const start = await listener.receivedFrom(visitor, 'camera');
  await pause(4000);
  const end = await listener.receivedFrom(visitor, 'camera');
  const frames = end.framesDecoded - start.framesDecoded;
  assert.ok(frames >= 20, `${frames} pictures in 4 s at 10 a second`);
}

/** In the page: the longest time between two pictures of one source. */
function watchPictures() {
  globalThis.longestStill = 0;
  let last = null;
  let video = null;
  const watch = () => video.requestVideoFrameCallback((now) => {
    if (last !== null) globalThis.longestStill = Math.max(globalThis.longestStill, now - last);
    last = now;
    watch();
  });
  earshot.office.addEventListener('slotchanged', ({ detail: { slot } }) => {
    if (slot.kind !== 'video') return;
    last = null;
    if (!slot.source) return;
    video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([slot.track]);
    video.play();
    watch();
  });
}

/** In the page: time from the slot's news to the first picture shown after it. */
function watchSwitch() {
  globalThis.switched = Infinity;
  earshot.office.addEventListener('slotchanged', ({ detail: { slot } }) => {
    if (slot.kind !== 'video' || !slot.source) return;
    const start = performance.now();
    const video = [...document.querySelectorAll('.tile video')].find(
      ({ srcObject }) => srcObject?.getTracks()[0] === slot.track);
    video.requestVideoFrameCallback(() => {
      globalThis.switched = Math.min(globalThis.switched, performance.now() - start);
    });
  });
}
