/**
 * The Earshot client: joins a space, publishes tracks, moves, and says who can be heard and seen.
 *
 * One module without dependencies, meant to be reused by any portal. It owns the WebSocket, the one
 * PeerConnection and both data channels (daemon/PROTOCOL.md), and connects again on its own. It
 * draws nothing, asks for no device and touches no document except for the audio elements of
 * SpatialAudio; importing it needs neither window nor WebRTC, so server-side rendering is safe.
 */

export const version = '0.1.0';

/** Source kinds in the order of their bits and of the low bits of a source id. */
export const kinds = Object.freeze(['mic', 'camera', 'screen', 'screenAudio']);

const subprotocol = 'earshot.v1';
const joinTimeoutMs = 10_000;
const mediaTimeoutMs = 15_000;
/** A path that is silent this long gets an ICE restart; shorter gaps heal by themselves. */
const interruptionGraceMs = 2_500;
const restartTimeoutMs = 10_000;
/** The server counts at most 20 poses a second; 15 leaves room for jitter. */
const poseIntervalMs = 1000 / 15;
/** The positions channel may lose messages, so a last pose is said again after standing still. */
const poseRepeats = 3;
const poseRepeatMs = 250;
const retryFirstMs = 500;
const retryMaxMs = 15_000;

/** Codes after which trying again cannot help, or would fight another tab of the same person. */
const finalCodes = new Set([
  'left', 'replaced', 'fingerprint-mismatch', 'token-invalid', 'space-unknown', 'offer-invalid',
  'message-invalid', 'type-unknown', 'aborted', 'unsupported',
]);

/** Every failure has a stable `code`; the message is for people who read logs. */
export class EarshotError extends Error {
  constructor(code, message, options) {
    super(message ?? code, options);
    this.name = 'EarshotError';
    this.code = code;
  }
}
/** The server refused: its code of PROTOCOL.md 1.2, such as "token-expired" or "limit-reached". */
export class RefusedError extends EarshotError {
  name = 'RefusedError';
}
/** No way: "signalling-unreachable", "join-timeout" or "media-unreachable". */
export class UnreachableError extends EarshotError {
  name = 'UnreachableError';
}

/** What an Office dispatches; `detail` carries the event's values. */
export class OfficeEvent extends Event {
  constructor(type, detail = null) {
    super(type);
    this.detail = detail;
  }
}

// ---------------------------------------------------------------------------------------------
// Records on the data channels (PROTOCOL.md 2 and 3): bytes to values and back, nothing else.

const headingSteps = 256;

