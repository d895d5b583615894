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
  await listener.page.evaluate(watchSwitch);

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
  await assertStartedAtOnce(second);
  await assertFlows(second);
  await listener.screenshot('slots-second');
});

test('the first packet of the next person is the start of a picture', async () => {
  await second.walkTo(38, 20);
  await listener.losesSightOf(second);
  await first.walkTo(10, 20);
  await listener.sees(first);
  await assertStartedAtOnce(first);
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

/** A decoder that lost the thread asks for a new start before it shows anything. */
async function assertStartedAtOnce(visitor) {
  const { pliCount } = await listener.receivedFrom(visitor, 'camera');
  const { pliCountThen, gap } = await listener.page.evaluate(() => globalThis.lastSwitch);
  assert.equal(pliCount, pliCountThen, `${visitor.name} was asked for a key frame`);
  console.log(`slot assigned to first picture: ${Math.round(gap)} ms`);
}

/** In the page: at each switch of the video slot, what had been asked for until then. */
function watchSwitch() {
  earshot.office.addEventListener('slotchanged', ({ detail: { slot } }) => {
    if (slot.kind !== 'video' || !slot.source) return;
    const start = performance.now();
    const asked = earshot.office.getStats().then((stats) => [...stats.values()].find(
      ({ type, trackIdentifier }) => type === 'inbound-rtp' && trackIdentifier === slot.track.id));
    const video = [...document.querySelectorAll('.tile video')].find(
      ({ srcObject }) => srcObject?.getTracks()[0] === slot.track);
    globalThis.lastSwitch = new Promise((resolve) => {
      video.requestVideoFrameCallback(async () => {
        const gap = performance.now() - start;
        resolve({ pliCountThen: (await asked).pliCount, gap });
      });
    });
  });
}
