/**
 * Clients that are no browser, over a whole earshotd: werift, which numbers data channels by its ICE
 * role, has other extension ids for audio than for video and offers no RTX. Two of them meet; the
 * one speaks, and the other hears it.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket } from 'werift';
import WebSocket from 'ws';

import { parseEvent, recordsIn, writePublished } from '../../daemon/web/records.js';
import { Server, floor } from './harness/server.js';

const slots = 4;
const timeoutMs = 20_000;
const payload = Buffer.from('this is what was said');

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
  events = [];
  packets = [];
  #pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [] });
  #mic = new MediaStreamTrack({ kind: 'audio' });
  #socket = null;
  #channel = null;
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
    await until(() => this.#channel.readyState === 'open');
  }

  #offerMedia() {
    this.#pc.addTransceiver(this.#mic, { direction: 'sendonly' });
    for (let slot = 0; slot < slots; slot++) {
      this.#pc.addTransceiver('audio', { direction: 'recvonly' });
    }
    this.#pc.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => this.packets.push(packet));
    });
    this.#channel = this.#pc.createDataChannel('earshot-events');
    this.#pc.createDataChannel('earshot-positions', { ordered: false, maxRetransmits: 0 });
    this.#channel.onMessage.subscribe((data) => {
      this.events.push(...recordsIn(data).map(parseEvent));
    });
  }

  /** A packet each 20 ms, as a microphone would. */
  talk() {
    this.#channel.send(Buffer.from(writePublished(new Set(['mic']))));
    let number = 0;
    this.#talking = setInterval(() => {
      const header = new RtpHeader({ payloadType: 96, sequenceNumber: 100 + number,
        timestamp: number * 960, ssrc: 1, marker: number === 0 });
      this.#mic.writeRtp(new RtpPacket(header, payload));
      number++;
    }, 20);
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

test('a client that is no browser joins, is told who is there, and hears', async () => {
  const speaker = await Guest.join('Ada');
  const listener = await Guest.join('Zoë');
  assert.equal(speaker.joined.notices, undefined);
  speaker.talk();
  const { participant } = speaker.joined;
  await until(() => listener.events.some((event) => event?.type === 'entered' &&
    event.participant === participant && event.name === 'Ada'));
  await until(() => listener.events.some((event) => event?.type === 'slot' &&
    event.source?.participant === participant));
  await until(() => listener.packets.length > 10);
  for (const { header, payload: heard } of listener.packets) {
    assert.deepEqual(header.csrc, [participant * 4]);
    assert.deepEqual(heard, payload);
  }
});
