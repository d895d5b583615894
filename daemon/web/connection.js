/**
 * One join, from the WebSocket to its end: signalling, the one PeerConnection and both channels.
 * Never reused; an Office makes a new one.
 */

import { EarshotError, RefusedError, UnreachableError, notGranted } from './errors.js';
import { writeAct, writePose, writePublished } from './records.js';
import { cameraEncodings } from './simulcast.js';

const subprotocol = 'earshot.v1';
const joinTimeoutMs = 10_000;
const mediaTimeoutMs = 15_000;
/** A network that is gone keeps a new WebSocket waiting for minutes. */
const socketTimeoutMs = 5_000;
/** A WebSocket on which an ICE restart is not answered for so long leads nowhere any more. */
const answerTimeoutMs = 2_000;
/** How long a restart may take to find a path, before the next; and all of them. */
const restartRepeatMs = 3_000;
const restartTimeoutMs = 10_000;

const keptExtensions = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
];

const sendSettings = {
  mic: { media: 'audio', encodings: [{ maxBitrate: 40_000 }] },
  camera: { media: 'video', encodings: cameraEncodings },
  screen: { media: 'video', encodings: [{ maxBitrate: 2_500_000, maxFramerate: 15 }] },
  screenAudio: { media: 'audio', encodings: [{ maxBitrate: 96_000 }] },
};

export class Connection {
  joined = null;
  /** Kind → RTCRtpSender; without a track. */
  senders = {};
  /** Kind → the section that it is sent in. */
  #mids = {};
  slots = { audio: [], video: [] };
  negotiations = { offers: 0, answers: 0, iceRestarts: 0 };

  #options;
  #owner;
  #abort = new AbortController();
  #socket = null;
  #pc = null;
  #events = null;
  #positions = null;
  #pending = new Map();
  /** Records that came before their slots were made; null from then on. */
  #early = [];
  #nextId = 1;
  /** The time-out of the search for a new path, while there is one. */
  #search = null;
  #isRestarting = false;
  #ready = false;
  #ended = false;

