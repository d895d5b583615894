/**
 * What I publish, in a real browser: whatever is clicked, lost and refused, what is off sends no
 * packet, what is on does, and the button, the module, the server and the sender agree. In every
 * order of promises, sources.test.js shows the same.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium } from './harness/browser.js';
import { Random } from './harness/random.js';
import { Server } from './harness/server.js';
import { Visitor } from './harness/visitor.js';

const seeds = process.env.EARSHOT_SEED ? [Number(process.env.EARSHOT_SEED)] : [1, 2];
const buttons = ['mic', 'camera', 'screen'];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Two small halls, each all within earshot, with a portal to the other. */
const halls = `spaces:
${[['hall', 'annex'], ['annex', 'hall']].map(([id, other]) => `  - id: ${id}
    plan:
      width: 6
      height: 6
      audible: {enter: 8, leave: 9}
      visible: {enter: 10, leave: 11}
      full_gain_radius: 1.5
      sight_radius: 60
      spawn: {x: 3, y: 3}
      portals:
        - {name: Over, at: {x: 5, y: 5}, radius: 0.5, space: ${other}}
`).join('')}`;

let server;
let browser;
let actor;
let watcher;

before(async () => {
  server = await Server.start({ spaces: halls });
  browser = await launchChromium();
  watcher = await enter('Watcher');
  actor = await enter('Actor');
  await actor.page.evaluate(slowDevices);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

function enter(name) {
  return Visitor.enter(browser, server.url, { name, mic: false, camera: false });
}

/** Waits until all are of one mind about every source, then looks whether packets agree, too. */
async function assertAgreed(expected = {}) {
  for (const visitor of [actor, watcher]) {
    await visitor.until('is in the hall', async () => {
      const { office } = earshot;
      if (globalThis.isPassing) return false;
      if (office.state === 'connected' && office.space !== 'hall') {
        await office.pass(office.plan.portals[0]).catch(() => {});
      }
      return office.state === 'connected' && office.space === 'hall';
    }, undefined, 60_000);
  }
  let states;
  for (let tries = 0; tries < 60; tries++) {
    states = await readStates();
    if (states.every(isAgreed)) break;
    await pause(250);
  }
  const before = await actor.page.evaluate(countPackets);
  await pause(2000);
  const after = await actor.page.evaluate(countPackets);
  for (const state of states) {
    const { kind, pressed } = state;
    assert.ok(isAgreed(state), JSON.stringify(state));
    const packets = after[kind] - before[kind];
    if (pressed) assert.ok(packets > 0, `${kind} is on and sends nothing`);
    else assert.equal(packets, 0, `${kind} is off and sends`);
    if (kind in expected) assert.equal(pressed, expected[kind], kind);
  }
}

const isAgreed = ({ busy, pressed, self, told, attached }) =>
  !busy && pressed === self && pressed === told && pressed === attached;

/** Per kind: what the button, the module, the server (as others are told) and the sender say. */
async function readStates() {
  const id = await actor.page.evaluate(() => earshot.office.self.participant);
  const told = await watcher.page.evaluate((participant) =>
    [...earshot.office.people.get(participant)?.published ?? []], id);
  const states = await actor.page.evaluate(readSources, buttons);
  return states.map((state) => ({ ...state, told: told.includes(state.kind) }));
}

test('the key of the microphone twice within a moment leaves it off, thrice on', async () => {
  for (const presses of [2, 3]) {
    for (let press = 0; press < presses; press++) await actor.page.keyboard.press('KeyM');
    await assertAgreed({ mic: presses === 3 });
  }
  await actor.page.keyboard.press('KeyM');
  await assertAgreed({ mic: false });
});

test('a click while the server restarts ends as the button says', async () => {
  await server.halt();
  await actor.until('is cut off', () => earshot.office.state === 'reconnecting');
  await actor.page.click('#mic');
  await pause(500);
  await server.run();
  await assertAgreed({ mic: true });
});

test('a screen that was refused for its sound is not shown after a reconnect', async () => {
  const code = await actor.page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d').fillRect(0, 0, 9, 9);
    const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
    sound.stop();
    try {
      await earshot.office.setScreen(canvas.captureStream(5).getVideoTracks()[0], sound);
    } catch (error) {
      return error.code;
    }
    return 'none';
  });
  assert.equal(code, 'track-ended');
  await actor.page.evaluate(() => globalThis.sockets.at(-1).close());
  await actor.until('has joined again', () => earshot.office.negotiations.joins > 2);
  await assertAgreed({ screen: false, mic: true });
});

