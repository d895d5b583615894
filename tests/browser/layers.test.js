/** Simulcast: the nearer one stands, the more of a camera comes; what nobody needs is not sent. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

let server;
let browser;
let sender;
let viewer;

before(async () => {
  server = await Server.start();
  browser = await launchChromium();
  sender = await Visitor.enter(browser, server.url,
    { name: 'Sender', mic: false, settings: { saveData: false } });
  await sender.walkTo(8, 20);
  viewer = await Visitor.enter(browser, server.url, { name: 'Viewer', mic: false, camera: false });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Waits until pictures of the sender are as wide as `accept` says. */
async function getsWidth(accept) {
  await viewer.sees(sender);
  let width;
  for (let tries = 0; tries < 60; ++tries) {
    ({ frameWidth: width } = await viewer.receivedFrom(sender, 'camera'));
    if (accept(width)) return width;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail(`pictures are ${width} wide`);
}

/** Waits until the sender's browser encodes just these layers. */
function sendsLayers(...rids) {
  return sender.until(`sends ${rids}`, async (expected) => {
    const read = async () => [...(await earshot.office.getStats()).values()]
      .filter(({ type, kind, rid }) => type === 'outbound-rtp' && kind === 'video' && rid);
    const before = new Map((await read()).map(({ rid, packetsSent }) => [rid, packetsSent]));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const sending = (await read()).filter(
      ({ rid, packetsSent }) => packetsSent > (before.get(rid) ?? 0)).map(({ rid }) => rid);
    return [...sending].sort().join() === [...expected].sort().join();
  }, rids);
}

test('far away one gets a thumbnail, near all of it, and the sender sends no more', async () => {
  await viewer.stepTo(17, 20);
  await viewer.stepTo(16.5, 20);
  const far = await getsWidth((width) => width > 0 && width <= 200);
  await sendsLayers('q');
  await viewer.screenshot('layers-far');

  await viewer.stepTo(10, 20);
  // A browser that adapts may send its layers smaller, all of them alike.
  await getsWidth((width) => width >= far * 2);
  await sendsLayers('f');
  await viewer.screenshot('layers-near');

  await viewer.stepTo(14, 20);
  await viewer.stepTo(13.5, 20);
  await sendsLayers('h');
  await viewer.sees(sender);
});

// By the layers themselves: how wide an only layer is, the sender's browser decides anew each time.
test('who looks away gets less', async () => {
  await viewer.stepTo(10.5, 20);
  await viewer.stepTo(10, 20);
  await sendsLayers('f');
  await viewer.page.evaluate(() => {
    const { x, y } = earshot.office.self;
    earshot.office.move({ x, y, heading: 0 });
  });
  await sendsLayers('h');
  await viewer.sees(sender);
});

/** Pictures go on for so many times a second and a half, far beyond when layers are stopped. */
async function assertKeepsMoving(visitor, other, times) {
  for (let i = 0; i < times; ++i) {
    const before = await visitor.receivedFrom(other, 'camera');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { framesDecoded } = await visitor.receivedFrom(other, 'camera');
    assert.ok(framesDecoded > before.framesDecoded, `${visitor.name} froze at ${i}`);
  }
}

// Of a camera of that size, browsers send two layers at most.
test('near and far viewers of one camera of 640 by 360 keep their pictures', async () => {
  const far = await Visitor.enter(browser, server.url, { name: 'Far', mic: false, camera: false });
  await far.stepTo(17, 20);
  await far.stepTo(16.5, 20);
  await viewer.stepTo(10.5, 20);
  await viewer.stepTo(10, 20);
  await far.sees(sender);
  await sendsLayers('q', 'h');
  await Promise.all([viewer, far].map((one) => assertKeepsMoving(one, sender, 8)));
  const [near, thumbnail] = await Promise.all(
    [viewer, far].map((one) => one.receivedFrom(sender, 'camera')));
  // All of it and a quarter, however small a browser that adapts makes both.
  assert.ok(near.frameWidth > thumbnail.frameWidth * 3,
    `${near.frameWidth}, ${thumbnail.frameWidth}`);
  await viewer.screenshot('layers-near-and-far');
  far.assertNoProblems();
  await far.close();
});

test('none of it negotiated anything', async () => {
  for (const visitor of [sender, viewer]) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
  }
});
