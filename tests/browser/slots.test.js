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
  await second.page.evaluate(recordTaken);

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
  await assertNoFreeze(second);
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

/**
 * From the switch on and for some seconds, as good as every picture that the camera took is shown.
 * A freeze of a second would be a sixth of them; the camera of a busy machine takes fewer to begin
 * with.
 */
async function assertNoFreeze(visitor) {
  await pause(4000);
  const { at, decodedThen } = await listener.page.evaluate(() => globalThis.lastSwitch);
  const { framesDecoded } = await listener.receivedFrom(visitor, 'camera');
  const shown = framesDecoded - decodedThen;
  const taken = await visitor.page.evaluate((since) => {
    const { taken: history } = globalThis;
    return history.at(-1).frames - (history.findLast((entry) => entry.at <= since)?.frames ?? 0);
  }, at);
  console.log(`${shown} of ${taken} pictures shown since the switch`);
  assert.ok(shown >= taken * 0.85 - 2, `${shown} of ${taken} pictures were shown`);
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
    const at = Date.now();
    const asked = earshot.office.getStats().then((stats) => [...stats.values()].find(
      ({ type, trackIdentifier }) => type === 'inbound-rtp' && trackIdentifier === slot.track.id));
    const video = [...document.querySelectorAll('.tile video')].find(
      ({ srcObject }) => srcObject?.getTracks()[0] === slot.track);
    globalThis.lastSwitch = new Promise((resolve) => {
      video.requestVideoFrameCallback(async () => {
        const gap = performance.now() - start;
        const { pliCount, framesDecoded } = await asked;
        resolve({ pliCountThen: pliCount, decodedThen: framesDecoded, gap, at });
      });
    });
  });
}

/** In the page: how many pictures the camera has taken, over time. */
function recordTaken() {
  globalThis.taken = [];
  setInterval(async () => {
    const { frames = 0 } = [...(await earshot.office.getStats()).values()]
      .find(({ type, kind }) => type === 'media-source' && kind === 'video') ?? {};
    globalThis.taken.push({ at: Date.now(), frames });
  }, 100);
}
