/** The same office in Firefox: two people near each other. Runs under in_own_network.sh. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { hasFirefox, launchFirefox } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const skip = hasFirefox() ? false : 'firefox-esr is not installed';
let server;
let browser;
let a;
let b;

before(async () => {
  if (skip) return;
  server = await Server.start({ address: '10.0.0.1' });
  browser = await launchFirefox();
  a = await Visitor.enter(browser, server.url, { name: 'Anna Fox' });
  b = await Visitor.enter(browser, server.url, { name: 'Bela Fox' });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('two people in Firefox receive each other', { skip }, async () => {
  await b.walkTo(22, 16);
  for (const [listener, speaker] of [[a, b], [b, a]]) {
    await listener.receives(speaker, 'mic', 'packetsReceived');
    await listener.receives(speaker, 'camera', 'framesDecoded');
  }
  await a.screenshot('firefox-a');
});

test('the packets themselves name their source in Firefox', { skip }, async () => {
  assert.ok((await a.contributors()).includes(b.participant));
});

test('walking away ends it, with one offer and one answer', { skip }, async () => {
  await b.walkTo(38, 24);
  await a.losesSightOf(b);
  await b.losesSightOf(a);
  for (const visitor of [a, b]) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
  }
});
