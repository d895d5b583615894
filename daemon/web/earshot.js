/**
 * The Earshot client: joins a space, publishes tracks, moves, and says who can be heard and seen.
 *
 * One module without dependencies, meant to be reused by any portal; its parts (acts, connection,
 * errors, published_sources, reconciler, records, spatial_audio) lie beside it. It owns the
 * WebSocket, the one PeerConnection and both data channels (daemon/PROTOCOL.md), and connects again
 * on its own. It draws nothing, asks for no device and touches no document except for the audio
 * elements of SpatialAudio; importing it needs neither window nor WebRTC, so server-side rendering
 * is safe.
 */

import { Acts } from './acts.js';
import { Connection } from './connection.js';
import { EarshotError } from './errors.js';
import { PublishedSources } from './published_sources.js';
import { kinds, parseEvent, parsePoses, recordsIn } from './records.js';

export { isSpoken } from './connection.js';
export { EarshotError, RefusedError, UnreachableError } from './errors.js';
export {
  doorStates, kinds, parseEvent, parsePoses, recordsIn, writeAct, writePose, writePublished,
} from './records.js';
export { SpatialAudio } from './spatial_audio.js';

export const version = '0.1.0';

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

/** What an Office dispatches; `detail` carries the event's values. */
export class OfficeEvent extends Event {
  constructor(type, detail = null) {
    super(type);
    this.detail = detail;
  }
}

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
  may = [];
  /** What of my offer the server does not use; of the present connection. */
  notices = [];
  owns = [];
  /** Of the sources that I publish, those that somebody gets now or may get soon. */
  wanted = new Set(kinds);
  /** Of my camera's layers, lowest first, those that somebody gets. */
  wantedLayers = [true, true, true];
  reach = emptyReach;
  acts = new Acts((act, number, values) => this.#connection.sendAct(act, number, values));
  state = 'connecting';

  #options;
  #connection = null;
  #joins = 0;
  #sources = new PublishedSources({
    onPublished: () => this.#showPublished(),
    onLost: (kind, track, error) => this.#emit('trackended', { kind, track, error }),
    onError: (error) => this.#emit('error', { error }),
  });
  #pose = { dirty: false, repeats: 0, sequence: 0, sentAt: -Infinity, timer: null };
  #opening = null;
  #passing = false;
  /** Why the old connection was lost while one passed to another space. */
  #lostMeanwhile = null;
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

  /** How many hear me, and how many I hear, in sight or not; microphones that are off apart. */
  get hearers() {
    return this.#count('hearsMe') + this.reach.hearersOutOfSight;
  }

  get heard() {
    return this.#count('isHeard') + this.reach.heardOutOfSight;
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
    const pose = this.#pose;
    const isUnderWay = pose.dirty;
    Object.assign(pose, { dirty: true, repeats: poseRepeats });
    if (isUnderWay) return;
    // A step after a rest does not wait for the next repeat of where one stood.
    clearTimeout(pose.timer);
    const wait = pose.sentAt + poseIntervalMs - performance.now();
    if (wait <= 0) this.#sendPose();
    else pose.timer = setTimeout(() => this.#sendPose(), wait);
  }

  /**
   * A track, or null for off; so for all sources. The last call wins, whatever is under way, and
   * one that is overtaken resolves. Off is said at once, and no packet leaves any more when it has
   * resolved. On resolves when the server knows, and waits for a connection if there is none; it
   * rejects with an EarshotError if it cannot be, and then the source is off. The tracks are the
   * caller's: stop them when they are off.
   */
  setMicrophone(track) {
    return this.#sources.want({ mic: track });
  }

  setCamera(track) {
    return this.#sources.want({ camera: track });
  }

  /** Both or neither: a screen whose sound is refused is not shown. */
  setScreen(track, audioTrack = null) {
    return this.#sources.want({ screen: track, screenAudio: track && audioTrack });
  }

  getStats() {
    return this.#connection.getStats();
  }

  /**
   * Goes through one of the plan's portals: joins the space it leads to while still here, and
   * arrives at the portal that leads back. Rejects with an EarshotError, and then stays here. The
   * token has to be a function, which is asked for a token of that space.
   */
  async pass(portal) {
    if (this.state !== 'connected' || this.#passing) {
      throw new EarshotError('state-invalid', 'Not while the connection is being made.');
    }
    if (typeof this.#options.token !== 'function') {
      throw new EarshotError('token-invalid', 'A token is for one space; give a function instead.');
    }
    this.#passing = true;
    try {
      await this.#join({ space: portal.space, from: this.space });
    } finally {
      this.#passing = false;
      const error = this.#lostMeanwhile;
      this.#lostMeanwhile = null;
      if (error) this.#lost(error);
    }
  }

  leave() {
    this.#close(new EarshotError('left'));
  }

  // Joining and joining again -------------------------------------------------------------------

  async #join({ space = this.space, from } = {}) {
    const { token } = this.#options;
    const text = typeof token === 'function' ? await token({ space }) : token;
    if (this.state === 'closed') throw new EarshotError('left');
    const current = (action) => (value) => {
      if (connection === this.#connection) action(value);
    };
    const connection = new Connection(this.#options, {
      onJoined: () => this.#enter(connection),
      onEvents: current((bytes) => this.#handleEvents(bytes)),
      onPoses: current((bytes) => this.#handlePoses(bytes)),
      onPlan: current(({ plan, owns }) => {
        Object.assign(this, { plan, owns });
        this.#emit('planchanged', { plan });
      }),
      onInterrupted: current((flag) => this.#interrupt(flag)),
      onError: (error) => this.#emit('error', { error }),
      onSignallingLost: current((error) => this.#lost(error)),
      onEnded: current((error) => {
        this.#sources.bind(null);
        this.#lost(error);
      }),
    });
    this.#opening = connection;
    if (this.state === 'connecting') this.#connection = connection;
    await connection.open(text, from);
    this.#opening = null;
    this.#joins++;
    this.#joinedAt = performance.now();
    this.#sources.bind(connection);
    this.#setState('connected');
  }

  /** The new connection stands on the floor: what the old one knew is gone. */
  #enter(connection) {
    const previous = this.#connection;
    this.#connection = connection;
    this.#lostMeanwhile = null;
    this.#sources.bind(null);
    if (previous !== connection) previous.close();
    this.#forgetEverything();
    this.acts.reconnect();
    Object.assign(this, { wanted: new Set(kinds), wantedLayers: [true, true, true] });
    const { participant, name, pose, plan, space, publish, may, owns } = connection.joined;
    const { slots, notices } = connection;
    Object.assign(this, { slots, plan, space, grants: publish, may, owns, notices });
    this.self = { participant, name, ...pose, published: this.#sources.published };
    if (previous !== connection) this.#emit('planchanged', { plan });
    this.#emit('posechanged', { person: this.self, corrected: true });
  }

  /** An old connection's path does not matter while a new one is being made. */
  #interrupt(flag) {
    if (this.state === 'reconnecting' || this.state === 'connecting') return;
    this.#setState(flag ? 'interrupted' : 'connected');
  }

  #lost(error) {
    if (this.state !== 'connected' && this.state !== 'interrupted') return;
    // One join at a time, or the last to arrive decides where one is.
    if (this.#passing) {
      this.#lostMeanwhile = error;
      return;
    }
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
    this.#sources.close(error);
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

  #showPublished() {
    this.self.published = this.#sources.published;
    this.#emit('personchanged', { person: this.self });
  }

  #sendPose() {
    const pose = this.#pose;
    if (this.state === 'closed' || (!pose.dirty && pose.repeats === 0)) return;
    if (!pose.dirty) pose.repeats--;
    const wait = pose.dirty ? poseIntervalMs : poseRepeatMs;
    Object.assign(pose, { dirty: false, sentAt: performance.now() });
    this.#connection.sendPose(this.self, pose.sequence++);
    pose.timer = setTimeout(() => this.#sendPose(), wait);
  }

  #count(hearing) {
    return [...this.people.values()].filter((person) => person[hearing]).length;
  }

  // What the server says ------------------------------------------------------------------------

  #handleEvents(bytes) {
    for (const record of recordsIn(bytes)) {
      const event = parseEvent(record);
      if (event) this.#recordHandlers[event.type](event);
    }
  }

  #recordHandlers = {
    entered: ({ type, ...entered }) => {
      const person = { ...entered, isHeard: false, hearsMe: false };
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
    hints: ({ hints }) => {
      for (const hint of hints) {
        const slot = this.slots[hint.kind][hint.index];
        if (!slot?.source) continue;
        slot.hint(hint);
        this.#emit('slothint', { slot });
      }
    },
    pose: ({ type, ...pose }) => {
      Object.assign(this.self, pose);
      this.#emit('posechanged', { person: this.self, corrected: true });
    },
    reset: () => this.#forgetEverything(),
    outcome: (record) => this.acts.handleOutcome(record),
    event: (record) => this.#handleNews(record),
    wanted: (record) => this.#want(record),
    hearing: ({ participant, isHeard, hearsMe }) => {
      const person = this.people.get(participant);
      if (!person) return;
      Object.assign(person, { isHeard, hearsMe });
      this.#emit('hearingchanged', { person });
    },
    reach: ({ type, ...reach }) => {
      this.reach = reach;
      this.#emit('reachchanged', { reach });
    },
  };

  /** What others do, and what becomes of doors. */
  #handleNews(record) {
    this.acts.handleEvent(record, this.self.participant);
    const { event, participant, zone, door, doorState, name } = record;
    if (event === 'doorchanged' && this.plan.doors[door]) this.plan.doors[door].state = doorState;
    this.#emit('news', { event, participant, zone, door, name });
  }

  /** Silence that nobody would hear is not worth the battery. */
  #want({ wanted, layers }) {
    Object.assign(this, { wanted, wantedLayers: layers });
    this.#sources.setSending(wanted, layers);
  }

  #forgetEverything() {
    this.acts.startOver();
    for (const slot of [...this.slots.audio, ...this.slots.video]) this.#assign(slot, emptySlot);
    for (const participant of [...this.people.keys()]) this.#removePerson(participant);
    this.reach = emptyReach;
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

const emptySlot =
  { source: null, sourceId: 0, gain: 0, azimuth: 0, distance: 0, detail: 'full' };

const emptyReach = Object.freeze({ parts: [], hearersOutOfSight: 0, heardOutOfSight: 0 });

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
