/** Sound that the browser holds back or takes away: it comes back, and one is told meanwhile. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

let server;
let browser;
let visitor;

before(async () => {
  server = await Server.start();
  browser = await launchChromium();
  visitor = await Visitor.open(browser, server.url,
    { settings: { name: 'Ada', mic: false, camera: false } });
  await visitor.page.evaluate(keepContexts);
  await visitor.page.click('#join-button');
  await visitor.waitFor('body[data-view="office"]', 'Ada');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const bannerText = () => visitor.page.$eval('#banner', ({ hidden, textContent }) =>
  (hidden ? '' : textContent));

/** As Safari does for a telephone call. */
function interrupt(state) {
  return visitor.page.evaluate((name) => globalThis.contexts[0].pretend(name), state);
}

for (const [state, words] of [['interrupted', /A call or another app/],
  ['suspended', /holds the sound back/]]) {
  test(`sound that is ${state} is said, and a click, tap or key brings it back`, async () => {
    await visitor.until('plays', () => globalThis.contexts[0].state === 'running');
    for (const gesture of [
      () => visitor.page.keyboard.press('Shift'),
      () => visitor.page.mouse.click(640, 300),
      () => visitor.page.evaluate(() => dispatchEvent(new Event('touchend'))),
    ]) {
      await interrupt(state);
      assert.match(await bannerText(), words);
      await gesture();
      await visitor.until('plays again', () => globalThis.contexts[0].state === 'running');
      assert.equal(await bannerText(), '');
    }
  });
}

test('whoever comes back to the page hears again', async () => {
  await interrupt('interrupted');
  await visitor.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await visitor.until('plays again', () => globalThis.contexts[0].state === 'running');
  visitor.assertNoProblems();
});

/** In the page: contexts that can be told to be in a state which this browser does not know. */
function keepContexts() {
  globalThis.contexts = [];
  const Native = AudioContext;
  globalThis.AudioContext = class extends Native {
    #pretended = null;

    constructor(...parameters) {
      super(...parameters);
      globalThis.contexts.push(this);
    }

    get state() {
      return this.#pretended ?? super.state;
    }

    pretend(state) {
      this.#pretended = state;
      this.dispatchEvent(new Event('statechange'));
    }

    async resume() {
      await super.resume();
      if (this.#pretended) this.pretend(null);
    }
  };
}
