/** earshot.js without a browser: records, addresses, back-off, and its types. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { Acts } from '../../daemon/web/acts.js';
import * as earshot from '../../daemon/web/earshot.js';
import { Walker } from '../../daemon/web/walk.js';

const hex = (text) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const bytesOf = (buffer) => Buffer.from(buffer).toString('hex');

test('imports where there is neither window nor WebRTC, and says so on connecting', async () => {
  assert.equal(typeof globalThis.window, 'undefined');
  await assert.rejects(earshot.connect({ url: 'http://localhost/', token: 'x' }),
    { code: 'unsupported' });
});

test('reads a person who entered sight', () => {
  const name = Buffer.from('Zoë').toString('hex');
  const record = hex(`01 05 11000000 0000a041 00007041 0000c03f 04 ${name}`);
  assert.deepEqual(earshot.parseEvent(record), {
    type: 'entered', published: new Set(['mic', 'screen']), participant: 17, x: 20, y: 15,
    heading: 1.5, name: 'Zoë' });
});

test('reads who left and what somebody publishes', () => {
  assert.deepEqual(earshot.parseEvent(hex('02 11000000')), { type: 'left', participant: 17 });
  assert.deepEqual(earshot.parseEvent(hex('03 0f 11000000')),
    { type: 'published', participant: 17, published: new Set(earshot.kinds) });
});

test('reads a slot with its source, and a free one', () => {
  const slot = earshot.parseEvent(hex('04 45000000 83 ff f0d8 fa00 02'));
  assert.deepEqual(slot, { type: 'slot', kind: 'video', index: 3, gain: 1, sourceId: 69,
    source: { participant: 17, kind: 'camera' }, azimuth: -1, distance: 2.5,
    detail: 'medium' });
  assert.equal(earshot.parseEvent(hex('04 00000000 00 00 0000 0000 03')).source, null);
});

test('reads how the sources of several slots come', () => {
  assert.deepEqual(earshot.parseEvent(hex('05 02 83 ff f0d8 fa00 02 00 33 1027 0a00 03')), {
    type: 'hints', hints: [
      { kind: 'video', index: 3, gain: 1, azimuth: -1, distance: 2.5, detail: 'medium' },
      { kind: 'audio', index: 0, gain: 0.2, azimuth: 1, distance: 0.1, detail: 'full' },
    ] });
  assert.deepEqual(earshot.parseEvent(hex('05 00')), { type: 'hints', hints: [] });
});

// The bytes of tests/wire/hearing_messages_test.cc.
test('reads who hears whom, and where one would be heard', () => {
  assert.deepEqual(earshot.parseEvent(hex('0b 02 11000000')),
    { type: 'hearing', participant: 17, isHeard: false, hearsMe: true });
  const reach = earshot.parseEvent(hex('0c 02010000 01000000 02 00000000 00 0200 0300 0000'
    + '00000041 03 ff7f0000 0000ff7f 018000c0 0100 ffff'));
  assert.deepEqual({ ...reach, parts: reach.parts.slice(0, 1) }, {
    type: 'reach', hearersOutOfSight: 258, heardOutOfSight: 1,
    parts: [{ radius: null, outline: null, zones: [3, 0] }] });
  assert.deepEqual(reach.parts[1].zones, [-1]);
  assert.deepEqual(reach.parts[1].outline.map((corner) => corner.map((x) => x.toFixed(2))),
    [['8.00', '0.00'], ['0.00', '8.00'], ['-8.00', '-4.00']]);
});

test('reads participant ids above 2^29, whose source ids need all 32 bits', () => {
  const { source } = earshot.parseEvent(hex('04 ffffffff 00 ff 0000 0000 03'));
  assert.deepEqual(source, { participant: 2 ** 30 - 1, kind: 'screenAudio' });
});

test('a whisper that the server ends in the same message has ended', async () => {
  const acts = new Acts(() => {});
  const whispering = acts.whisper(7);
  acts.handleOutcome({ number: 0, outcome: 'done' });
  assert.equal(acts.whisperTo, 7);
  acts.handleEvent({ event: 'ownwhisperended', participant: 7 }, 1);
  assert.equal(await whispering, 'done');
  assert.equal(acts.whisperTo, 0);
  const following = acts.follow(7);
  acts.handleOutcome({ number: 1, outcome: 'too-far' });
  assert.equal(await following, 'too-far');
  assert.equal(acts.following, 0);
});

test('the package has every part that the module imports', async () => {
  const web = new URL('../../daemon/web/', import.meta.url);
  const { files } = JSON.parse(await readFile(new URL('package.json', web), 'utf8'));
  const needed = new Set(['earshot.js']);
  for (const file of needed) {
    const text = await readFile(new URL(file, web), 'utf8');
    for (const [, part] of text.matchAll(/from '\.\/([\w.]+)'/g)) needed.add(part);
  }
  assert.deepEqual(files.filter((file) => file.endsWith('.js')).sort(), [...needed].sort());
});

test('who walks over to somebody ends beside where they are by then', () => {
  const field = { width: 50, height: 50, zones: [], walls: [], doors: [] };
  const walker = new Walker(field, { x: 5, y: 5, heading: 0 });
  const person = { x: 20, y: 5 };
  walker.walkToPerson(person);
  walker.step(1);
  Object.assign(person, { x: 24, y: 9 });
  for (let frame = 0; frame < 20; frame++) walker.step(1);
  const beside = () => Math.hypot(person.x - walker.pose.x, person.y - walker.pose.y);
  assert.ok(Math.abs(beside() - 1.2) < 0.1, String(beside()));
  Object.assign(person, { x: 40, y: 9 });
  for (let frame = 0; frame < 5; frame++) walker.step(1);
  assert.ok(beside() > 10, 'having arrived, one stays');
});

test('takes the records of a message apart, whole ones only', () => {
  const message = hex('0500 02 11000000 0000 0100 07 0500 02 1200');
  assert.deepEqual(earshot.recordsIn(message).map(bytesOf), ['0211000000', '', '07']);
  assert.deepEqual(earshot.recordsIn(message.buffer).map(bytesOf), ['0211000000', '', '07']);
  assert.deepEqual(earshot.recordsIn(hex('ff 0100 07').subarray(1)).map(bytesOf), ['07']);
  assert.deepEqual(earshot.recordsIn(hex('01')), []);
});

test('takes a record at an offset in a larger buffer', () => {
  assert.deepEqual(earshot.parseEvent(hex('ff ff 02 11000000').subarray(2)),
    { type: 'left', participant: 17 });
});

test('ignores unknown types and every truncation', () => {
  assert.equal(earshot.parseEvent(hex('7f 01 02')), null);
  assert.equal(earshot.parseEvent(new Uint8Array(0)), null);
  const whole = [
    hex('01 05 11000000 0000a041 00007041 0000c03f 04 41414141'), hex('02 11000000'),
    hex('03 0f 11000000'), hex('04 45000000 83 ff f0d8 fa00 02'),
    hex('05 02 83 ff f0d8 fa00 02 00 33 1027 0a00 03'), hex('0a 03 05'),
    hex('06 0000a041 00007041 0000c03f'),
  ];
  for (const record of whole) {
    assert.notEqual(earshot.parseEvent(record), null);
    for (let length = 0; length < record.length; length++) {
      assert.equal(earshot.parseEvent(record.subarray(0, length)), null, `${record[0]}:${length}`);
    }
  }
});

test('reads poses, whole ones only, whatever the count says', () => {
  const two = hex('11 02 01 d00f e807 40 01 cf0f e707 c0');
  const [first, second] = earshot.parsePoses(two);
  assert.deepEqual(first, { participant: 1, x: 10, y: 5, heading: Math.PI / 2 });
  assert.deepEqual(second, { participant: 2, x: 0, y: 0, heading: -Math.PI / 2 });
  assert.equal(earshot.parsePoses(two.subarray(0, 13)).length, 1);
  // To the end of the largest floor, and not beyond.
  const [far] = earshot.parsePoses(hex('11 01 01 fe887a 80897a 00'));
  assert.deepEqual([far.x, far.y], [9999.99, 10_000]);
  const [beyond] = earshot.parsePoses(hex('11 01 01 82897a 01 00'));
  assert.deepEqual([beyond.x, beyond.y], [10_000, 0]);
  assert.equal(earshot.parsePoses(hex('11 01 ffffffffffff 00 00 00')).length, 0);
  assert.equal(earshot.parsePoses(hex('11 ff')).length, 0);
  assert.equal(earshot.parsePoses(hex('12 01')).length, 0);
  assert.equal(earshot.parsePoses(new Uint8Array(0)).length, 0);
});

test('writes a pose of 17 bytes whose sequence wraps', () => {
  const pose = { x: 20, y: 15, heading: 1.5 };
  assert.equal(bytesOf(earshot.writePose(pose, 0x10002)),
    '9100' + '0200' + '0000a041' + '00007041' + '0000c03f' + '00');
});

test('writes what is published', () => {
  assert.equal(bytesOf(earshot.writePublished(new Set(['mic', 'screenAudio']))), '8109');
  assert.equal(bytesOf(earshot.writePublished(new Set())), '8100');
});

test('keeps to the codecs that the server forwards', () => {
  const spoken = (mimeType, sdpFmtpLine) => earshot.isSpoken({ mimeType, sdpFmtpLine });
  assert.ok(spoken('audio/opus') && spoken('video/VP8') && spoken('video/rtx'));
  assert.ok(spoken('video/H264', 'packetization-mode=1;profile-level-id=42e01f'));
  assert.ok(!spoken('video/H264', 'packetization-mode=0;profile-level-id=42e01f'));
  for (const other of ['audio/PCMU', 'audio/red', 'video/VP9', 'video/AV1', 'video/ulpfec']) {
    assert.ok(!spoken(other), other);
  }
});

test('backs off twice as long each time, spread, and never beyond 15 s', () => {
  assert.equal(earshot.retryDelay(0, 0), 250);
  assert.equal(earshot.retryDelay(0, 1), 500);
  assert.equal(earshot.retryDelay(3, 1), 4000);
  assert.equal(earshot.retryDelay(1000, 1), 15_000);
});

test('finds the signalling address from the server\'s', () => {
  assert.equal(earshot.signallingUrl('https://office.example/'), 'wss://office.example/v1/connect');
  assert.equal(earshot.signallingUrl('http://localhost:8080'), 'ws://localhost:8080/v1/connect');
  assert.equal(earshot.signallingUrl('wss://a.example/x'), 'wss://a.example/x');
});

test('the types name exactly what the module exports', async () => {
  const text = await readFile(new URL('../../daemon/web/earshot.d.ts', import.meta.url), 'utf8');
  const exported = /^export (?:const|class|function) (\w+)/gm;
  const declared = [...text.matchAll(exported)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(earshot).sort());
});

test('a portal written in TypeScript compiles against the types', async () => {
  const tsc = new URL('./node_modules/typescript/bin/tsc', import.meta.url).pathname;
  const project = new URL('./types', import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [tsc, '--noEmit', '--project', project])
    .catch(({ stdout }) => assert.fail(stdout));
});
