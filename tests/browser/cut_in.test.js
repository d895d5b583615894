/** From the step that brings one into earshot to the sound of who is there. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const walks = 10;

let server;
let browser;
let speaker;
let listener;

before(async () => {
  server = await Server.start();
  browser = await launchChromium();
  speaker = await Visitor.enter(browser, server.url, { name: 'Speaker', camera: false });
  await speaker.stepTo(8, 20);
  await speaker.page.evaluate(hum);
  listener = await Visitor.enter(browser, server.url,
    { name: 'Listener', mic: false, camera: false });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('who steps into earshot hears at once', async () => {
  const times = [];
  for (let walk = 0; walk < walks; walk++) {
    await listener.stepTo(17.6, 20);
    await listener.losesSightOf(speaker);
    // Beyond earshot for longer than anything is kept.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    times.push(await listener.page.evaluate(stepAndListen, { x: 15.8, y: 20 },
      speaker.participant));
  }
  times.sort((a, b) => a - b);
  const [first, middle, last] = [times[0], times[walks / 2], times.at(-1)].map(Math.round);
  console.log(`step sent to sound heard, ${walks} times: ${first}, ${middle}, ${last} ms `
    + '(least, median, most)');
  assert.ok(middle < 1000, `half of the time it took ${middle} ms`);
  listener.assertNoProblems();
});

/** In the page: a steady tone in place of the microphone, which only beeps. */
async function hum() {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  await earshot.office.setMicrophone(out.stream.getAudioTracks()[0]);
}

/** In the page: milliseconds from a step to the first sound of that person that is played. */
async function stepAndListen(place, participant) {
  // What was played before stays in the browser's lists for 10 s.
  const playedBy = ({ receiver }) => receiver.getSynchronizationSources();
  const last = Math.max(0,
    ...earshot.office.slots.audio.flatMap(playedBy).map(({ timestamp }) => timestamp));
  const start = performance.now();
  earshot.office.move({ ...place, heading: Math.PI });
  const isHeard = (slot) => slot.source?.participant === participant &&
    playedBy(slot).some(({ timestamp, audioLevel }) => timestamp > last && audioLevel > 0.01);
  while (!earshot.office.slots.audio.some(isHeard)) {
    if (performance.now() - start > 10_000) throw new Error('nothing heard for 10 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return performance.now() - start;
}