/** One record of `earshot-events`, or null for a type that is unknown or a record that is short. */
export function parseEvent(bytes) {
  const view = viewOf(bytes);
  try {
    return eventParsers[view.getUint8(0)]?.(view) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const eventParsers = {
  0x01: (view) => ({
    type: 'entered',
    published: publishedFrom(view.getUint8(1)),
    participant: view.getUint32(2, true),
    ...poseAt(view, 6),
    name: textAt(view, 19, view.getUint8(18)),
  }),
  0x02: (view) => ({ type: 'left', participant: view.getUint32(1, true) }),
  0x03: (view) => ({
    type: 'published',
    published: publishedFrom(view.getUint8(1)),
    participant: view.getUint32(2, true),
  }),
  0x04: (view) => ({ type: 'slot', ...slotAt(view) }),
  0x05: (view) => ({ type: 'hint', ...slotAt(view) }),
  0x06: (view) => ({ type: 'pose', ...poseAt(view, 1) }),
  0x07: () => ({ type: 'reset' }),
};

/** The poses in one message of `earshot-positions`; whole entries only. */
export function parsePoses(bytes) {
  const view = viewOf(bytes);
  if (view.byteLength < 2 || view.getUint8(0) !== 0x11) return [];
  const entrySize = 9;
  const count = Math.min(view.getUint8(1), Math.floor((view.byteLength - 2) / entrySize));
  return Array.from({ length: count }, (_, entry) => {
    const at = 2 + entry * entrySize;
    return {
      participant: view.getUint32(at, true),
      x: view.getUint16(at + 4, true) / 100,
      y: view.getUint16(at + 6, true) / 100,
      heading: wrapAngle((view.getUint8(at + 8) / headingSteps) * 2 * Math.PI),
    };
  });
}

/** "My pose": 17 bytes for `earshot-positions`. */
export function writePose({ x, y, heading }, sequence) {
  const view = new DataView(new ArrayBuffer(17));
  view.setUint8(0, 0x91);
  view.setUint16(2, sequence & 0xffff, true);
  view.setFloat32(4, x, true);
  view.setFloat32(8, y, true);
  view.setFloat32(12, heading, true);
  return view.buffer;
}

/** "I publish": the kinds in `published`, for `earshot-events`. */
export function writePublished(published) {
  const bits = kinds.reduce((sum, kind, bit) => sum | (published.has(kind) ? 1 << bit : 0), 0);
  return Uint8Array.of(0x81, bits).buffer;
}

function viewOf(bytes) {
  return ArrayBuffer.isView(bytes)
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new DataView(bytes);
}

function publishedFrom(bits) {
  return new Set(kinds.filter((_, bit) => bits & (1 << bit)));
}

function poseAt(view, at) {
  return {
    x: view.getFloat32(at, true),
    y: view.getFloat32(at + 4, true),
    heading: view.getFloat32(at + 8, true),
  };
}

function textAt(view, at, length) {
  if (at + length > view.byteLength) throw new RangeError('record too short');
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

function slotAt(view) {
  const sourceId = view.getUint32(4, true);
  return {
    kind: view.getUint8(1) === 0 ? 'audio' : 'video',
    index: view.getUint8(2),
    gain: view.getUint8(3) / 255,
    sourceId,
    source: sourceId === 0 ? null : { participant: sourceId >>> 2, kind: kinds[sourceId & 3] },
    azimuth: view.getInt16(8, true) / 10_000,
    distance: view.getUint16(10, true) / 100,
  };
}

function wrapAngle(radians) {
  return radians > Math.PI ? radians - 2 * Math.PI : radians;
}

// ---------------------------------------------------------------------------------------------
// Connection: one join, from the WebSocket to its end. Never reused; Office makes a new one.

const keptExtensions = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
];

const sendSettings = {
  mic: { media: 'audio', encodings: [{ maxBitrate: 40_000 }] },
  camera: { media: 'video', encodings: [{ maxBitrate: 900_000, maxFramerate: 25 }] },
  screen: { media: 'video', encodings: [{ maxBitrate: 2_500_000, maxFramerate: 15 }] },
  screenAudio: { media: 'audio', encodings: [{ maxBitrate: 96_000 }] },
};

class Connection {
  joined = null;
  slots = { audio: [], video: [] };
  negotiations = { offers: 0, answers: 0, iceRestarts: 0 };

  #options;
  #owner;
  #abort = new AbortController();
  #socket = null;
  #pc = null;
  #events = null;
  #positions = null;
  #senders = {};
  #pending = new Map();
  /** Records that came before their slots were made; null from then on. */
  #early = [];
  #nextId = 1;
  #interruption = null;
  #ready = false;
  #ended = false;

  /**
   * `owner` gets onJoined(), onEvent(bytes), onPoses(bytes), onInterrupted(flag), onError(error),
   * and onEnded(error) when the signalling or all is lost.
   */
  constructor(options, owner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Resolves when media flows and both channels are open. */
  async open(token, tracks) {
    const { signal } = this.#abort;
    try {
      this.#socket = await openSocket(this.#options.url, signal);
      this.#socket.onmessage = ({ data }) => this.#handleMessage(data);
      this.#socket.onclose = ({ code }) => this.#loseSocket(code);
      const transceivers = this.#buildPeerConnection();
      await this.#attach(tracks);
      const { id, offer } = await this.#makeOffer();
      this.negotiations.offers++;
      const mids = Object.entries(this.#senders).map(([kind, { mid }]) => [kind, mid]);
      await this.#exchange(
        { type: 'join', id, token, offer, tracks: Object.fromEntries(mids) }, joinTimeoutMs);
      this.negotiations.answers++;
      this.#makeSlots(transceivers);
      this.#owner.onJoined();
      const early = this.#early;
      this.#early = null;
      for (const record of early) this.#owner.onEvent(record);
      await this.#waitForMedia(signal);
    } catch (error) {
      this.#end(error);
      throw error;
    }
    this.#pc.onconnectionstatechange = () => this.#watchPath();
    this.#ready = true;
  }

  async replaceTrack(kind, track) {
    const sender = this.#senders[kind]?.sender;
    if (sender && sender.track !== track) await sender.replaceTrack(track);
  }

  sendPublished(published) {
    sendOn(this.#events, writePublished(published));
  }

  sendPose(pose, sequence) {
    sendOn(this.#positions, writePose(pose, sequence));
  }

  getStats() {
    return this.#pc.getStats();
  }

  /** Says goodbye when the way is open, then closes everything. */
  close(error = new EarshotError('left')) {
    if (error.code === 'left' && this.#socket?.readyState === 1) this.#send({ type: 'leave' });
    this.#end(error);
  }

  /** Media goes on without the socket, until the owner has joined anew. */
  #loseSocket(code) {
    if (this.#ready) this.#owner.onEnded(socketError(code));
    else this.#end(socketError(code));
  }

  #end(error) {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#interruption);
    this.#abort.abort(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    if (this.#socket) {
      this.#socket.onclose = this.#socket.onmessage = null;
      this.#socket.close(1000);
    }
    if (this.#pc) this.#pc.onconnectionstatechange = null;
    this.#pc?.close();
    this.#owner.onEnded(error);
  }

  // Negotiation -------------------------------------------------------------------------------

  #buildPeerConnection() {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#pc = pc;
    for (const kind of this.#options.publish) {
      const { media, encodings } = sendSettings[kind];
      const init = { direction: 'sendonly', sendEncodings: encodings };
      this.#senders[kind] = trim(pc.addTransceiver(media, init), media);
    }
    const pool = (media, count) => Array.from({ length: count },
      () => trim(pc.addTransceiver(media, { direction: 'recvonly' }), media));
    const transceivers = {
      audio: pool('audio', this.#options.slots.audio),
      video: pool('video', this.#options.slots.video),
    };
    this.#events = pc.createDataChannel('earshot-events');
    this.#positions =
      pc.createDataChannel('earshot-positions', { ordered: false, maxRetransmits: 0 });
    this.#events.binaryType = this.#positions.binaryType = 'arraybuffer';
    // The path can be there while the browser is still busy with the answer.
    this.#events.onmessage = ({ data }) => {
      if (this.#early) this.#early.push(data);
      else this.#owner.onEvent(data);
    };
    this.#positions.onmessage = ({ data }) => this.#owner.onPoses(data);
    return transceivers;
  }

  async #attach(tracks) {
    const entries = Object.entries(tracks);
    await Promise.all(entries.map(([kind, track]) => this.replaceTrack(kind, track)));
  }

  async #makeOffer() {
    await this.#pc.setLocalDescription(await this.#pc.createOffer());
    return { id: String(this.#nextId++), offer: this.#pc.localDescription.sdp };
  }

  /** Sends a request and applies the answer to it. */
  async #exchange(request, timeoutMs) {
    const reply = new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
    });
    this.#send(request);
    const timeout = new UnreachableError('join-timeout', 'The server did not answer in time.');
    try {
      const { answer } = await withTimeout(reply, timeoutMs, timeout);
      await this.#pc.setRemoteDescription({ type: 'answer', sdp: answer });
    } finally {
      this.#pending.delete(request.id);
    }
  }

  /** The server accepts the first slots of each kind and rejects the rest. */
  #makeSlots(transceivers) {
    for (const media of ['audio', 'video']) {
      const count = Math.min(transceivers[media].length, this.joined.slots[media]);
      this.slots[media] = transceivers[media].slice(0, count)
        .map(({ receiver }, index) => new Slot(media, index, receiver));
    }
  }

  #waitForMedia(signal) {
    const pc = this.#pc;
    const open = (channel) => channel.readyState === 'open';
    const ready = () =>
      pc.connectionState === 'connected' && open(this.#events) && open(this.#positions);
    const waiting = new Promise((resolve, reject) => {
      const check = () => {
        if (ready()) resolve();
        if (pc.connectionState === 'failed') reject(mediaError());
      };
      pc.onconnectionstatechange = check;
      this.#events.onopen = this.#positions.onopen = check;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      check();
    });
    return withTimeout(waiting, mediaTimeoutMs, mediaError());
  }

  // Signalling ----------------------------------------------------------------------------------

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  #handleMessage(text) {
    const message = JSON.parse(text);
    const pending = this.#pending.get(message.id);
    if (message.type === 'joined') this.joined = message;
    if (message.type === 'answer') pending?.resolve(message);
    if (message.type === 'closed') this.#end(new RefusedError(message.code, message.message));
    if (message.type === 'error') {
      const error = new RefusedError(message.code, message.message);
      if (pending) pending.reject(error);
      else this.#owner.onError(error);
    }
  }

  // A lost path -----------------------------------------------------------------------------------

  #watchPath() {
    const state = this.#pc.connectionState;
    clearTimeout(this.#interruption);
    if (state === 'connected') this.#owner.onInterrupted(false);
    if (state === 'disconnected') {
      this.#interruption = setTimeout(() => this.#restartIce(), interruptionGraceMs);
    }
    if (state === 'failed') this.#restartIce();
    if (state === 'closed') this.#end(mediaError());
  }

  async #restartIce() {
    if (this.#ended) return;
    this.#owner.onInterrupted(true);
    this.#interruption = setTimeout(() => this.#end(mediaError()), restartTimeoutMs);
    try {
      this.#pc.restartIce();
      const { id, offer } = await this.#makeOffer();
      this.negotiations.iceRestarts++;
      await this.#exchange({ type: 'ice-restart', id, offer }, joinTimeoutMs);
    } catch (error) {
      this.#end(error);
    }
  }
}

/** Keeps what the server speaks, so that forty sections stay a small offer. */
function trim(transceiver, media) {
  const codecs = RTCRtpReceiver.getCapabilities(media)?.codecs.filter(isSpoken) ?? [];
  if (codecs.length > 0) transceiver.setCodecPreferences?.(codecs);
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.();
  if (extensions) {
    for (const extension of extensions) {
      if (!keptExtensions.includes(extension.uri)) extension.direction = 'stopped';
    }
    transceiver.setHeaderExtensionsToNegotiate(extensions);
  }
  return transceiver;
}

/** Opus, VP8, H264 baseline in packetization-mode 1 (the one both browsers share), and RTX. */
export function isSpoken({ mimeType, sdpFmtpLine = '' }) {
  const name = mimeType.toLowerCase();
  if (name === 'video/h264') {
    return /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine);
  }
  return name === 'audio/opus' || name === 'video/vp8' || name === 'video/rtx';
}

