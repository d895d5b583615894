/** What comes of what one does is shown to everybody: knocks, acts that fail, and portals. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { demoSpaces, Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const silent = { mic: false, camera: false };
const office = [[31, 19], [31.5, 4.8], [38, 4.5]];
let server;
let browser;
let clerk;
let citizen;

before(async () => {
  server = await Server.start({ spaces: await demoSpaces() });
  browser = await launchChromium();
  citizen = await enter('Zita', 'citizen', [[31.6, 19], [31.6, 4.8]]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function enter(name, role, way, prepare) {
  const visitor = await Visitor.enter(browser, server.url, { name, role, prepare, ...silent });
  for (const [x, y] of way) await visitor.stepTo(x, y);
  return visitor;
}

/** Waits for a message that everybody sees. */
function reads(visitor, text) {
  return visitor.until(`reads "${text}"`, (expected) =>
    [...document.querySelectorAll('.toast')].some((toast) =>
      toast.textContent.includes(expected) && toast.getClientRects().length > 0), text);
}

async function knock() {
  await citizen.press('#here', 'knock');
  await citizen.until('waits', () =>
    document.getElementById('here').textContent.includes('You have knocked: Clerk\'s office.'));
  await clerk.waitFor('#requests .request[data-request="knock"]');
}

async function waitsNoLonger() {
  await citizen.waitFor('#here button[data-act="knock"]');
  assert.equal(await citizen.page.$('#here button[data-act="knock-cancel"]'), null);
}

test('who knocks where nobody is reads so', async () => {
  await citizen.press('#here', 'knock');
  await reads(citizen, 'Nobody is there who could open.');
  await waitsNoLonger();
});

test('who knocks where nobody wants to be disturbed reads so', async () => {
  clerk = await enter('Klara', 'clerk', office);
  await clerk.page.click('#disturb');
  await clerk.waitFor('#disturb[aria-pressed="true"]');
  await citizen.press('#here', 'knock');
  await reads(citizen, 'Whoever is there does not want to be disturbed.');
  await clerk.page.click('#disturb');
  await clerk.waitFor('#disturb[aria-pressed="false"]');
});

test('a knock waits for an answer, and can be taken back on both sides', async () => {
  await knock();
  assert.equal(await citizen.page.$('#here button[data-act="knock"]'), null);
  await citizen.press('#here', 'knock-cancel');
  await waitsNoLonger();
  await clerk.until('has nothing to answer', hasNoRequest);
});

test('who is not let in reads so, and waits no longer', async () => {
  await knock();
  await citizen.screenshot('answers-waiting');
  await clerk.press('#requests', 'deny');
  await reads(citizen, 'Nobody can see you now: Clerk\'s office.');
  await waitsNoLonger();
});

test('who knocks and gets no answer reads so', async () => {
  const other = await enter('Yuri', 'citizen', [[31.2, 19], [31.2, 4.8]], hurry);
  await other.press('#here', 'knock');
  await reads(other, 'Nobody has answered your knock: Clerk\'s office.');
  await other.waitFor('#here button[data-act="knock"]');
  await other.close();
  await clerk.until('has nothing to answer', hasNoRequest);
});

test('a request changes with the language, as it stays until it is answered', async () => {
  await knock();
  await clerk.chooseLanguage('de');
  const read = () => clerk.page.$eval('#requests .request', ({ textContent }) => textContent);
  assert.match(await read(), /Zita klopft an/);
  assert.match(await read(), /Jetzt nicht/);
  await clerk.chooseLanguage('en');
  assert.match(await read(), /Zita knocks/);
});

test('who is let in reads so, and until when', async () => {
  await clerk.press('#requests', 'admit-15');
  await reads(citizen, 'You may come in: Clerk\'s office.');
  await citizen.until('has a stay', () =>
    document.getElementById('here').textContent.includes('You may be in Clerk\'s office until'));
  assert.equal(await citizen.page.$('#here button[data-act="knock-cancel"]'), null);
});

test('an act that fails is shown', async () => {
  const away = async () => citizen.page.evaluate(() => earshot.office.move({ x: 31.6, y: 12 }));
  await citizen.waitFor('#here button[data-act="door-open"]');
  await citizen.page.evaluate(() => {
    globalThis.door = document.querySelector('#here button[data-act="door-open"]');
  });
  await away();
  await citizen.page.evaluate(() => globalThis.door.click());
  await reads(citizen, 'You are too far away.');
});

test('a portal says where one is now, or why one is not', async () => {
  const traveller = await enter('Theo', 'citizen', [[27.8, 25.5]]);
  const { page } = traveller;
  await page.evaluate(() => {
    const { fetch } = globalThis;
    globalThis.fetch = async (...request) => {
      globalThis.fetch = fetch;
      return new Response('', { status: 429 });
    };
    earshot.office.move({ x: 29, y: 25.5 });
  });
  await reads(traveller, 'This place is full. Please try again later.');
  await traveller.stepTo(27, 25.5);
  await traveller.stepThrough(29, 25.5, 'annex');
  await reads(traveller, 'You are now in: Annex.');
  traveller.assertNoProblems();
});

test('none of it was a fault', () => {
  for (const visitor of [clerk, citizen]) visitor.assertNoProblems();
});

// What runs inside the page. ---------------------------------------------------------------------

function hasNoRequest() {
  return document.getElementById('requests').childElementCount === 0;
}

/** The two minutes for which a knock waits pass at once. */
function hurry() {
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = (listener, milliseconds, ...more) =>
    wait(listener, milliseconds === 120_000 ? 500 : milliseconds, ...more);
}
