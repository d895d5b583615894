/** Five people in Chromium: who is near is heard and seen, and nobody else. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { floor, Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let server;
let browser;
const people = {};

before(async () => {
  server = await Server.start();
  browser = await launchChromium();
  const enter = (name, options) => Visitor.enter(browser, server.url, { name, ...options });
  // C and D switch on where they stand, so that whatever arrives of them came from there.
  const silent = { mic: false, camera: false };
  people.c = await enter('Carla Far', silent);
  await people.c.walkTo(38, 24);
  people.d = await enter('Dario Behind Walls', silent);
  await people.d.walkTo(18, 7);
  people.a = await enter('Anna Near');
  await people.a.walkTo(18, 12);
  people.b = await enter('Bela Near');
  await people.b.walkTo(21, 12);
  people.e = await enter('Emil Without Camera', { camera: false });
  await people.e.walkTo(20, 15);
  for (const visitor of [people.c, people.d]) {
    await visitor.switchOn('mic');
    await visitor.switchOn('camera');
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('two people near each other hear and see each other', async () => {
  const { a, b } = people;
  await a.hears(b);
  await a.sees(b);
  await b.hears(a);
  await b.sees(a);
});

test('somebody without a camera is heard and sees the others', async () => {
  const { a, b, e } = people;
  await a.hears(e);
  await b.hears(e);
  await e.sees(a);
  await e.sees(b);
  assert.equal(await a.receivedFrom(e, 'camera'), undefined);
});

test('the packets themselves name their source', async () => {
  const { a, b } = people;
  for (const [kind, number] of [['mic', 0], ['camera', 1]]) {
    const slot = await a.receivedFrom(b, kind);
    assert.equal(slot.contributor, b.participant * 4 + number, kind);
  }
});

test('nobody receives a packet of who is far away or behind a wall', async () => {
  const { a, b, c, d, e } = people;
  await pause(3000);
  for (const visitor of [a, b, e]) {
    const heard = await visitor.contributors();
    assert.ok(heard.length >= 2, `${visitor.name} hears the others near`);
    assert.ok(!heard.includes(c.participant), `${visitor.name} gets packets of ${c.name}`);
    assert.ok(!heard.includes(d.participant), `${visitor.name} gets packets of ${d.name}`);
  }
  for (const visitor of [c, d]) {
    assert.equal(await visitor.packetsReceived(), 0, visitor.name);
  }
  await Promise.all(Object.entries(people).map(([letter, visitor]) =>
    visitor.screenshot(`office-${letter}-apart`)));
});

test('who walks over arrives with sound and picture', async () => {
  const { a, c, d } = people;
  await c.walkTo(16.5, 13.5);
  await a.hears(c);
  await a.sees(c);
  await c.hears(a);
  await c.sees(a);
  assert.ok(!(await c.contributors()).includes(d.participant), 'the wall holds for C as well');
  await a.screenshot('office-a-with-c');
  await c.screenshot('office-c-with-a');
});

test('who walks away takes sound and picture along', async () => {
  const { a, b, c, e } = people;
  await c.walkTo(38, 24);
  for (const visitor of [a, b, e]) await visitor.losesSightOf(c);
  for (const visitor of [a, b, e]) await c.losesSightOf(visitor);
  await pause(500);
  const before = await c.packetsReceived();
  await pause(2000);
  assert.equal(await c.packetsReceived(), before, 'packets go on arriving at C');
  await a.hears(b);
});

test('the room keeps its sound inside until one enters it', async () => {
  const { c, d, e } = people;
  const [[left, top], , [right, bottom]] = floor.room.outline;
  await e.walkTo((left + right) / 2 + 2, (top + bottom) / 2);
  await e.hears(d);
  await d.hears(e);
  assert.ok(!(await c.contributors()).includes(d.participant));
  await e.screenshot('office-e-in-room');
});

test('the server counts how long a step took to its first packet', async () => {
  const { count, p50, p99 } = await server.quantiles('earshot_move_to_first_packet_seconds');
  assert.ok(count > 0, 'somebody walked into earshot of somebody who talked');
  console.log(`position to first packet, ${count} times: p50 <= ${p50} s, p99 <= ${p99} s`);
});

test('all of this took one offer and one answer per page, and no error', async () => {
  for (const visitor of Object.values(people)) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
  }
});
