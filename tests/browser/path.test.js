/**
 * A path that is lost, in a browser whose promises and time the test holds: one hears again as soon
 * as any way still leads to the server. network.test.js does it in a real network.
 */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { connect } from '../../daemon/web/earshot.js';
import { FakeWeb, settled } from './harness/fake_web.js';

let web;
let office;
let passed;

beforeEach(async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  web = new FakeWeb();
  web.install();
  passed = 0;
  const connecting = connect({ url: 'http://office.example/', token: 'hall' });
  await passTime(0);
  office = await connecting;
});

afterEach(() => {
  office.leave();
  mock.timers.reset();
});

/** Lets everything end that is under way, while so much time passes. */
async function passTime(milliseconds) {
  await settled();
  for (const end = passed + milliseconds; web.waiting.length > 0 || passed < end;) {
    if (web.waiting.length > 0) await web.release();
    else {
      mock.timers.tick(50);
      passed += 50;
      await settled();
    }
  }
}

/** How long it takes until `condition` holds. */
async function timeUntil(condition) {
  const start = passed;
  while (!condition()) {
    assert.ok(passed - start < 60_000, 'never');
    await passTime(50);
  }
  return passed - start;
}

test('S14 a lost path is looked for at once, by the socket that still works', async () => {
  const [connection] = web.connections;
  connection.losePath();
  assert.equal(office.state, 'interrupted');
  const milliseconds = await timeUntil(() => office.state === 'connected');
  assert.ok(milliseconds <= 100, `${milliseconds} ms`);
  assert.equal(office.negotiations.iceRestarts, 1);
  assert.equal(web.connections.length, 1, 'the same connection');
});

test('N1 where the socket went with the path, another one is opened within seconds', async () => {
  web.server.isReachable = false;
  web.connections[0].losePath();
  await passTime(1000);
  web.server.isReachable = true;
  const milliseconds = 1000 + await timeUntil(() => office.state === 'connected');
  assert.ok(milliseconds <= 3000, `${milliseconds} ms`);
  assert.equal(office.negotiations.joins, 2);
});

test('a path that is not found is looked for again, and then joined anew', async () => {
  const [connection] = web.connections;
  const { setRemoteDescription } = connection;
  connection.setRemoteDescription = () => connection.chained('nothing');
  connection.losePath();
  await passTime(8000);
  assert.equal(office.state, 'interrupted');
  assert.equal(connection.restarts, 3);
  connection.setRemoteDescription = setRemoteDescription;
  await passTime(2000);
  assert.equal(connection.restarts, 4);
  assert.equal(office.state, 'connected');
  assert.equal(web.connections.length, 1);

  connection.setRemoteDescription = () => connection.chained('nothing');
  connection.losePath();
  await passTime(12_000);
  assert.equal(office.state, 'connected');
  assert.equal(office.negotiations.joins, 2);
});

test('a path that comes back by itself ends the search', async () => {
  const [connection] = web.connections;
  connection.setRemoteDescription = () => connection.chained('nothing');
  connection.losePath();
  await passTime(1000);
  connection.connectionState = 'connected';
  connection.onconnectionstatechange();
  await passTime(30_000);
  assert.equal(office.state, 'connected');
  assert.equal(connection.restarts, 1);
});

test('a socket that never opens does not hold up the next', async () => {
  web.connections[0].socket.drop();
  const held = () => web.waiting.findIndex(({ what }) => what === 'socket');
  for (let ticks = 0; held() < 0; ticks++) {
    assert.ok(ticks < 100, 'no socket was tried');
    mock.timers.tick(50);
    await settled();
  }
  web.waiting.splice(held(), 1);
  await passTime(8000);
  assert.equal(office.state, 'connected');
});

test('a step after a rest is sent at once, and steps at most 15 times a second', async () => {
  const sent = [];
  const { send } = web.connections[0].positions;
  web.connections[0].positions.send = (data) => {
    if (new Uint8Array(data)[0] === 0x91) sent.push(new Float32Array(data.slice(4, 8))[0]);
    return send(data);
  };
  office.move({ x: 1, y: 1 });
  assert.deepEqual(sent, [1]);
  office.move({ x: 2, y: 1 });
  office.move({ x: 3, y: 1 });
  assert.deepEqual(sent, [1], 'not more often');
  mock.timers.tick(70);
  assert.deepEqual(sent, [1, 3]);
  // Where one stands is repeated, then four times a second; the next of these is not waited for.
  mock.timers.tick(70);
  assert.deepEqual(sent, [1, 3, 3]);
  const rested = performance.now() + 70;
  while (performance.now() < rested);
  office.move({ x: 4, y: 1 });
  assert.deepEqual(sent, [1, 3, 3, 4]);
});
