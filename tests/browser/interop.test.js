/**
 * Clients that are no browser, over a whole earshotd: werift, a WebRTC in JavaScript that numbers
 * its data channels by the ICE role. Two of them meet, hear each other and see each other walk.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket } from 'werift';
import WebSocket from 'ws';

import {
  parseEvent, parsePoses, recordsIn, writePose, writePublished,
} from '../../daemon/web/records.js';
import { Server, floor } from './harness/server.js';

const slots = 4;
const timeoutMs = 20_000;
/** 20 ms of silence. */
const opus = Buffer.of(0xf8, 0xff, 0xfe);

let server;
const guests = [];

before(async () => {
  server = await Server.start();
});
after(async () => {
  for (const guest of guests) guest.leave();
  await server?.stop();
});

class Guest {
  joined = null;
  events = [];
  poses = [];
  packets = [];
  #pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [] });
  #mic = new MediaStreamTrack({ kind: 'audio' });
  #socket = null;
  #channels = {};
  #talking = null;

  static async join(name) {
    const guest = new Guest();
    guests.push(guest);
    await guest.#join(await tokenFor(name));
    return guest;
  }

  async #join(token) {
    this.#offerMedia();
    await this.#pc.setLocalDescription(await this.#pc.createOffer());
    const { sdp } = this.#pc.localDescription;
    this.#socket = new WebSocket(`${server.url.replace('http', 'ws')}v1/connect`, 'earshot.v1',
      { origin: server.url.slice(0, -1) });
    const answer = new Promise((resolve, reject) => {
      this.#socket.on('message', (text) => {
        const message = JSON.parse(text);
        if (message.type === 'joined') this.joined = message;
        if (message.type === 'answer') resolve(message.answer);
        if (message.type === 'error') reject(new Error(message.message));
      });
      this.#socket.on('error', reject);
    });
    this.#socket.on('open', () => this.#socket.send(JSON.stringify(
      { type: 'join', id: '1', token, offer: sdp, tracks: { mic: midsIn(sdp)[0] } })));
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: await within(answer) });
    const channels = Object.values(this.#channels);
    await until(() => channels.every(({ readyState }) => readyState === 'open'));
  }

  #offerMedia() {
    this.#pc.addTransceiver(this.#mic, { direction: 'sendonly' });
    for (let slot = 0; slot < slots; slot++) {
      this.#pc.addTransceiver('audio', { direction: 'recvonly' });
    }
    this.#pc.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => this.packets.push(packet));
    });
    this.#channels.events = this.#pc.createDataChannel('earshot-events');
    this.#channels.positions = this.#pc.createDataChannel('earshot-positions',
      { ordered: false, maxRetransmits: 0 });
    this.#channels.events.onMessage.subscribe((data) => {
      this.events.push(...recordsIn(data).map(parseEvent));
    });
    this.#channels.positions.onMessage.subscribe((data) => this.poses.push(...parsePoses(data)));
  }

  get channelIds() {
    return Object.values(this.#channels).map(({ id }) => id);
  }

  /** A packet each 20 ms, as a microphone would. */
  talk() {
    this.#channels.events.send(Buffer.from(writePublished(new Set(['mic']))));
    let number = 0;
    this.#talking = setInterval(() => {
      const header = new RtpHeader({ payloadType: 96, sequenceNumber: 100 + number,
        timestamp: number * 960, ssrc: 1, marker: number === 0 });
      this.#mic.writeRtp(new RtpPacket(header, opus));
      number++;
    }, 20);
  }

  /** Until the other is seen there, as poses may get lost. */
  async walkTo(place, other) {
    for (let sequence = 0; !other.sees(this, place); sequence++) {
      assert.ok(sequence < timeoutMs / 100, 'is seen there in time');
      this.#channels.positions.send(Buffer.from(writePose({ ...place, heading: 0 }, sequence)));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  sees({ joined: { participant } }, { x, y }) {
    return this.poses.some((pose) => pose.participant === participant &&
      Math.hypot(pose.x - x, pose.y - y) < 0.1);
  }

  leave() {
    clearInterval(this.#talking);
    this.#socket?.close();
    this.#pc.close();
  }
}

async function tokenFor(name) {
  const response = await fetch(`${server.url}v1/demo/token`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, space: floor.space }) });
  return (await response.json()).token;
}

const midsIn = (sdp) => [...sdp.matchAll(/^a=mid:(.+?)\r?$/gm)].map(([, mid]) => mid);

function within(promise) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('too late')), timeoutMs).unref();
  });
  return Promise.race([promise, late]);
}

async function until(condition) {
  for (const end = Date.now() + timeoutMs; !condition();) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('clients that are no browsers meet on the floor, hear each other and see each other walk',
  async () => {
    const ada = await Guest.join('Ada');
    const zoe = await Guest.join('Zoë');
    assert.equal(ada.joined.plan.width, 40);
    for (const guest of [ada, zoe]) {
      assert.equal(guest.joined.notices, undefined);
      // Those of the DTLS server, which is the other side (RFC 8832 section 6).
      assert.deepEqual(guest.channelIds.map((id) => id % 2), [1, 1]);
    }
    ada.talk();
    zoe.talk();
    for (const [me, other, name] of [[ada, zoe, 'Zoë'], [zoe, ada, 'Ada']]) {
      const { participant } = other.joined;
      await until(() => me.events.some((event) => event?.type === 'entered' &&
        event.participant === participant && event.name === name));
      await until(() => me.events.some((event) => event?.type === 'slot' &&
        event.source?.participant === participant));
      await until(() => me.packets.length > 10);
      for (const { header, payload } of me.packets) {
        assert.deepEqual(header.csrc, [participant * 4]);
        assert.deepEqual(payload, opus);
      }
    }
    const { pose } = ada.joined;
    await ada.walkTo({ x: pose.x + 2, y: pose.y + 1 }, zoe);
  });
