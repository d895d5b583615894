/** Talk that is not by distance alone: a bubble, a whisper, and the megaphone of the chair. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { demoSpaces, Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

let server;
let browser;
let anna;
let bela;
let third;
let chair;

before(async () => {
  server = await Server.start({ spaces: await demoSpaces() });
  browser = await launchChromium();
  const enter = async (name, x, y, role = 'citizen') => {
    const visitor = await Visitor.enter(browser, server.url, { name, role, camera: false });
    await visitor.stepTo(x, y);
    return visitor;
  };
  anna = await enter('Anna', 20, 24);
  bela = await enter('Bela', 21, 24);
  third = await enter('Third', 22, 25);
  chair = await enter('Chair', 31, 19, 'chair');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** By the list of people and the menu of one of them, as who cannot see the floor does. */
async function choose(visitor, other, act) {
  const { page } = visitor;
  await page.click('#people-button');
  await visitor.waitFor(`#people-list button[aria-label="More about ${other.name}"]`);
  await page.click(`#people-list button[aria-label="More about ${other.name}"]`);
  await visitor.waitFor(`#person-menu button[data-act="${act}"]`);
  await page.click(`#person-menu button[data-act="${act}"]`);
  await page.click('#people-close');
}

/** How loud `listener` gets `speaker`, once that is as `accept` says. */
async function gainIs(listener, speaker, what, accept) {
  let gain;
  for (let tries = 0; tries < 60; tries++) {
    gain = (await listener.receivedFrom(speaker, 'mic'))?.gain ?? 0;
    if (accept(gain)) return gain;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return assert.fail(`${listener.name} gets ${speaker.name} at ${gain}, not ${what}`);
}

/** What one reads of how many hear, beside where one is. */
async function readsThat(visitor, words) {
  await visitor.until(`reads that ${words}`, (text) =>
    document.getElementById('where').textContent.endsWith(text), words);
}

test('a bubble is loud inside and faint outside, until one leaves it', async () => {
  await third.hears(anna);
  const outside = await gainIs(third, anna, 'loud', (gain) => gain > 0.3);
  const inside = await gainIs(bela, anna, 'loud', (gain) => gain > 0.3);
  await choose(anna, bela, 'invite');
  await bela.press('#requests', 'accept');
  await gainIs(third, anna, 'faint', (gain) => gain <= outside * 0.2);
  await gainIs(third, bela, 'faint', (gain) => gain <= outside * 0.2);
  await gainIs(bela, anna, 'as before', (gain) => gain >= inside * 0.9);
  await bela.hears(anna);
  await anna.screenshot('conversations-bubble');
  await bela.press('#here', 'bubble-leave');
  await gainIs(third, anna, 'loud again', (gain) => gain >= outside * 0.9);
});

test('a whisper is heard by one alone, and by all when it has ended', async () => {
  await choose(anna, bela, 'whisper');
  await third.losesSightOf(anna);
  await bela.hears(anna);
  await third.hears(bela);
  await readsThat(anna, '1 person hears you');
  await readsThat(third, '2 people hear you');
  await anna.press('#here', 'whisper-end');
  await third.hears(anna);
});

test('the megaphone is heard from afar while it is on', async () => {
  for (const listener of [anna, third]) await listener.losesSightOf(chair);
  await chair.page.click('#megaphone');
  await chair.waitFor('#megaphone[aria-pressed="true"]');
  for (const listener of [anna, bela, third]) await listener.hears(chair);
  await readsThat(chair, '3 people hear you');
  await chair.page.click('#megaphone');
  await chair.waitFor('#megaphone[aria-pressed="false"]');
  for (const listener of [anna, bela, third]) await listener.losesSightOf(chair);
});

test('the megaphone pressed twice within a moment is off', async () => {
  await chair.page.evaluate(() => {
    document.getElementById('megaphone').click();
    document.getElementById('megaphone').click();
  });
  await chair.until('knows', () => earshot.office.acts.megaphones.size === 0);
  await anna.hears(bela);
  await anna.losesSightOf(chair);
  assert.equal(await chair.page.$eval('#megaphone', ({ ariaPressed }) => ariaPressed), 'false');
});

test('none of it negotiated anything', async () => {
  for (const visitor of [anna, bela, third, chair]) {
    await visitor.assertNegotiatedOnce();
    visitor.assertNoProblems();
  }
});
