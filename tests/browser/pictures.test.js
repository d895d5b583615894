/** Pictures besides a camera by VP8: a camera by H264, and a screen that is shared. */

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
    { name: 'Sender', mic: false, prepare: preferH264 });
  viewer = await Visitor.enter(browser, server.url, { name: 'Viewer', mic: false, camera: false });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('a camera that sends H264 is seen', async () => {
  await viewer.sees(sender);
  assert.equal(await codecOf('camera'), 'video/H264');
  const { pliCount } = await viewer.receivedFrom(sender, 'camera');
  assert.ok(pliCount <= 1, `${pliCount} key frames were asked for`);
});

test('a shared screen is seen beside the camera, until it is not shared any more', async () => {
  await sender.switchOn('screen');
  await viewer.receives(sender, 'screen', 'framesDecoded');
  await viewer.sees(sender);
  await viewer.waitFor('#shares .tile[data-kind="screen"]');
  await viewer.screenshot('pictures-screen');

  await sender.page.click('#screen');
  await viewer.until('loses the screen', hasNoScreen);
  await viewer.sees(sender);
});

test('who stops sharing in the browser\'s own bar has stopped', async () => {
  await sender.switchOn('screen');
  await viewer.receives(sender, 'screen', 'framesDecoded');
  await sender.page.evaluate(() => {
    for (const { track } of globalThis.peerConnections.at(-1).getSenders()) {
      if (!track?.getSettings().displaySurface) continue;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  });
  await sender.waitFor('#screen[aria-pressed="false"]');
  await viewer.until('loses the screen', hasNoScreen);
});

test('none of it negotiated anything', async () => {
  for (const visitor of [sender, viewer]) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
  }
});

function codecOf(kind) {
  return viewer.page.evaluate(async (id, wanted) => {
    const slot = earshot.office.slots.video.find(({ source }) =>
      source?.participant === id && source.kind === wanted);
    const stats = [...(await slot.receiver.getStats()).values()];
    const { codecId } = stats.find(({ type }) => type === 'inbound-rtp');
    return stats.find(({ id: codec }) => codec === codecId).mimeType;
  }, sender.participant, kind);
}

// What runs inside the page. ---------------------------------------------------------------------

function hasNoScreen() {
  return !earshot.office.slots.video.some(({ source }) => source?.kind === 'screen') &&
    !document.querySelector('#shares .tile');
}

/** What a browser sends is what it prefers of the codecs that both sides have. */
function preferH264() {
  const { setCodecPreferences } = RTCRtpTransceiver.prototype;
  RTCRtpTransceiver.prototype.setCodecPreferences = function prefer(codecs) {
    const rank = ({ mimeType }) => (mimeType === 'video/H264' ? 0 : 1);
    setCodecPreferences.call(this, [...codecs].sort((a, b) => rank(a) - rank(b)));
  };
}
