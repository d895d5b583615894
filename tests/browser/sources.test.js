/**
 * What I publish, in a browser whose every promise the test holds: off means that nothing leaves,
 * on that it does, and the button, the module, the server and the sender agree, whatever comes
 * between a click and its effect. publishing.test.js does the same in a real browser.
 */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { Controls } from '../../daemon/web/controls.js';
import { connect } from '../../daemon/web/earshot.js';
import { FakeTrack, FakeWeb, settled } from './harness/fake_web.js';
import { Random } from './harness/random.js';

const seeds = process.env.EARSHOT_SEED
  ? [Number(process.env.EARSHOT_SEED)] : Array.from({ length: 200 }, (_, seed) => seed + 1);

let web;
let office;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

async function enter() {
  web = new FakeWeb();
  web.install();
  const token = ({ space }) => space ?? 'hall';
  const connecting = connect({ url: 'http://office.example/', token });
  await finish();
  office = await connecting;
}

/** Lets everything end that is under way, and time pass for what waits for that. */
async function finish(seconds = 0) {
  await settled();
  for (let left = seconds * 10; web.waiting.length > 0 || left > 0;) {
    if (web.waiting.length > 0) await web.release();
    else {
      mock.timers.tick(100);
      left--;
      await settled();
    }
  }
}

/** Lets things end up to and with the first that is called so. */
async function finishUntil(what) {
  for (let tries = 0; tries < 200; tries++) {
    await settled();
    const place = web.waiting.findIndex((one) => one.what === what);
    if (place >= 0) {
      await web.release(place);
      return;
    }
    if (web.waiting.length > 0) await web.release();
    else mock.timers.tick(100);
  }
  assert.fail(`${what} never came`);
}

function micTrack() {
  return Object.assign(new FakeTrack(), { source: 'mic' });
}

/** All that can be asked whether a source is on. */
function assertIs(kind, on, what) {
  const { published } = office.self;
  assert.equal(published.has(kind), on, `${what}: ${kind} by the module`);
  assert.equal(web.current.told.has(kind), on, `${what}: ${kind} by the server`);
  assert.equal(web.sent(kind).length, on ? 1 : 0, `${what}: ${kind} by the senders`);
  assert.equal(web.current.senderOf(kind).track !== null, on, `${what}: ${kind} attached`);
}

test('off before on has come about sends nothing and says so', async () => {
  await enter();
  const on = office.setMicrophone(micTrack());
  const off = office.setMicrophone(null);
  await finish();
  await Promise.all([on, off]);
  assertIs('mic', false, 'on, off');
});

test('on before off has come about is heard', async () => {
  await enter();
  office.setMicrophone(micTrack());
  await finish();
  const off = office.setMicrophone(null);
  const on = office.setMicrophone(micTrack());
  await finish();
  await Promise.all([on, off]);
  assertIs('mic', true, 'off, on');
});

test('off is told at once, also while on is under way', async () => {
  await enter();
  office.setMicrophone(micTrack());
  await finish();
  office.setMicrophone(micTrack());
  await settled();
  office.setMicrophone(null);
  assert.ok(!web.current.told.has('mic'));
  await finish();
  assertIs('mic', false, 'on, other, off');
});

test('pressed twice within a moment, the microphone is off and its capture ended', async () => {
  await enter();
  const controls = new Controls(office, () => {});
  controls.press('KeyM');
  controls.press('KeyM');
  await finish();
  assertIs('mic', false, 'twice');
  assert.equal(pressed('mic'), false);
  assert.ok(web.captures.every(({ readyState }) => readyState === 'ended'));
});

test('a click while reconnecting ends as the button says', async () => {
  for (const clicks of [1, 2]) {
    await enter();
    const controls = new Controls(office, () => {});
    web.stopServer();
    await finish(1);
    assert.equal(office.state, 'reconnecting');
    for (let click = 0; click < clicks; click++) controls.toggle('mic');
    await finish(1);
    web.server.isUp = true;
    await finish(40);
    assert.equal(office.state, 'connected');
    assert.equal(pressed('mic'), clicks === 1);
    assertIs('mic', clicks === 1, `${clicks} clicks`);
    controls.close();
  }
});

test('a screen that was refused for its sound is not shown after a reconnect', async () => {
  await enter();
  web.server.grants.hall = ['mic', 'camera', 'screen'];
  await reconnect();
  const [picture, sound] = [new FakeTrack(), new FakeTrack()];
  await assert.rejects(office.setScreen(picture, sound), { code: 'not-granted' });
  await finish();
  assertIs('screen', false, 'refused');
  await reconnect();
  assertIs('screen', false, 'refused and joined again');
});