  /**
   * `owner` gets onJoined(), onEvents(bytes), onPoses(bytes), onPlan(message), onInterrupted(flag),
   * onError(error), onSignallingLost(error) while media goes on, and onEnded(error) once all is
   * closed.
   */
  constructor(options, owner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Resolves when media flows and both channels are open. `from` is the space that one left. */
  async open(token, from) {
    try {
      // What was asked of a PeerConnection that is closed meanwhile never gets an answer.
      await Promise.race([this.#establish(token, from), ended(this.#abort.signal)]);
    } catch (error) {
      this.#end(error);
      throw error;
    }
    this.#pc.onconnectionstatechange = () => this.#watchPath();
    // Without them nobody learns what is on or off, or who is there.
    this.#events.onclose = this.#positions.onclose = () => this.#end(mediaError());
    this.#ready = true;
    // Another network: the browser knows before the path has been silent for long.
    globalThis.addEventListener?.(
      'online', () => this.#restartIce(), { signal: this.#abort.signal });
  }

  async #establish(token, from) {
    this.#socket = await openSocket(this.#options.url, this.#abort.signal);
    this.#abort.signal.throwIfAborted();
    this.#socket.onmessage = ({ data }) => this.#handleMessage(data);
    this.#socket.onclose = ({ code }) => this.#loseSocket(code);
    const { sending, transceivers } = this.#buildPeerConnection();
    const { id, offer } = await this.#makeOffer();
    this.negotiations.offers++;
    const mids = Object.entries(sending).map(([kind, { mid }]) => [kind, mid]);
    this.#mids = Object.fromEntries(mids);
    await this.#exchange(
      { type: 'join', id, token, offer, tracks: this.#mids, from }, joinTimeoutMs);
    this.negotiations.answers++;
    this.#makeSlots(transceivers);
    this.#owner.onJoined();
    const early = this.#early;
    this.#early = null;
    for (const message of early) this.#owner.onEvents(message);
    await this.#waitForMedia();
  }

  /** What of the offer the server does not use. */
  get notices() {
    return this.joined.notices ?? [];
  }

  /** Why a kind cannot be published; null if it can. */
  refusalOf(kind) {
    if (!this.joined.publish.includes(kind) || !(kind in this.senders)) return notGranted(kind);
    const notice = this.notices.find(({ mid }) => mid === this.#mids[kind]);
    return notice ? new RefusedError(notice.code, notice.message) : null;
  }

  sendPublished(published) {
    sendOn(this.#events, writePublished(published));
  }

  sendAct(act, number, values) {
    sendOn(this.#events, writeAct(act, number, values));
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

  /** Ends what cannot go on, so that the owner joins anew. */
  abandon(error) {
    this.#end(error);
  }

  #loseSocket(code) {
    if (this.#ready) this.#loseSignalling(socketError(code));
    else this.#end(socketError(code));
  }

  /** Media goes on without the socket, until the owner has joined anew. */
  #loseSignalling(error) {
    if (!this.#socket) return;
    this.#closeSocket();
    this.#owner.onSignallingLost(error);
  }

  #closeSocket() {
    if (!this.#socket) return;
    this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket.close(1000);
    this.#socket = null;
  }

  #end(error) {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#search);
    this.#abort.abort(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#closeSocket();
    if (this.#pc) this.#pc.onconnectionstatechange = null;
    this.#pc?.close();
    this.#owner.onEnded(error);
  }

  // Negotiation -------------------------------------------------------------------------------

  #buildPeerConnection() {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#pc = pc;
    const sending = {};
    for (const kind of this.#options.publish) {
      const { media, encodings } = sendSettings[kind];
      const init = { direction: 'sendonly', sendEncodings: encodings };
      sending[kind] = trim(pc.addTransceiver(media, init), media);
      this.senders[kind] = sending[kind].sender;
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
      else this.#owner.onEvents(data);
    };
    this.#positions.onmessage = ({ data }) => this.#owner.onPoses(data);
    return { sending, transceivers };
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

  #waitForMedia() {
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
      check();
    });
    return withTimeout(waiting, mediaTimeoutMs, mediaError());
  }

  // Signalling ----------------------------------------------------------------------------------

  #send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  #handleMessage(text) {
    const message = JSON.parse(text);
    const pending = this.#pending.get(message.id);
    if (message.type === 'joined') this.joined = message;
    if (message.type === 'answer') pending?.resolve(message);
    if (message.type === 'plan') this.#owner.onPlan(message);
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
    if (state === 'connected') {
      clearTimeout(this.#search);
      this.#search = null;
      this.#owner.onInterrupted(false);
    }
    if (state === 'disconnected' || state === 'failed') this.#findPath();
    if (state === 'closed') this.#end(mediaError());
  }

  /** At once: a browser calls a path disconnected when it has been silent for seconds. */
  async #findPath() {
    if (this.#search) return;
    this.#owner.onInterrupted(true);
    const search = this.#search = setTimeout(() => this.#end(mediaError()), restartTimeoutMs);
    while (search === this.#search && this.#socket) {
      await this.#restartIce();
      await new Promise((resolve) => setTimeout(resolve, restartRepeatMs));
    }
  }

  /**
   * Asks for a new path by the socket, which may have gone the same way as the old one: without an
   * answer it is given up, and the owner joins by another.
   */
  async #restartIce() {
    if (this.#isRestarting || this.#ended || !this.#socket) return;
    this.#isRestarting = true;
    try {
      this.#pc.restartIce();
      const { id, offer } = await this.#makeOffer();
      this.negotiations.iceRestarts++;
      await this.#exchange({ type: 'ice-restart', id, offer }, answerTimeoutMs);
    } catch (error) {
      if (error instanceof UnreachableError) this.#loseSignalling(error);
      else this.#end(error);
    } finally {
      this.#isRestarting = false;
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
      clearTimeout(timeout);
      socket.onopen = socket.onclose = null;
      socket.close();
      reject(error);
    };
    const timeout = setTimeout(() => fail(socketError(1006)), socketTimeoutMs);
    socket.onopen = () => {
      clearTimeout(timeout);
      resolve(socket);
    };
    socket.onclose = ({ code }) => fail(socketError(code));
    if (signal.aborted) fail(signal.reason);
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
  });
}

/** Rejects once that is so. */
function ended(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
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
  detail = 'full';

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

  assign({ source, sourceId, ...hint }) {
    Object.assign(this, { source, sourceId });
    this.hint(hint);
  }

  hint({ gain, azimuth, distance, detail }) {
    Object.assign(this, { gain, azimuth, distance, detail });
  }
}