function openSocket(url, signal) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocol);
    const fail = (error) => {
      socket.onopen = socket.onclose = null;
      socket.close();
      reject(error);
    };
    socket.onopen = () => resolve(socket);
    socket.onclose = ({ code }) => fail(socketError(code));
    if (signal.aborted) fail(signal.reason);
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
  });
}

function socketError(code) {
  return new UnreachableError(
    'signalling-unreachable', `The connection to the server was lost (${code}).`);
}

function mediaError() {
  return new UnreachableError(
    'media-unreachable', 'No media path to the server. A firewall may block UDP.');
}

function sendOn(channel, bytes) {
  if (channel?.readyState === 'open') channel.send(bytes);
}

function withTimeout(promise, timeoutMs, error) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** One receive slot: for the browser one continuous stream, whoever fills it. */
class Slot {
  source = null;
  sourceId = 0;
  gain = 0;
  azimuth = 0;
  distance = 0;

  constructor(kind, index, receiver) {
    this.kind = kind;
    this.index = index;
    this.receiver = receiver;
  }

  get track() {
    return this.receiver.track;
  }

  /** Loudness of the last packets in [0, 1], from the packet itself; costs next to nothing. */
  get level() {
    return Math.max(0, ...this.receiver.getSynchronizationSources().map((s) => s.audioLevel ?? 0));
  }