test('a camera that the server has no codec for stays off and says why', async () => {
  await enter();
  assert.deepEqual(office.notices, []);
  office.setCamera(new FakeTrack());
  await finish();
  const notice = { code: 'codecs-unusable', message: 'The camera cannot be published: VP8.' };
  web.server.notices = [{ ...notice, kind: 'camera' }];
  const lost = new Promise((resolve) => office.addEventListener('trackended', resolve));
  await reconnect();
  assert.deepEqual(office.notices.map(({ code, message }) => ({ code, message })), [notice]);
  assertIs('camera', false, 'after the reconnect');
  assert.equal((await lost).detail.error.code, 'codecs-unusable');
  await assert.rejects(office.setCamera(new FakeTrack()), notice);
  await finish();
  assertIs('camera', false, 'refused');
});

test('what another space does not allow is off, and the capture ends', async () => {
  await enter();
  const controls = new Controls(office, () => {});
  controls.switch('mic', true);
  await finish();
  web.server.grants.annex = ['camera'];
  const passing = office.pass({ space: 'annex' });
  await finish();
  await passing;
  assertIs('mic', false, 'not granted there');
  assert.equal(pressed('mic'), false);
  assert.ok(web.captures.every(({ readyState }) => readyState === 'ended'));
});

test('what is switched off during a reconnect is not attached to the new sender', async () => {
  await enter();
  office.setMicrophone(micTrack());
  await finish();
  for (const moment of ['socket', 'createOffer', 'join', 'setRemoteDescription', 'path']) {
    web.current.socket.drop();
    await finishUntil(moment);
    const off = office.setMicrophone(null);
    assert.equal(web.connections.some(({ told }) => told.has('mic')), false, 'told at once');
    await finish(20);
    await off;
    assertIs('mic', false, `off at ${moment}`);
    office.setMicrophone(micTrack());
    await finish();
  }
});

test('what is switched on during a reconnect has a track', async () => {
  await enter();
  for (const moment of ['socket', 'createOffer', 'join', 'setRemoteDescription', 'path']) {
    web.current.socket.drop();
    await finishUntil(moment);
    const on = office.setMicrophone(micTrack());
    await finish(20);
    await on;
    assertIs('mic', true, `on at ${moment}`);
    office.setMicrophone(null);
    await finish();
  }
});

test('a sender that refuses leaves the source off, and the capture ends', async () => {
  await enter();
  const controls = new Controls(office, () => {});
  web.fails = (what) => what === 'replaceTrack';
  controls.switch('camera', true);
  await finishUntil('replaceTrack');
  web.fails = () => false;
  await finish();
  assertIs('camera', false, 'refused by the sender');
  assert.equal(pressed('camera'), false);
  assert.ok(web.captures.every(({ readyState }) => readyState === 'ended'));
});

test('of a screen whose sound cannot be sent, nothing is', async () => {
  await enter();
  const sound = new FakeTrack();
  const on = office.setScreen(new FakeTrack(), sound);
  sound.end();
  await Promise.all([assert.rejects(on, { code: 'track-ended' }), finish()]);
  assertIs('screen', false, 'no sound');
  assertIs('screenAudio', false, 'no sound');
});

test('the sound of a screen ends with its picture', async () => {
  await enter();
  const picture = new FakeTrack();
  office.setScreen(picture, new FakeTrack());
  await finish();
  assertIs('screenAudio', true, 'shared');
  picture.end();
  await finish();
  assertIs('screen', false, 'ended');
  assertIs('screenAudio', false, 'ended');
});

test('what the sender cannot let go ends with its connection', async () => {
  await enter();
  office.setMicrophone(micTrack());
  await finish();
  const off = office.setMicrophone(null);
  web.fails = () => true;
  await settled();
  await web.release();
  web.fails = () => false;
  assert.equal(web.sent('mic').length, 0);
  await finish(20);
  await off;
  assertIs('mic', false, 'joined again');
});

test('what is wanted of a source in quick succession is what is sent in the end', async () => {
  await enter();
  office.setMicrophone(micTrack());
  await finish();
  const sender = web.current.senderOf('mic');
  for (const bits of [0, 1, 0, 1, 0]) web.current.say(0x0a, bits, 7);
  await finish();
  assert.equal(sender.isActive, false);
  for (const bits of [1, 0, 1]) web.current.say(0x0a, bits, 7);
  await finish();
  assert.equal(sender.isActive, true);
});

