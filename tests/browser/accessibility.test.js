/** What axe-core finds, in every part of the page; and what it cannot find: keys and focus. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const axe = await readFile(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
let server;
let browser;
let visitor;
let page;

before(async () => {
  server = await Server.start();
  browser = await launchChromium();
  visitor = await Visitor.enter(browser, server.url, { name: 'Ada', mic: false });
  ({ page } = visitor);
  await page.evaluate(axe);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function assertAccessible(where, schemes = ['light', 'dark']) {
  for (const scheme of schemes) {
    // Without motion, colours are at once what they are going to be.
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: 'reduce' }]);
    const { violations } = await page.evaluate(
      () => globalThis.axe.run({ resultTypes: ['violations'], preload: false }));
    const found = violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join('; ')}`);
    assert.deepEqual(found, [], `${where}, ${scheme}`);
  }
}

/** More pictures than there is room for. The page allows no styles but its own files'. */
async function crowdTiles(isCrowded) {
  await page.evaluate((crowded) => {
    const sheet = new CSSStyleSheet();
    if (crowded) sheet.replaceSync('#tiles .tile { width: 900px !important; height: 900px; }');
    document.adoptedStyleSheets = [sheet];
  }, isCrowded);
  await page.waitForFunction((expected) => {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } =
      document.getElementById('tiles');
    return (scrollHeight > clientHeight || scrollWidth > clientWidth) === expected;
  }, {}, isCrowded);
}

test('the office has no fault that axe knows', async () => {
  await assertAccessible('office');
});

test('the list of people has none, with somebody in it', async () => {
  const other = await Visitor.enter(browser, server.url, { name: 'Bela', mic: false });
  await visitor.sees(other);
  await page.click('#people-button');
  await page.waitForSelector('#people-list li');
  await assertAccessible('people');
  await page.click('#people-list .more');
  await page.waitForSelector('#person-menu[open]');
  await assertAccessible('menu of a person');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#person-menu:not([open])');
  await other.close();
  await visitor.losesSightOf(other);
});

test('Escape closes the list of people, and its button has the focus', async () => {
  assert.ok(await page.$('#people:not([hidden])'));
  await page.focus('#people-close');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#people[hidden]', { timeout: 5000 });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'people-button');
  assert.equal(await page.$eval('#people-button', ({ ariaExpanded }) => ariaExpanded), 'false');
});

test('settings and messages have none', async () => {
  await page.click('#settings-button');
  await page.waitForSelector('#settings[open]');
  await assertAccessible('settings');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#settings:not([open])');
  await page.evaluate(async () => {
    const { toast } = await import(new URL('notices.js', location.href));
    toast('Something happened.');
    earshot.office.dispatchEvent(Object.assign(new Event('news'),
      { detail: { event: 'called', participant: 1000, zone: -1, name: 'Cleo' } }));
  });
  await page.waitForSelector('.request');
  await assertAccessible('request and message');
  await page.click('.request [data-act="decline"]');
});

for (const [shape, size] of [['wide', { width: 1280, height: 800 }],
  ['upright', { width: 390, height: 844 }], ['low', { width: 844, height: 390 }]]) {
  test(`pictures that do not fit are scrolled by keyboard in a ${shape} window`, async () => {
    await page.setViewport(size);
    await crowdTiles(true);
    // With the next frame.
    await page.waitForSelector('#tiles[tabindex]');
    await assertAccessible('crowded tiles', ['light']);
    const before = await page.evaluate(() => ({ ...earshot.office.self }));
    await page.focus('#tiles');
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await visitor.until('scrolls', () => {
      const { scrollTop, scrollLeft } = document.getElementById('tiles');
      return scrollTop > 0 || scrollLeft > 0;
    });
    const self = await page.evaluate(() => ({ ...earshot.office.self }));
    assert.deepEqual([self.x, self.y], [before.x, before.y], 'one does not walk meanwhile');
    await crowdTiles(false);
    await page.waitForSelector('#tiles:not([tabindex])');
  });
}

test('the form has none, with an error in it', async () => {
  await page.setViewport({ width: 1280, height: 800 });
  await page.click('#leave');
  await visitor.waitFor('body[data-view="join"]');
  await assertAccessible('form');
  visitor.assertNoProblems();
});
