/** The page itself: languages, keyboard, messages, screen readers, and coming back. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium, screenshot } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const silent = { mic: false, camera: false };
let server;
let browser;

before(async () => {
  server = await Server.start();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);

test('the page speaks German to a German browser, and English on request', async () => {
  const german = await launchChromium({ language: 'de-DE' });
  try {
    const visitor = await Visitor.open(german, server.url, { settings: { language: '' } });
    const { page } = visitor;
    assert.equal(await page.$eval('html', ({ lang }) => lang), 'de');
    assert.equal(await textOf(page, '#join-button'), 'Eintreten');
    await screenshot(page, 'page-join-german');
    await page.select('#language', 'en');
    assert.equal(await page.$eval('html', ({ lang }) => lang), 'en');
    assert.equal(await textOf(page, '#join-button'), 'Enter');
    await page.reload();
    assert.equal(await textOf(page, '#join-button'), 'Enter', 'the choice is remembered');
  } finally {
    await german.close();
  }
});

test('no text is missing in either language', async () => {
  const visitor = await Visitor.open(browser, server.url);
  for (const language of ['en', 'de']) {
    await visitor.page.select('#language', language);
    const keys = await visitor.page.$$eval('[data-i18n], [data-i18n-label]', (elements) =>
      elements.filter((element) => {
        const { i18n, i18nLabel } = element.dataset;
        return (i18n && element.textContent === i18n) ||
          (i18nLabel && element.getAttribute('aria-label') === i18nLabel);
      }).map(({ outerHTML }) => outerHTML));
    assert.deepEqual(keys, [], language);
  }
  await visitor.close();
});

test('a name is asked for, and remembered', async () => {
  const visitor = await Visitor.open(browser, server.url);
  const { page } = visitor;
  await page.click('#join-button');
  assert.equal(await textOf(page, '#join-error'), 'Please enter your name.');
  assert.equal(await page.$eval('#join-name', ({ ariaInvalid }) => ariaInvalid), 'true');
  await page.select('#language', 'de');
  assert.equal(await textOf(page, '#join-error'), 'Bitte geben Sie Ihren Namen ein.');
  await page.select('#language', 'en');
  await page.type('#join-name', 'Ada');
  await page.keyboard.press('Enter');
  await visitor.waitFor('body[data-view="office"]', 'Ada');
  await page.click('#leave');
  await visitor.waitFor('body[data-view="join"]', 'Ada');
  assert.equal(await textOf(page, '#join-error'), 'You have left. See you soon.');
  await page.reload();
  assert.equal(await page.$eval('#join-name', ({ value }) => value), 'Ada');
  await visitor.close();
});

test('the keyboard walks, the others see it, and at most 15 poses a second are sent', async () => {
  const walker = await Visitor.enter(browser, server.url, { name: 'Walker', ...silent });
  const watcher = await Visitor.enter(browser, server.url, { name: 'Watcher', ...silent });
  await watcher.until('sees the walker', (id) => earshot.office.people.has(id), walker.participant);
  await walker.page.evaluate(() => {
    globalThis.poses = 0;
    const { send } = RTCDataChannel.prototype;
    RTCDataChannel.prototype.send = function count(data) {
      if (new Uint8Array(data)[0] === 0x91) globalThis.poses++;
      return send.call(this, data);
    };
  });
  const start = await walker.page.evaluate(
    () => ({ ...earshot.office.self, at: performance.now() }));
  await walker.page.keyboard.down('ArrowRight');
  await walker.until('walks right', (x) => earshot.office.self.x > x + 4, start.x);
  await walker.page.keyboard.up('ArrowRight');
  await walker.page.keyboard.down('KeyS');
  await walker.until('walks down', (y) => earshot.office.self.y > y + 1, start.y);
  await walker.page.keyboard.up('KeyS');
  const { self, poses, seconds } = await walker.page.evaluate((at) => ({
    self: { x: earshot.office.self.x, y: earshot.office.self.y }, poses: globalThis.poses,
    seconds: (performance.now() - at) / 1000 }), start.at);
  assert.ok(poses <= Math.ceil(seconds * 15) + 1, `${poses} poses in ${seconds} s`);
  await watcher.until('sees where the walker stands', ({ id, x, y }) => {
    const person = earshot.office.people.get(id);
    return Math.hypot(person.x - x, person.y - y) < 0.6;
  }, { id: walker.participant, ...self });
  walker.assertNoProblems();
  await walker.close();
  await watcher.close();
});

test('a screen reader learns who comes near, and the list walks there', async () => {
  const listener = await Visitor.enter(browser, server.url, { name: 'Lou', ...silent });
  await listener.walkTo(4, 22);
  const other = await Visitor.enter(browser, server.url, { name: 'Anna', ...silent });
  await listener.until('is told', () =>
    document.getElementById('announcer').textContent.includes('Anna is out of earshot') ||
    !document.getElementById('announcer').textContent.includes('Anna is in earshot'));
  await other.walkTo(8, 22);
  await listener.until('is told that Anna is near', () =>
    document.getElementById('announcer').textContent.includes('Anna is in earshot.'));
  assert.match(await textOf(listener.page, '#where'), /1 person hears you/);
  await other.walkTo(36, 22);
  await listener.until('is told that Anna has gone', () =>
    document.getElementById('announcer').textContent.includes('Anna is out of earshot.'));
  await listener.page.keyboard.press('KeyL');
  await listener.page.focus('#people-list button');
  await listener.page.keyboard.press('Enter');
  await listener.until('stands beside Anna', (id) => {
    const { self, people } = earshot.office;
    const anna = people.get(id);
    return Math.hypot(anna.x - self.x, anna.y - self.y) < 2;
  }, other.participant);
  await listener.screenshot('page-people');
  await listener.close();
  await other.close();
});

test('everything that can be operated has a name for assistive technology', async () => {
  const visitor = await Visitor.enter(browser, server.url, { name: 'Ada', ...silent });
  const { page } = visitor;
  await page.click('#people-button');
  await assertNamed(page, 'office');
  await page.click('#settings-button');
  await page.waitForSelector('#settings[open]');
  await assertNamed(page, 'settings');
  await screenshot(page, 'page-settings');
  await page.keyboard.press('Escape');
  await page.click('#leave');
  await assertNamed(page, 'join form');
  const twice = await page.$$eval('[id]', (elements) => elements.map(({ id }) => id)
    .filter((id, place, ids) => ids.indexOf(id) !== place));
  assert.deepEqual(twice, [], 'ids are unique');
  await visitor.close();
});

test('text has the contrast of WCAG AA in light and dark', async () => {
  const visitor = await Visitor.open(browser, server.url);
  for (const scheme of ['light', 'dark']) {
    await visitor.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const ratios = await visitor.page.evaluate(measureContrast);
    for (const [pair, ratio] of Object.entries(ratios)) {
      assert.ok(ratio >= 4.5, `${scheme}: ${pair} is ${ratio.toFixed(2)}`);
    }
  }
  await visitor.close();
});

test('H23 a name is text and never markup', async () => {
  const name = '<img src=x onerror=alert(1)>';
  const watcher = await Visitor.enter(browser, server.url, { name: 'Watcher', ...silent });
  const other = await Visitor.enter(browser, server.url, { name, mic: false, camera: true });
  await watcher.sees(other);
  await watcher.page.click('#people-button');
  await watcher.waitFor('#people-list bdi');
  assert.equal(await textOf(watcher.page, '#people-list bdi'), name);
  assert.equal(await textOf(watcher.page, '.tile:not(.self) bdi'), name);
  assert.equal(await watcher.page.$('img'), null);
  watcher.assertNoProblems();
  await watcher.close();
  await other.close();
});

test('a forbidden microphone is explained, and one stays in the office', async () => {
  const strict = await launchChromium({ allowDevices: false });
  try {
    const visitor = await Visitor.open(strict, server.url, {
      settings: { name: 'Ada', mic: true, camera: false } });
    await visitor.context.overridePermissions(new URL(server.url).origin, []);
    const { page } = visitor;
    await page.waitForSelector('#join-space option');
    await page.click('#join-button');
    await visitor.waitFor('.toast', 'Ada');
    assert.match(await textOf(page, '.toast'), /The browser blocks the microphone/);
    assert.equal(await page.$eval('#mic', ({ ariaPressed }) => ariaPressed), 'false');
    assert.equal(await page.evaluate(() => earshot.office.state), 'connected');
    await screenshot(page, 'page-permission');
    visitor.assertNoProblems();
  } finally {
    await strict.close();
  }
});

test('when the server restarts, the page says so and comes back by itself', async () => {
  const options = { name: 'Ada', mic: true, camera: false };
  const visitor = await Visitor.enter(browser, server.url, options);
  const { page } = visitor;
  await server.halt();
  await page.waitForSelector('#banner:not([hidden])', { timeout: 20_000 });
  assert.match(await textOf(page, '#banner'), /Connecting again/);
  await screenshot(page, 'page-reconnecting');
  await visitor.chooseLanguage('de');
  assert.match(await textOf(page, '#banner'), /Sie wird neu aufgebaut/);
  await visitor.chooseLanguage('en');
  await server.run();
  await visitor.until('is back', () => earshot.office.state === 'connected', undefined, 40_000);
  await page.waitForSelector('#banner[hidden]');
  const { joins, offers, answers } = await page.evaluate(() => earshot.office.negotiations);
  assert.deepEqual({ joins, offers, answers }, { joins: 2, offers: 1, answers: 1 });
  const other = await Visitor.enter(browser, server.url, { name: 'Bela', ...silent });
  await other.until('hears Ada again', () =>
    earshot.office.slots.audio.some(({ source }) => source?.kind === 'mic'));
  await visitor.close();
  await other.close();
});

test('when the server is away, the form says that it cannot be reached', async () => {
  const visitor = await Visitor.open(browser, server.url, { settings: { name: 'Ada' } });
  await server.halt();
  await visitor.page.click('#join-button');
  await visitor.until('is told', () =>
    document.getElementById('join-error').textContent.includes('cannot be reached'));
  await visitor.close();
  await server.run();
});

async function assertNamed(page, where) {
  const operable = new Set(['button', 'textbox', 'combobox', 'checkbox', 'switch', 'application',
    'dialog', 'link', 'listbox']);
  const nameless = [];
  const visit = (node) => {
    if (operable.has(node.role) && !node.name?.trim()) nameless.push(node.role);
    node.children?.forEach(visit);
  };
  visit(await page.accessibility.snapshot({ interestingOnly: true }));
  assert.deepEqual(nameless, [], where);
  const headings = await page.$$eval('h1', (all) => all.filter((h) => h.offsetParent).length);
  assert.ok(headings <= 1, where);
}

/** In the page: contrast of the colours that text and its ground take from office.css. */
function measureContrast() {
  const pairs = [['ink', 'floor'], ['ink', 'plate'], ['ink-soft', 'plate'],
    ['ink-soft', 'surround'], ['ink-soft', 'room'], ['accent', 'plate'], ['accent', 'room-here'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'], ['danger', 'plate']];
  const style = getComputedStyle(document.documentElement);
  const luminance = (name) => {
    const hex = style.getPropertyValue(`--${name}`).trim();
    const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  return Object.fromEntries(pairs.map(([text, ground]) => {
    const [dark, light] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
    return [`${text} on ${ground}`, (light + 0.05) / (dark + 0.05)];
  }));
}