test('a connection lost on the way through a portal does not bring one back', async () => {
  await enter();
  const passing = office.pass({ space: 'annex' });
  await finishUntil('createOffer');
  web.connections[0].socket.drop();
  mock.timers.tick(1000);
  await finish(20);
  await passing;
  assert.equal(office.space, 'annex');
  assert.equal(office.state, 'connected');
});

test('whatever is clicked and whatever happens, button, module, server and sender agree',
  async () => {
    for (const seed of seeds) {
      try {
        await live(new Random(seed));
      } catch (error) {
        error.message = `EARSHOT_SEED=${seed}: ${error.message}`;
        throw error;
      }
    }
  });

const buttons = ['mic', 'camera', 'screen'];

async function reconnect() {
  web.current.socket.drop();
  await finish(20);
}

function pressed(kind) {
  return document.getElementById(kind).attributes['aria-pressed'] === 'true';
}

/** One stay: things are done, happen and end in any order, and then everything comes to rest. */
async function live(random) {
  await enter();
  const controls = new Controls(office, () => {});
  /** Kind → whether the last click switched it on, and nothing has gone wrong with it since. */
  const sure = new Map();
  office.addEventListener('planchanged', () => {
    for (const kind of buttons) if (!office.grants.includes(kind)) sure.delete(kind);
    // A screen that waits to be shown with its sound is refused with it.
    if (!office.grants.includes('screenAudio')) sure.delete('screen');
  });
  web.fails = (what) => {
    const canFail = /^(replaceTrack|open|join)/.test(what) && random.chance(0.1);
    if (canFail) sure.clear();
    return canFail;
  };
  for (let left = 10 + random.below(40); left > 0; left--) {
    if (web.waiting.length > 0 && random.chance(0.6)) {
      await web.release(random.below(web.waiting.length));
    } else {
      await act(random, controls, sure);
    }
    assertNothingLeaks();
  }
  web.fails = () => false;
  web.server.isUp = true;
  await finish(60);
  assert.equal(office.state, 'connected');
  assertNothingLeaks();
  for (const kind of buttons) assertIs(kind, pressed(kind), 'in the end');
  for (const [kind, on] of sure) assert.equal(pressed(kind), on, `${kind} as it was clicked`);
  for (const kind of buttons) {
    const { isActive } = web.current.senderOf(kind);
    assert.equal(isActive, pressed(kind) && office.wanted.has(kind), `${kind} as it is wanted`);
  }
  const stillOpen = web.captures.filter(({ readyState }) => readyState === 'live');
  assert.deepEqual(new Set(stillOpen.map(({ source }) => source)), office.self.published);
  office.leave();
  controls.close();
  assert.ok(web.captures.every(({ readyState }) => readyState === 'ended'), 'left');
}

async function act(random, controls, sure) {
  const kind = random.pick(buttons);
  const deeds = {
    click: () => {
      controls.toggle(kind);
      sure.set(kind, pressed(kind));
    },
    choose: () => controls.reopen(kind),
    unplug: () => {
      const track = web.captures.findLast(({ source, readyState }) =>
        source === kind && readyState === 'live');
      track?.end();
      if (track) sure.delete(kind);
    },
    loseSocket: () => web.current?.socket?.drop(),
    stop: () => web.stopServer(),
    start: () => {
      web.server.isUp = true;
    },
    pass: () => {
      const space = random.pick(['hall', 'annex']);
      web.server.grants.annex = random.pick([['mic', 'camera'], ['screen', 'mic'], buttons]);
      office.pass({ space }).catch(() => {});
    },
    want: () => web.current?.say(0x0a, random.below(16), 7),
    wait: () => mock.timers.tick(100 + random.below(2000)),
  };
  const often = ['click', 'click', 'click', 'choose', 'want', 'wait', 'wait'];
  deeds[random.pick([...often, ...Object.keys(deeds)])]();
  await settled();
}

/** What holds at any moment: a button that is not pressed has no capture, and nothing is sent. */
function assertNothingLeaks() {
  for (const kind of ['mic', 'camera', 'screen', 'screenAudio']) {
    const button = kind === 'screenAudio' ? 'screen' : kind;
    if (pressed(button)) continue;
    assert.equal(web.sent(kind).length, 0, `${kind} is sent while off`);
    const open = web.captures.filter(({ source, readyState }) =>
      source === kind && readyState === 'live');
    assert.equal(open.length, 0, `${kind} is captured while off`);
    for (const { told } of web.connections) assert.ok(!told.has(kind), `${kind} is told while off`);
  }
}