test('off during a reconnect is off, and on is on', async () => {
  for (const on of [false, true]) {
    await actor.page.evaluate(() => globalThis.sockets.at(-1).close());
    await actor.page.keyboard.press('KeyM');
    await assertAgreed({ mic: on });
  }
  await actor.page.keyboard.press('KeyM');
  await assertAgreed({ mic: false });
});

for (const seed of seeds) {
  test(`whatever is clicked and happens, all agree (EARSHOT_SEED=${seed})`, async () => {
    const random = new Random(seed);
    for (let round = 0; round < 2; round++) {
      for (let left = 4 + random.below(8); left > 0; left--) {
        await deeds[random.pick(Object.keys(deeds))](random);
        await pause(random.below(400));
      }
      await assertAgreed();
    }
  });
}

const press = async (random) => actor.page.keyboard.press(random.pick(['KeyM', 'KeyC', 'KeyP']));
const deeds = {
  press,
  pressAgain: press,
  pressTwice: async (random) => {
    await press(random);
    await press(random);
  },
  choose: (random) => actor.page.evaluate((id) =>
    document.getElementById(id).dispatchEvent(new Event('change')),
  random.pick(['device-mic', 'device-camera'])),
  cut: () => actor.page.evaluate(() => globalThis.sockets.at(-1).close()),
  pass: () => actor.page.evaluate(() => {
    const done = () => {
      globalThis.isPassing = false;
    };
    if (globalThis.isPassing) return;
    globalThis.isPassing = true;
    earshot.office.pass(earshot.office.plan.portals[0]).then(done, done);
  }),
  refuse: () => actor.page.evaluate(() => {
    globalThis.refusals++;
  }),
  unplug: (random) => actor.page.evaluate((place) => {
    const sender = globalThis.peerConnections.at(-1).getSenders()[place];
    const track = sender?.track;
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
  }, random.below(3)),
  restart: async (random) => {
    if (random.chance(0.7)) return;
    await server.halt();
    await pause(random.below(1000));
    await server.run();
  },
};

// What runs inside the page. ---------------------------------------------------------------------

/** Devices take a moment to open, and sometimes refuse. */
function slowDevices() {
  globalThis.refusals = 0;
  const { mediaDevices } = navigator;
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const open = mediaDevices[name].bind(mediaDevices);
    mediaDevices[name] = async (constraints) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      if (globalThis.refusals > 0) {
        globalThis.refusals--;
        throw new DOMException('refused', 'NotAllowedError');
      }
      return open(constraints);
    };
  }
}

/** The senders of open connections, in the order of kinds. */
function readSources(buttons) {
  const open = globalThis.peerConnections.filter((pc) => pc.connectionState !== 'closed');
  return buttons.map((kind, place) => {
    const button = document.getElementById(kind);
    return {
      kind,
      busy: button.getAttribute('aria-busy') === 'true',
      pressed: button.getAttribute('aria-pressed') === 'true',
      self: earshot.office.self.published.has(kind),
      attached: open.some((pc) => pc.getSenders()[place]?.track?.readyState === 'live'),
    };
  });
}

/** Per kind, the packets that open connections have sent. */
async function countPackets() {
  const packets = { mic: 0, camera: 0, screen: 0, screenAudio: 0 };
  for (const pc of globalThis.peerConnections) {
    if (pc.connectionState === 'closed') continue;
    const mids = pc.getTransceivers().map(({ mid }) => mid);
    for (const { type, mid, packetsSent } of (await pc.getStats()).values()) {
      const kind = Object.keys(packets)[mids.indexOf(mid)];
      if (type === 'outbound-rtp' && kind) packets[kind] += packetsSent;
    }
  }
  return packets;
}