  /** The source id that the media packets themselves carry (CSRC), or 0. */
  get contributingSourceId() {
    const latest = this.receiver.getContributingSources()
      .reduce((a, b) => (a && a.timestamp >= b.timestamp ? a : b), null);
    return latest?.source ?? 0;
  }

  assign({ source, sourceId, gain, azimuth, distance }) {
    Object.assign(this, { source, sourceId, gain, azimuth, distance });
  }
}

// ---------------------------------------------------------------------------------------------
// Office: what a portal holds. Survives reconnects.

/** Joins a space. Rejects with an EarshotError if the first attempt fails. */
export async function connect(options) {
  if (typeof RTCPeerConnection === 'undefined' || typeof WebSocket === 'undefined') {
    throw new EarshotError('unsupported', 'This browser has no WebRTC.');
  }
  const office = new Office(options);
  await office.start();
  return office;
}

export class Office extends EventTarget {
  people = new Map();
  slots = { audio: [], video: [] };
  self = null;
  plan = null;
  space = null;
  grants = [];
  state = 'connecting';

  #options;
  #connection = null;
  #joins = 0;
  #tracks = {};
  #pose = { dirty: false, repeats: 0, sequence: 0, timer: null };
  #opening = null;
  #joinedAt = 0;
  #attempt = 0;

