/** A day in the demo's town hall: a citizen's visit, a council session, and a door that is shut. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { demoSpaces, Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let server;
let browser;

before(async () => {
  server = await Server.start({ spaces: await demoSpaces() });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** People of [name, role, way], who come in at the same time. */
function enter(...people) {
  return Promise.all(people.map(async ([name, role, way]) => {
    const visitor = await Visitor.enter(browser, server.url, { name, role, camera: false });
    for (const [x, y] of way) await visitor.stepTo(x, y);
    return visitor;
  }));
}

/**
 * Nothing of `other` is in a slot, and no packet of it arrives any more. What came before may lie
 * in the browser's buffers for a while on a busy machine; a microphone that is heard never pauses.
 */
async function hearsNothingOf(visitor, other) {
  await visitor.losesSightOf(other);
  for (let tries = 0, last = -1; tries < 8; ++tries) {
    const latest = await visitor.lastPacketOf(other);
    if (latest === last) return;
    last = latest;
    await pause(1500);
  }
  assert.fail(`${visitor.name} gets packets of ${other.name}`);
}

async function leave(...visitors) {
  for (const visitor of visitors) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
    await visitor.context.close();
  }
}

test('a citizen knocks, is let in, is heard by the clerk alone, and is shown out', async () => {
  const [clerk, neighbour, citizen] = await enter(
    ['Klara Clerk', 'clerk', [[31, 19], [31.5, 4.8], [38, 4.5]]],
    ['Nora Neighbour', 'citizen', [[31.2, 19], [31.2, 8.5]]],
    ['Zita Citizen', 'citizen', [[31.6, 19], [31.6, 4.8]]]);
  await citizen.hears(neighbour);
  await hearsNothingOf(citizen, clerk);

  await citizen.press('#here', 'knock');
  await clerk.waitFor('#requests .request[data-request="knock"]');
  await clerk.screenshot('town-hall-knock');
  await clerk.press('#requests', 'admit-15');
  await citizen.press('#here', 'door-open');
  await citizen.stepTo(36, 4.8);
  await citizen.hears(clerk);
  await clerk.hears(citizen);
  await citizen.screenshot('town-hall-visit');
  await hearsNothingOf(neighbour, citizen);
  await hearsNothingOf(neighbour, clerk);

  await clerk.press('#here', 'revoke');
  await citizen.hears(neighbour);
  await hearsNothingOf(citizen, clerk);
  await leave(clerk, neighbour, citizen);
});

test('the stage is heard in the whole chamber, and the chair hands over the floor', async () => {
  const [chair, first, second, listener] = await enter(
    ['Chris Chair', 'chair', [[22, 15], [22, 11], [24, 3]]],
    ['Fred First', 'citizen', [[22.4, 15], [22.4, 11], [22.5, 2]]],
    ['Sina Second', 'citizen', [[21.6, 15], [21.6, 11], [21, 3]]],
    ['Lena Listener', 'citizen', [[22, 15.5], [22, 11.8], [15.5, 10]]]);
  await hearsNothingOf(listener, first);

  await first.press('#here', 'podium-ask');
  await chair.press('#requests', 'give');
  await listener.hears(first);
  await first.until('reads that all in the chamber hear', () =>
    document.getElementById('where').textContent.endsWith('3 people hear you'));
  assert.ok(await first.page.evaluate(
    () => earshot.office.reach.parts.some(({ radius }) => radius === null)));
  await listener.until('reads that nobody hears', () =>
    document.getElementById('where').textContent.endsWith('nobody hears you'));
  await hearsNothingOf(listener, second);
  await first.screenshot('town-hall-speaker');
  await listener.screenshot('town-hall-council');

  await second.press('#here', 'podium-ask');
  await chair.waitFor('#requests .request[data-request="podium"]');
  await chair.screenshot('town-hall-chair');
  await takeFloorFrom(chair, first);
  await chair.press('#requests', 'give');
  await listener.hears(second);
  await hearsNothingOf(listener, first);
  await leave(chair, first, second, listener);
});

/** By the list of people, as who cannot see the floor does. */
async function takeFloorFrom(chair, speaker) {
  await chair.page.click('#people-button');
  await chair.waitFor(`#people-list button[aria-label="More about ${speaker.name}"]`);
  await chair.page.click(`#people-list button[aria-label="More about ${speaker.name}"]`);
  await chair.press('#person-menu', 'take');
  await chair.page.click('#people-close');
}

test('a door that is shut ends the talk through it', async () => {
  const [inside, outside] = await enter(
    ['Ida Inside', 'citizen', [[15, 19], [12, 12.8], [8.5, 12.8]]],
    ['Otto Outside', 'citizen', [[15.5, 19], [11.3, 12.8]]]);
  await outside.hears(inside);
  await inside.hears(outside);
  await outside.press('#here', 'door-shut');
  await hearsNothingOf(outside, inside);
  await hearsNothingOf(inside, outside);
  await inside.screenshot('town-hall-door');
  await inside.press('#here', 'door-open');
  await outside.hears(inside);
  await leave(inside, outside);
});

test('two people go over to the annex together, and back', async () => {
  const [first, second, other] = await enter(
    ['Anna First', 'citizen', [[27.8, 25.5]]],
    ['Ben Second', 'citizen', [[27.8, 24.5]]],
    ['Olga Other', 'citizen', [[26, 25]]]);
  await first.hears(second);
  await first.stepThrough(29, 25.5, 'annex');
  await hearsNothingOf(other, first);
  await second.stepThrough(29, 25.2, 'annex');
  await first.hears(second);
  await second.hears(first);
  await hearsNothingOf(first, other);
  const { x, y } = await first.page.evaluate(() => earshot.office.self);
  assert.ok(Math.hypot(x - 3, y - 13) < 1, 'one arrives at the portal that leads back');
  await first.screenshot('town-hall-annex');

  await first.stepTo(5, 13);
  await first.stepThrough(3.5, 13, 'town-hall');
  await first.hears(other);
  await hearsNothingOf(second, first);
  for (const visitor of [first, second, other]) {
    visitor.assertNoProblems();
    await visitor.context.close();
  }
});
