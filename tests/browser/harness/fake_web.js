/**
 * A browser's WebRTC, WebSockets and devices, and the server behind them, in which every promise
 * waits until the test lets it go. Just so much of them as earshot.js and the dock use, with what
 * they promise of order: the operations of one connection run one behind the other, and those of a
 * closed one never end.
 */

import { kinds } from '../../../daemon/web/records.js';

/** What is under way, and how it may go wrong. */
export class FakeWeb {
  /** Each {what, go}; `go` lets it end. */
  waiting = [];
  /** Called with what could fail; true fails it. */
  fails = () => false;
  /** `isReachable`: what is sent to it arrives. `notices` have a kind in place of its mid. */
  server = { isUp: true, isReachable: true, grants: {}, notices: [] };
  connections = [];
  captures = [];

  /** Makes the globals that the code under test looks for. */
  install() {
    const web = this;
    globalThis.RTCPeerConnection = class extends FakeConnection {
      constructor() {
        super(web);
      }
    };
    globalThis.RTCRtpReceiver = { getCapabilities: () => ({ codecs: [] }) };
    globalThis.WebSocket = class extends FakeSocket {
      constructor() {
        super(web);
      }
    };
    const elements = new Map();
    globalThis.document = {
      getElementById(id) {
        if (!elements.has(id)) elements.set(id, new FakeElement());
        return elements.get(id);
      },
      createElement: () => new FakeElement(),
    };
    Object.defineProperty(globalThis, 'navigator', {
      configurable: true,
      value: { languages: ['en'], mediaDevices: new FakeDevices(web) },
    });
  }

  /** Resolves to what `value` returns, once the test lets it go, unless it is made to fail. */
  later(what, value = () => {}) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ what, go: () => {
        try {
          if (this.fails(what)) throw new DOMException(`${what} fails`, 'NotAllowedError');
          resolve(value());
        } catch (error) {
          reject(error);
        }
      } });
    });
  }

  /** Lets one thing that is under way end, and all that follows from it by itself. */
  async release(place = 0) {
    this.waiting.splice(place, 1)[0]?.go();
    await settled();
  }

  /** The server is killed: sockets and media paths with it. */
  stopServer() {
    this.server.isUp = false;
    for (const connection of this.connections) connection.socket?.drop();
    for (const connection of this.connections) connection.losePath();
  }

  /** What leaves this browser: per kind, the tracks that an open connection sends. */
  sent(kind) {
    return this.connections.filter(({ connectionState }) => connectionState !== 'closed')
      .map((connection) => connection.senderOf(kind)?.track)
      .filter((track) => track && track.readyState === 'live' && track.enabled);
  }

  /** The open connection that joined last. */
  get current() {
    return this.connections.findLast((connection) => connection.connectionState === 'connected');
  }
}

/** Until nothing happens any more without the test. */
export async function settled() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class FakeTrack extends EventTarget {
  enabled = true;
  readyState = 'live';

  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.readyState = 'ended';
  }

  /** By itself: the plug is pulled. */
  end() {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }
}

class FakeDevices extends EventTarget {
  #web;

  constructor(web) {
    super();
    this.#web = web;
  }

  getUserMedia({ audio }) {
    return this.#open(audio ? ['mic'] : ['camera']);
  }

  getDisplayMedia({ audio }) {
    return this.#open(audio ? ['screen', 'screenAudio'] : ['screen']);
  }

  #open(what) {
    return this.#web.later(`open ${what[0]}`, () => {
      const tracks = what.map((kind) => Object.assign(new FakeTrack(), { source: kind }));
      this.#web.captures.push(...tracks);
      const of = (...sources) => tracks.filter(({ source }) => sources.includes(source));
      return {
        getVideoTracks: () => of('camera', 'screen'),
        getAudioTracks: () => of('mic', 'screenAudio'),
      };
    });
  }
}

class FakeConnection {
  connectionState = 'new';
  /** What the server was told last. */
  told = new Set();
  socket = null;
  tracks = null;
  restarts = 0;

  #isSearching = false;
  #web;
  #chain = Promise.resolve();
  #transceivers = [];
  #channels = {};

  constructor(web) {
    this.#web = web;
    web.connections.push(this);
  }

  get isClosed() {
    return this.connectionState === 'closed';
  }

  get positions() {
    return this.#channels['earshot-positions'];
  }

  /** Of the kind that the join named so. */
  senderOf(kind) {
    return this.#transceivers.find(({ mid }) => mid === this.tracks?.[kind])?.sender;
  }

