/** Another network under a call: sound comes back. Runs under in_two_networks.sh. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const media = 0;
const pages = 9;

let server;
let browser;
let people;

before(async () => {
  server = await Server.start({ address: '10.0.0.1', pageAddress: '10.0.9.1' });
  browser = await launchChromium({ more: ['--host-resolver-rules=MAP localhost 10.0.9.1'] });
  people = [];
  for (const name of ['Anna', 'Bela']) {
    people.push(await Visitor.enter(browser, server.url, { name, camera: name === 'Bela' }));
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The near end of a cable gets another address; the old one leads nowhere any more. */
function changeAddress(cable, from, to) {
  const change = (verb, host) =>
    execFileSync('ip', ['address', verb, `10.0.${cable}.${host}/24`, 'dev', `near${cable}`]);
  change('del', from);
  change('add', to);
}

async function hearEachOther() {
  const [a, b] = people;
  await a.hears(b);
  await b.hears(a);
  await a.sees(b);
}

function counts() {
  return Promise.all(people.map(({ page }) => page.evaluate(() => earshot.office.negotiations)));
}

/** What waits until the state has been something else than connected, and is again. */
async function recovers(visitor) {
  await visitor.page.evaluate(() => {
    globalThis.states = [];
    earshot.office.addEventListener('statechanged',
      ({ detail }) => globalThis.states.push(detail.state));
  });
  return async () => {
    await visitor.until('notices', () => globalThis.states.length > 0, undefined, 60_000);
    await visitor.until('is back', () => earshot.office.state === 'connected', undefined, 60_000);
    visitor.participant = await visitor.page.evaluate(() => earshot.office.self.participant);
    return visitor.page.evaluate(() => globalThis.states);
  };
}

test('S14 an address change restarts ICE, and keeps the connection and its streams', async () => {
  await hearEachOther();
  const [a, b] = people;
  const streams = await a.received();
  const recovered = await Promise.all(people.map(recovers));
  changeAddress(media, 2, 3);
  for (const wait of recovered) await wait();
  await hearEachOther();
  for (const { joins, iceRestarts } of await counts()) {
    assert.equal(joins, 1, 'nobody had to join again');
    assert.ok(iceRestarts >= 1);
  }
  const ssrcs = (slots) => slots.map(({ kind, ssrc }) => `${kind} ${ssrc}`).sort();
  assert.deepEqual(ssrcs(await a.received()), ssrcs(streams));
  for (const visitor of [a, b]) visitor.assertNoProblems();
});

test('N1 where the WebSocket has gone with the address, one joins by another', async () => {
  const recovered = await Promise.all(people.map(recovers));
  changeAddress(media, 3, 4);
  changeAddress(pages, 2, 4);
  for (const wait of recovered) assert.ok((await wait()).includes('reconnecting'));
  await hearEachOther();
  for (const { joins } of await counts()) assert.ok(joins >= 2);
});