  constructor(options) {
    super();
    this.#options = {
      ...options,
      url: signallingUrl(options.url),
      publish: options.publish ?? [...kinds],
      slots: { audio: 24, video: 16, ...options.slots },
    };
    const { signal } = options;
    signal?.addEventListener('abort', () => this.#close(abortError(signal)), { once: true });
  }

  /** Exactly one offer and one answer per join; ICE restarts are counted apart. */
  get negotiations() {
    const counts = this.#connection?.negotiations;
    return { joins: this.#joins, offers: 0, answers: 0, iceRestarts: 0, ...counts };
  }

  /** Called by connect(). */
  async start() {
    if (this.#options.signal?.aborted) throw abortError(this.#options.signal);
    try {
      await this.#join();
    } catch (error) {
      this.#close(error);
      throw error;
    }
  }

  /** Where I stand and look. Call it as often as you like; it is sent at most 15 times a second. */
  move({ x, y, heading = this.self.heading }) {
    Object.assign(this.self, { x, y, heading });
    Object.assign(this.#pose, { dirty: true, repeats: poseRepeats });
    if (!this.#pose.timer) this.#sendPose();
  }

  setMicrophone(track) {
    return this.#publish({ mic: track });
  }

  setCamera(track) {
    return this.#publish({ camera: track });
  }

  setScreen(track, audioTrack = null) {
    return this.#publish({ screen: track, screenAudio: track && audioTrack });
  }

  getStats() {
    return this.#connection.getStats();
  }

  leave() {
    this.#close(new EarshotError('left'));
  }

  // Joining and joining again -------------------------------------------------------------------

  async #join() {
    const { token } = this.#options;
    const text = typeof token === 'function' ? await token() : token;
    if (this.state === 'closed') throw new EarshotError('left');
    const current = (action) => (value) => {
      if (connection === this.#connection) action(value);
    };
    const connection = new Connection(this.#options, {
      onJoined: () => this.#enter(connection),
      onEvent: current((bytes) => this.#handleEvent(bytes)),
      onPoses: current((bytes) => this.#handlePoses(bytes)),
      onInterrupted: current((flag) => this.#interrupt(flag)),
      onError: (error) => this.#emit('error', { error }),
      onEnded: current((error) => this.#lost(error)),
    });
    this.#opening = connection;
    if (this.state === 'connecting') this.#connection = connection;
    await connection.open(text, this.#tracks);
    this.#opening = null;
    this.#joins++;
    this.#joinedAt = performance.now();
    connection.sendPublished(this.self.published);
    this.#setState('connected');
  }

  /** The new connection stands on the floor: what the old one knew is gone. */
  #enter(connection) {
    const previous = this.#connection;
    this.#connection = connection;
    if (previous !== connection) previous.close();
    this.#forgetEverything();
    const { participant, name, pose, plan, space, publish } = connection.joined;
    this.slots = connection.slots;
    Object.assign(this, { plan, space, grants: publish });
    const published = new Set(kinds.filter((kind) => this.#tracks[kind]));
    this.self = { participant, name, ...pose, published };
    this.#emit('posechanged', { person: this.self, corrected: true });
  }

  /** An old connection's path does not matter while a new one is being made. */
  #interrupt(flag) {
    if (this.state === 'reconnecting' || this.state === 'connecting') return;
    this.#setState(flag ? 'interrupted' : 'connected');
  }

  #lost(error) {
    if (this.state !== 'connected' && this.state !== 'interrupted') return;
    if (!this.#canRetry(error)) {
      this.#close(error);
      return;
    }
    if (performance.now() - this.#joinedAt > retryMaxMs) this.#attempt = 0;
    this.#rejoin(error);
  }

  async #rejoin(cause) {
    for (let error = cause; this.state !== 'closed';) {
      const retryInMs = retryDelay(this.#attempt++, Math.random());
      this.#setState('reconnecting', { error, retryInMs });
      await this.#pause(retryInMs);
      if (this.state === 'closed') return;
      try {
        await this.#join();
        return;
      } catch (failure) {
        error = failure;
        if (!this.#canRetry(error)) this.#close(error);
      }
    }
  }

  /** Ends early when the browser says that the network is back. */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        globalThis.removeEventListener?.('online', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      globalThis.addEventListener?.('online', done);
    });
  }

  #canRetry(error) {
    const fresh = typeof this.#options.token === 'function';
    return !finalCodes.has(error.code) && (fresh || error.code !== 'token-expired');
  }

  #close(error) {
    if (this.state === 'closed') return;
    this.#setState('closed', { error });
    clearTimeout(this.#pose.timer);
    this.#opening?.close(error);
    this.#connection?.close(error);
    this.#emit('closed', { code: error.code ?? 'internal', error });
  }

  #setState(state, detail = {}) {
    if (this.state === 'closed' || (this.state === state && state !== 'reconnecting')) return;
    this.state = state;
    this.#emit('statechanged', { state, ...detail });
  }

  // What I do -----------------------------------------------------------------------------------

  /** On: first the track, then the word; off: first the word. So nobody shows a dead source. */
  async #publish(changes) {
    const entries = Object.entries(changes);
    for (const [kind, track] of entries) {
      if (track && !this.grants.includes(kind)) {
        throw new RefusedError('not-granted', `The token does not allow to publish ${kind}.`);
      }
      this.#tracks[kind] = track ?? null;
      if (track) this.#watchTrack(kind, track);
      else this.self.published.delete(kind);
    }
    if (entries.some(([, track]) => !track)) this.#connection.sendPublished(this.self.published);
    await Promise.all(entries.map(([kind, track]) => this.#connection.replaceTrack(kind, track)));
    for (const [kind, track] of entries) {
      if (track && this.#tracks[kind] === track) this.self.published.add(kind);
    }
    this.#connection.sendPublished(this.self.published);
    this.#emit('personchanged', { person: this.self });
  }

  /** A screen share ends in the browser's own bar, a camera by pulling its plug. */
  #watchTrack(kind, track) {
    track.addEventListener('ended', () => {
      if (this.#tracks[kind] !== track || this.state === 'closed') return;
      this.#publish({ [kind]: null });
      this.#emit('trackended', { kind });
    }, { once: true });
  }

  #sendPose() {
    const pose = this.#pose;
    if (this.state === 'closed' || (!pose.dirty && pose.repeats === 0)) {
      pose.timer = null;
      return;
    }
    if (!pose.dirty) pose.repeats--;
    const wait = pose.dirty ? poseIntervalMs : poseRepeatMs;
    pose.dirty = false;
    this.#connection.sendPose(this.self, pose.sequence++);
    pose.timer = setTimeout(() => this.#sendPose(), wait);
  }

  // What the server says ------------------------------------------------------------------------

  #handleEvent(bytes) {
    const record = parseEvent(bytes);
    if (record) this.#recordHandlers[record.type](record);
  }

  #recordHandlers = {
    entered: ({ type, ...person }) => {
      this.people.set(person.participant, person);
      this.#emit('personentered', { person });
    },
    left: ({ participant }) => this.#removePerson(participant),
    published: ({ participant, published }) => {
      const person = this.people.get(participant);
      if (!person) return;
      person.published = published;
      this.#emit('personchanged', { person });
    },
    slot: (record) => {
      const slot = this.slots[record.kind][record.index];
      if (slot) this.#assign(slot, record);
    },
    hint: (record) => {
      const slot = this.slots[record.kind][record.index];
      if (!slot || slot.sourceId !== record.sourceId) return;
      slot.assign(record);
      this.#emit('slothint', { slot });
    },
    pose: ({ type, ...pose }) => {
      Object.assign(this.self, pose);
      this.#emit('posechanged', { person: this.self, corrected: true });
    },
    reset: () => this.#forgetEverything(),
  };

  #forgetEverything() {
    for (const slot of [...this.slots.audio, ...this.slots.video]) this.#assign(slot, emptySlot);
    for (const participant of [...this.people.keys()]) this.#removePerson(participant);
  }

  #removePerson(participant) {
    const person = this.people.get(participant);
    if (!person) return;
    this.people.delete(participant);
    this.#emit('personleft', { person });
  }

  #assign(slot, record) {
    const previous = slot.source;
    slot.assign(record);
    if (previous || slot.source) this.#emit('slotchanged', { slot, previous });
  }

  #handlePoses(bytes) {
    for (const { participant, ...pose } of parsePoses(bytes)) {
      const person = this.people.get(participant);
      if (!person) continue;
      Object.assign(person, pose);
      this.#emit('posechanged', { person, corrected: false });
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new OfficeEvent(type, detail));
  }
}

const emptySlot = { source: null, sourceId: 0, gain: 0, azimuth: 0, distance: 0 };

/** Doubling, capped, and spread over the upper half, so that a restart is no stampede. */
export function retryDelay(attempt, random) {
  const full = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(attempt, 10));
  return full * (0.5 + random / 2);
}