  addTransceiver() {
    const mid = String(this.#transceivers.length);
    const transceiver = { mid, sender: new FakeSender(this), receiver: { track: {} } };
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(label) {
    const channel = { label, readyState: 'connecting', send: (data) => this.#hear(data) };
    this.#channels[label] = channel;
    return channel;
  }

  /** Operations wait for each other; those of a closed connection never end (WebRTC 4.4.1.2). */
  chained(what, action = () => {}) {
    if (this.isClosed) return Promise.reject(new DOMException('closed', 'InvalidStateError'));
    return new Promise((resolve, reject) => {
      this.#chain = this.#chain.then(async () => {
        if (this.isClosed) return;
        try {
          const value = await this.#web.later(what, () => this.isClosed || action());
          if (!this.isClosed) resolve(value);
        } catch (error) {
          if (!this.isClosed) reject(error);
        }
      });
    });
  }

  createOffer() {
    const sdp = String(this.#web.connections.indexOf(this));
    return this.chained('createOffer', () => ({ type: 'offer', sdp }));
  }

  setLocalDescription(description) {
    return this.chained('setLocalDescription', () => {
      this.localDescription = description;
    });
  }

  setRemoteDescription() {
    return this.chained('setRemoteDescription', () => {
      const isNew = this.connectionState === 'new';
      if (isNew || this.#isSearching) this.#web.later('path').then(() => this.#connect());
    });
  }

  #connect() {
    if (this.isClosed || !this.#web.server.isUp) return;
    this.#isSearching = false;
    this.connectionState = 'connected';
    for (const channel of Object.values(this.#channels)) {
      channel.readyState = 'open';
      channel.onopen?.();
    }
    this.onconnectionstatechange?.();
  }

  /** No packet passes any more. */
  losePath() {
    if (this.connectionState !== 'connected') return;
    this.connectionState = 'disconnected';
    this.onconnectionstatechange?.();
  }

  /** A path is found by the answer to the next offer. */
  restartIce() {
    this.restarts++;
    if (!this.isClosed) this.#isSearching = true;
  }

  /** A record of the server on the events channel. */
  say(...bytes) {
    this.#channels['earshot-events'].onmessage?.(
      { data: Uint8Array.of(bytes.length, 0, ...bytes).buffer });
  }

  #hear(data) {
    const [type, bits] = new Uint8Array(data);
    if (type === 0x81) this.told = new Set(kinds.filter((_, bit) => bits & (1 << bit)));
  }

  close() {
    this.connectionState = 'closed';
    for (const channel of Object.values(this.#channels)) channel.readyState = 'closed';
    this.told = new Set();
  }
}

class FakeSender {
  track = null;
  #connection;
  #encodings = [{ active: true }];
  #given = null;

  constructor(connection) {
    this.#connection = connection;
  }

  get isActive() {
    return this.#encodings[0].active;
  }

  replaceTrack(track) {
    return this.#connection.chained('replaceTrack', () => {
      this.track = track;
    });
  }

  getParameters() {
    this.#given = { encodings: this.#encodings.map((encoding) => ({ ...encoding })) };
    return this.#given;
  }

  /** Takes the parameters that were given last, once (WebRTC 5.2). */
  setParameters(parameters) {
    if (parameters !== this.#given) {
      return Promise.reject(new DOMException('stale', 'InvalidStateError'));
    }
    this.#given = null;
    return this.#connection.chained('setParameters', () => {
      this.#encodings = parameters.encodings;
    });
  }
}

class FakeSocket {
  readyState = 0;
  #web;

  constructor(web) {
    this.#web = web;
    web.later('socket').then(() => {
      if (this.readyState !== 0) return;
      if (!web.server.isUp) {
        this.drop();
        return;
      }
      this.readyState = 1;
      this.onopen?.();
    }, () => this.drop());
  }

  send(text) {
    const message = JSON.parse(text);
    if (!this.#web.server.isReachable) return;
    if (message.type === 'join') {
      this.#web.later('join').then(() => this.#join(message),
        () => this.#say({ type: 'error', id: message.id, code: 'limit-reached' }));
    }
    if (message.type === 'ice-restart') this.#web.later('answer').then(() => this.#answer(message));
  }

  #join({ id, token, tracks, offer }) {
    const { server } = this.#web;
    if (this.readyState !== 1 || !server.isUp) return;
    Object.assign(this.#web.connections[Number(offer)], { socket: this, tracks });
    this.#say({ type: 'joined', id, participant: 1, name: 'Ada', space: token,
      publish: server.grants[token] ?? kinds, pose: { x: 0, y: 0, heading: 0 },
      slots: { audio: 0, video: 0 }, may: [], owns: [], plan: { doors: [] },
      notices: server.notices.map(({ kind, ...notice }) => ({ ...notice, mid: tracks[kind] })) });
    this.#answer({ id });
  }

  #answer({ id }) {
    if (this.readyState === 1) this.#say({ type: 'answer', id, answer: 'answer' });
  }

  #say(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The connection is cut. */
  drop() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code: 1006 });
  }

  close() {
    this.readyState = 3;
  }
}

/** As much of an element as a button, or the place for a message. */
class FakeElement extends EventTarget {
  attributes = {};
  children = [];
  childElementCount = 0;

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append() {}

  remove() {}
}
