/** Nothing hides what one needs to see, in windows of every shape and in both languages. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium, screenshot } from './harness/browser.js';
import { demoSpaces, Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const windows = {
  desktop: { width: 1280, height: 800 },
  upright: { width: 390, height: 844 },
  sideways: { width: 844, height: 390 },
  // What is left of a desktop window at twice its size.
  zoomed: { width: 640, height: 400 },
};
/** What was seen in windows of every shape and in both languages. */
const seen = [];
let server;
let browser;
let visitor;
let page;

before(async () => {
  server = await Server.start({ spaces: await demoSpaces() });
  browser = await launchChromium();
  visitor = await Visitor.enter(browser, server.url,
    { name: 'Ada', role: 'chair', mic: false, prepare: recordTexts });
  ({ page } = visitor);
  for (const [shape, size] of Object.entries(windows)) {
    await page.setViewport(size);
    for (const language of ['en', 'de']) {
      seen.push(await look(`${shape} in ${language}`, language));
    }
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What there is to see, without requests and with two of them, in one language. */
async function look(where, language) {
  await visitor.chooseLanguage(language);
  await settle();
  const [floor] = await boxesOf('#floor');
  const [dock] = await boxesOf('.dock');
  const view = {
    where, window: page.viewport(), floor, dock, buttons: await boxesOf('.dock button'),
    names: await page.evaluate(() => globalThis.lastTexts), hint: await boxesOf('.hint'),
    insets: await page.$eval('#floor', (element) => Object.fromEntries(['top', 'bottom'].map(
      (side) => [side, Number.parseFloat(
        getComputedStyle(element).getPropertyValue(`--inset-${side}`))]))),
  };
  await call(2);
  await settle();
  Object.assign(view, { tiles: await boxesOf('.tile'), cards: await boxesOf('.request, .here') });
  await screenshot(page, `layout-${where.replaceAll(' ', '-')}`);
  await decline();
  return view;
}

/** Waits until the floor is drawn where it stays. */
async function settle() {
  await page.evaluate(() => {
    globalThis.placed = '';
    earshot.office.dispatchEvent(new Event('personchanged'));
  });
  await visitor.until('is drawn', () => {
    const { x, y } = earshot.floor.toPage({ x: 0, y: 0 });
    const placed = `${x} ${y} ${innerWidth}`;
    const isSettled = placed === globalThis.placed;
    globalThis.placed = placed;
    return isSettled;
  });
}

function boxesOf(selector) {
  return page.$$eval(selector, (elements) => elements.map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { what: element.id || element.className, x, y, width, height };
  }).filter(({ width, height }) => width > 0 && height > 0));
}

function overlap(a, b, gap = 0) {
  return a.x < b.x + b.width + gap && b.x < a.x + a.width + gap &&
    a.y < b.y + b.height && b.y < a.y + a.height;
}

function assertApart(some, others, where) {
  for (const one of some) {
    for (const other of others) {
      if (one === other) continue;
      assert.ok(!overlap(one, other),
        `${where}: ${JSON.stringify(one)} covers ${JSON.stringify(other)}`);
    }
  }
}

async function ownAvatar() {
  const { x, y } = await page.evaluate(() => earshot.floor.toPage(earshot.office.self));
  return { what: 'oneself', x: x - 17, y: y - 17, width: 34, height: 34 };
}

/** Calls, as if of other people, which wait to be answered. */
function call(count) {
  return page.evaluate((number) => {
    for (let participant = 1000; participant < 1000 + number; participant++) {
      earshot.office.dispatchEvent(Object.assign(new Event('news'),
        { detail: { event: 'called', participant, zone: -1, name: `Person ${participant}` } }));
    }
  }, count);
}

async function decline() {
  while (await page.$('.request')) {
    await page.$eval('.request [data-act="decline"]', (button) => button.click());
  }
}

test('no name on the plan covers another, nor does the hint cover any', () => {
  for (const { where, names, hint } of seen) {
    assert.ok(names.length >= 3, `${where}: ${names.length} names`);
    for (const name of names) {
      const other = names.find((second) => second !== name && overlap(name, second, 4));
      assert.ok(!other, `${where}: ${name.what} and ${other?.what}`);
    }
    if (where.startsWith('desktop')) {
      assert.equal(names.length, 12, 'ten zones, Ada, and the portal');
    }
    assert.equal(hint.length, 1, where);
    assertApart(hint, names, where);
  }
});

test('the dock hides nobody, and can be operated', () => {
  for (const { where, window, floor, dock, buttons } of seen) {
    assertApart([floor], [dock], where);
    assert.equal(buttons.length, 8, where);
    for (const button of buttons) {
      assert.ok(button.width >= 40 && button.height >= 40, `${where}: ${button.what} is small`);
      assert.ok(button.x >= 0 && button.y >= 0 && button.x + button.width <= window.width &&
        button.y + button.height <= window.height, `${where}: ${button.what} is outside`);
    }
    assertApart(buttons, buttons, where);
  }
});

test('on a telephone on its side, most of the window is floor', () => {
  for (const { where, window, floor, insets } of seen) {
    if (!where.startsWith('sideways')) continue;
    const free = floor.height - insets.top - insets.bottom;
    assert.ok(free >= window.height * 0.7, `${where}: ${free} of ${window.height}`);
  }
});

test('a request covers neither a picture nor what else one is told', () => {
  for (const { where, tiles, cards } of seen) {
    assert.equal(tiles.length, 1, where);
    assert.ok(cards.length >= 2, where);
    assertApart(cards, tiles, where);
    assertApart(cards, cards, where);
  }
});

test('messages and requests do not hide oneself, wherever one stands', async () => {
  for (const [x, y] of [[22, 23.5], [5, 24], [16, 24]]) {
    await visitor.stepTo(x, y);
    for (const [shape, size] of Object.entries(windows)) {
      const where = `${shape} at (${x}, ${y})`;
      await page.setViewport(size);
      await page.evaluate(async () => {
        const { toast } = await import(new URL('notices.js', location.href));
        for (const number of [1, 2, 3]) toast(`${number}: ${'many words '.repeat(6)}`);
      });
      await settle();
      const shown = await boxesOf('.toast');
      assert.equal(shown.length, 3, where);
      assertApart([await ownAvatar()], shown, where);
      await page.$$eval('.toast', (all) => all.forEach((toast) => toast.remove()));
      await call(1);
      await settle();
      assertApart([await ownAvatar()], await boxesOf('.request'), where);
      await decline();
    }
  }
  visitor.assertNoProblems();
});

/** In the page: where the last drawing wrote what, initials excepted. */
function recordTexts() {
  const { clearRect, fillRect, fillText } = CanvasRenderingContext2D.prototype;
  let texts = [];
  const begin = (original) => function start(...area) {
    texts = globalThis.lastTexts = [];
    return original.apply(this, area);
  };
  Object.assign(CanvasRenderingContext2D.prototype,
    { clearRect: begin(clearRect), fillRect: begin(fillRect) });
  CanvasRenderingContext2D.prototype.fillText = function record(text, x, y) {
    const canvas = this.canvas.getBoundingClientRect();
    const { e, f } = this.getTransform();
    const width = this.measureText(text).width;
    const shift = { left: 0, center: width / 2 }[this.textAlign];
    const [height, above] = [14, this.textBaseline === 'top' ? 0 : 7];
    if (text.length > 2) {
      texts.push({ what: text, x: canvas.x + e / devicePixelRatio + x - shift,
        y: canvas.y + f / devicePixelRatio + y - above, width, height });
    }
    return fillText.call(this, text, x, y);
  };
}
