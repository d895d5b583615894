/** One receive slot that changes hands: for the browser it stays one stream (ecosystem: slots). */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

/**
 * How much longer than at any other time one picture may stand after a switch. What stands still
 * for all of the machine's business is measured beside it and does not count.
 */
const longestFreezeMs = 500;
const watchedMs = 4000;

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
  await listener.page.evaluate(recordPictures, videoBefore.track);
  for (const visitor of [first, second]) await visitor.page.evaluate(recordSent);
  await pause(watchedMs);
  const usual = await listener.page.evaluate(longestGap, 'shown', Date.now() - watchedMs);

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
  await assertNoFreeze(second, usual);
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
 * From the switch on and for some seconds, no picture stands for longer than the sender, the page
 * or, while nothing was switched, all that lies between them took.
 */
async function assertNoFreeze(visitor, usual) {
  await pause(watchedMs);
  const { at } = await listener.page.evaluate(() => globalThis.lastSwitch);
  const [shown, page] = await Promise.all(['shown', 'ticks'].map(
    (what) => listener.page.evaluate(longestGap, what, at)));
  const sent = await visitor.page.evaluate(longestGap, 'sent', at);
  console.log(`longest gaps since the switch, in ms: pictures shown ${shown}, sent ${sent}, ` +
    `page ${page}; pictures shown before ${usual}`);
  const freeze = shown - Math.max(sent, page, usual);
  assert.ok(freeze <= longestFreezeMs, `a freeze of ${freeze} ms`);
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
        resolve({ pliCountThen: (await asked).pliCount, gap, at });
      });
    });
  });
}

/** In the page: when pictures of that track were shown, and when the page itself had its turns. */
function recordPictures(track) {
  globalThis.times = { shown: [], ticks: [] };
  const { shown, ticks } = globalThis.times;
  const video = [...document.querySelectorAll('.tile video')].find(
    ({ srcObject }) => srcObject?.getTracks()[0].id === track);
  const show = () => {
    shown.push(Date.now());
    video.requestVideoFrameCallback(show);
  };
  show();
  setInterval(() => ticks.push(Date.now()), 20);
}

/** In the page: when pictures of the camera had been sent. */
function recordSent() {
  globalThis.times = { sent: [] };
  let before = 0;
  setInterval(async () => {
    const frames = [...(await earshot.office.getStats()).values()]
      .filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video')
      .reduce((sum, { framesSent = 0 }) => sum + framesSent, 0);
    if (frames > before) globalThis.times.sent.push(Date.now());
    before = frames;
  }, 20);
}

/** In the page: the longest time without one of them since then, in milliseconds. */
function longestGap(what, since) {
  const times = [since, ...globalThis.times[what].filter((time) => time > since), Date.now()];
  return Math.max(...times.map((time, place) => time - (times[place - 1] ?? time)));
}