/** Takes http(s) or ws(s); an address without a path gets the server's own. */
export function signallingUrl(url) {
  const result = new URL(url, globalThis.location?.href);
  result.protocol = result.protocol.replace(/^http/, 'ws');
  if (result.pathname === '/') result.pathname = '/v1/connect';
  return result.href;
}

function abortError(signal) {
  return new EarshotError('aborted', 'Aborted by the caller.', { cause: signal.reason });
}

// ---------------------------------------------------------------------------------------------
// Spatial sound: each audio slot through gain and panner, as the server hints.

/** Follows positions without stepping; and a slot's new voice fades in, so that it never clicks. */
const glideSeconds = 0.05;
const rampSeconds = 0.02;

export class SpatialAudio {
  #office;
  #context;
  #master;
  #voices = new Map();
  #loopback = null;
  #listeners = new AbortController();

  /**
   * `echo: 'loopback'` plays the mix through a local PeerConnection, for browsers whose echo
   * canceller does not hear Web Audio; it costs an Opus encoding and some 50 ms. Default: 'off'.
   */
  constructor(office, { context = new AudioContext({ latencyHint: 'interactive' }),
    echo = 'off' } = {}) {
    this.#office = office;
    this.#context = context;
    this.#master = context.createGain();
    if (echo === 'loopback') this.#loopback = new Loopback(context, this.#master);
    else this.#master.connect(context.destination);
    const { signal } = this.#listeners;
    office.addEventListener('slotchanged', ({ detail }) => this.#switch(detail.slot), { signal });
    office.addEventListener('slothint', ({ detail }) => this.#follow(detail.slot), { signal });
    office.addEventListener('closed', () => this.close(), { signal });
    for (const slot of office.slots.audio) if (slot.source) this.#switch(slot);
  }

  /** 'suspended' until the browser has seen a click; then call resume(). */
  get state() {
    return this.#context.state;
  }

  get context() {
    return this.#context;
  }

  async resume() {
    await this.#context.resume();
    await Promise.all([...this.#voices.values()].map(({ element }) => element.play()));
  }

  /** 0 is silence, 1 the natural loudness. */
  setVolume(volume) {
    this.#master.gain.setTargetAtTime(volume, this.#context.currentTime, glideSeconds);
  }

  /** Plays on another device, where the browser can. */
  async setOutput(deviceId) {
    if (this.#loopback) await this.#loopback.setOutput(deviceId);
    else await this.#context.setSinkId?.(deviceId);
  }

  close() {
    this.#listeners.abort();
    for (const voice of this.#voices.values()) voice.stop();
    this.#voices.clear();
    this.#loopback?.close();
    if (this.#context.state !== 'closed') this.#context.close();
  }

  #switch(slot) {
    if (slot.kind !== 'audio') return;
    let voice = this.#voices.get(slot.index);
    if (voice && voice.track !== slot.track) {
      voice.stop();
      voice = null;
    }
    if (!voice && !slot.source) return;
    voice ??= new Voice(this.#context, this.#master, slot.track);
    this.#voices.set(slot.index, voice);
    voice.switchTo(slot);
  }

  #follow(slot) {
    if (slot.kind === 'audio') this.#voices.get(slot.index)?.follow(slot);
  }
}

/** The sound of one slot: made at its first use, kept until the slot's track is gone. */
class Voice {
  #context;
  #input;
  #gain;
  #panner;

  constructor(context, output, track) {
    this.#context = context;
    this.track = track;
    const stream = new MediaStream([track]);
    // Chromium gives Web Audio silence unless an element plays the same stream.
    this.element = new Audio();
    this.element.muted = true;
    this.element.srcObject = stream;
    this.element.play().catch(() => {});
    this.#input = context.createMediaStreamSource(stream);
    this.#gain = context.createGain();
    this.#gain.gain.value = 0;
    this.#panner = context.createStereoPanner();
    this.#input.connect(this.#gain).connect(this.#panner).connect(output);
  }

  switchTo(slot) {
    const now = this.#context.currentTime;
    const { gain } = this.#gain;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(0, now);
    gain.linearRampToValueAtTime(slot.gain, now + rampSeconds);
    this.#panner.pan.setValueAtTime(panOf(slot), now);
  }

  follow(slot) {
    const now = this.#context.currentTime;
    this.#gain.gain.setTargetAtTime(slot.gain, now, glideSeconds);
    this.#panner.pan.setTargetAtTime(panOf(slot), now, glideSeconds);
  }

  stop() {
    this.#input.disconnect();
    this.#panner.disconnect();
    this.element.srcObject = null;
  }
}

/** Sideways only: two channels cannot tell front from back. */
function panOf({ azimuth }) {
  return Math.max(-1, Math.min(1, Math.sin(azimuth)));
}

/** Sends the mix to ourselves, so that it is played in a way that the canceller listens to. */
class Loopback {
  #element = new Audio();
  #ends = [new RTCPeerConnection(), new RTCPeerConnection()];

  constructor(context, input) {
    const { stream } = input.connect(context.createMediaStreamDestination());
    const [sender, receiver] = this.#ends;
    sender.onicecandidate = ({ candidate }) => receiver.addIceCandidate(candidate ?? undefined);
    receiver.onicecandidate = ({ candidate }) => sender.addIceCandidate(candidate ?? undefined);
    receiver.ontrack = ({ streams }) => {
      this.#element.srcObject = streams[0];
      this.#element.play().catch(() => {});
    };
    sender.addTrack(stream.getAudioTracks()[0], stream);
    this.#connect(sender, receiver);
  }

  async #connect(sender, receiver) {
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription);
    const { type, sdp } = await receiver.createAnswer();
    // Opus is mono unless asked, and the mix lives by left and right.
    const stereo = sdp.replace(/useinbandfec=1/g, 'useinbandfec=1;stereo=1;sprop-stereo=1');
    await receiver.setLocalDescription({ type, sdp: stereo });
    await sender.setRemoteDescription({ type, sdp: stereo });
  }

  async setOutput(deviceId) {
    await this.#element.setSinkId?.(deviceId);
  }

  close() {
    this.#element.srcObject = null;
    for (const end of this.#ends) end.close();
  }
}
