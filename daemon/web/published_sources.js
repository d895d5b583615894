/**
 * What I publish: per source the one track that is wanted, where the last call wins, and a worker
 * that brings the sender and the server to it. Off is said to the server before anything else and
 * ends with an empty sender; on is said once the sender has the track. So whatever was under way,
 * and whichever connections came and went meanwhile, a source that is off sends nothing, and one
 * that is on is no empty promise.
 */

import { EarshotError, notGranted } from './errors.js';
import { Reconciler } from './reconciler.js';
import { kinds } from './records.js';
import { planEncodings } from './simulcast.js';

const allWanted = Object.freeze({ on: true, layers: Object.freeze([true, true, true]) });

export class PublishedSources {
  #owner;
  #connection = null;
  /** Kind → why it cannot be published, or null; of the last connection. */
  #refusals = new Map(kinds.map((kind) => [kind, notGranted(kind)]));
  #closed = null;
  #published = new Set();
  /** What the server of the present connection believes. */
  #told = new Set();
  #sources;

  /**
   * `owner` gets onPublished() when `published` is another set, onLost(kind, track, error) when a
   * source went off though nobody asked, and onError(error).
   */
  constructor(owner) {
    this.#owner = owner;
    this.#sources = new Map(kinds.map((kind) => [kind, new PublishedSource({
      onChanged: () => this.#review(),
      onLost: (track, error) => this.#lose(kind, track, error),
      onStuck: (error) => this.#connection.abandon(error),
      onError: (error) => this.#owner.onError(error),
    })]));
  }

  /** The kinds that are on: attached to a sender, and the server was told so. */
  get published() {
    return this.#published;
  }

  /**
   * Kind → track, or null for off. Resolves when all of it is so, or a later call wants otherwise;
   * while there is no connection, switching on waits for one. Rejects when it cannot be so; then
   * none of these kinds is on, or, if the server refuses one, nothing has changed.
   */
  async want(changes) {
    const entries = Object.entries(changes);
    for (const [kind, track] of entries) if (track) this.#check(kind, track);
    const done = entries.map(([kind, track]) => this.#sources.get(kind).want(track ?? null));
    try {
      await Promise.all(done);
    } catch (error) {
      await Promise.allSettled(entries.map(([kind, track]) => this.#sources.get(kind).undo(track)));
      throw error;
    }
  }

  /** The connection that sources are published on from now on, or null while there is none. */
  bind(connection) {
    this.#connection = null;
    if (connection) {
      this.#refusals = new Map(kinds.map((kind) => [kind, connection.refusalOf(kind)]));
    }
    for (const [kind, source] of this.#sources) {
      const refusal = this.#refusals.get(kind);
      if (source.isWanted && refusal) source.fail(refusal);
    }
    this.#connection = connection;
    // A server that has just been joined knows of no source.
    this.#told = new Set();
    for (const [kind, source] of this.#sources) source.bind(connection?.senders[kind] ?? null);
    this.#review();
  }

  /** What the server wants sent: a set of kinds, and which of the camera's layers. */
  setSending(wanted, layers) {
    for (const [kind, source] of this.#sources) source.setSending(wanted.has(kind), layers);
  }

  /** For good: everything is off, and stays so. */
  close(error) {
    this.#closed = error;
    for (const source of this.#sources.values()) source.close(error);
    this.bind(null);
  }

  #check(kind, track) {
    if (this.#closed) throw this.#closed;
    const refusal = this.#refusals.get(kind);
    if (refusal) throw refusal;
    if (track.readyState === 'ended') throw trackEnded();
  }

  /** Tells what is on, if that is another set than before. */
  #review() {
    const published = new Set(kinds.filter((kind) => this.#sources.get(kind).isOn));
    if (this.#connection && !isSame(published, this.#told)) {
      this.#told = published;
      this.#connection.sendPublished(published);
    }
    if (isSame(published, this.#published)) return;
    this.#published = published;
    this.#owner.onPublished();
  }

  #lose(kind, track, error) {
    // The sound of a screen is nothing by itself, and whoever stopped the picture meant both.
    if (kind === 'screen') this.#sources.get('screenAudio').want(null);
    this.#owner.onLost(kind, track, error);
  }
}

/** One source. Its owner gets onChanged(), onLost(track, error), onStuck(error), onError(error). */
class PublishedSource {
  #owner;
  #wanted = null;
  #isOn = false;
  #sending = allWanted;
  /** Whether the encodings are as `#sending` says, or on their way there. */
  #isTuned = false;
  #sender = null;
  #caller = null;
  #watch = null;
  #worker = new Reconciler(() => this.#next());

  constructor(owner) {
    this.#owner = owner;
  }

  get isWanted() {
    return this.#wanted !== null;
  }

  /** Once the sender has the track; another may take its place without a moment of being off. */
  get isOn() {
    return this.#isOn;
  }

  want(track) {
    this.#caller?.resolve();
    const done = new Promise((resolve, reject) => {
      this.#caller = { resolve, reject };
    });
    this.#setWanted(track);
    return done;
  }

  /** Off again, unless something other than `track` is wanted by now. */
  undo(track) {
    return track && track === this.#wanted ? this.want(null) : null;
  }

  /** Without a sender, what a server wanted is forgotten: the next says anew what it wants. */
  bind(sender) {
    this.#sender = sender;
    this.#isOn = false;
    if (!sender) this.#sending = allWanted;
    this.#isTuned = false;
    this.#worker.restart();
  }

  setSending(on, layers) {
    this.#sending = { on, layers };
    this.#isTuned = false;
    this.#worker.look();
  }

  /** Takes back what is wanted: whoever waits for it learns why, or else the owner does. */
  fail(error) {
    const caller = this.#caller;
    const track = this.#wanted;
    this.#caller = null;
    this.#setWanted(null);
    if (caller) caller.reject(error);
    else this.#owner.onLost(track, error);
  }

  close(error) {
    if (this.#wanted && this.#caller) this.fail(error);
    else this.#setWanted(null);
  }

  #setWanted(track) {
    this.#wanted = track;
    this.#isTuned = false;
    if (!track) this.#isOn = false;
    this.#watch?.abort();
    if (track) {
      this.#watch = new AbortController();
      // A screen share ends in the browser's own bar, a camera by pulling its plug.
      const { signal } = this.#watch;
      track.addEventListener('ended', () => this.fail(trackEnded()), { signal });
    }
    this.#owner.onChanged();
    this.#worker.look();
  }

  #next() {
    const sender = this.#sender;
    const track = this.#wanted;
    if (sender && sender.track !== track) return this.#attach(sender, track);
    if (sender && !this.#isTuned) return this.#tune(sender, track);
    if (sender && track && !this.#isOn) {
      this.#isOn = true;
      this.#owner.onChanged();
      // Who was told may have wanted something else at once.
      return this.#next();
    }
    if (sender || !track) {
      this.#caller?.resolve();
      this.#caller = null;
    }
    return null;
  }

  async #attach(sender, track) {
    try {
      if (track?.readyState === 'ended') throw trackEnded();
      await sender.replaceTrack(track);
    } catch (error) {
      if (sender !== this.#sender) return;
      if (track === null) {
        // Off is off: what cannot be taken from its sender goes with the whole connection.
        this.#sender = null;
        this.#owner.onStuck(internal(error));
      } else if (track === this.#wanted) {
        this.fail(internal(error));
      }
    }
  }

  /**
   * The encoder rests while nobody wants the source; the track and the negotiation stay. Without a
   * track, a browser that measures its path would send padding in the source's name.
   */
  async #tune(sender, track) {
    const { on, layers } = this.#sending;
    this.#isTuned = true;
    const parameters = sender.getParameters();
    const { encodings = [] } = parameters;
    const active = track !== null && on;
    const wish = active && encodings.length > 1
      ? planEncodings(layers, track.getSettings()) : encodings.map(() => ({ active }));
    const changed = encodings.filter((encoding, place) => (
      Object.entries(wish[place]).some(([name, value]) => encoding[name] !== value)));
    if (changed.length === 0) return;
    encodings.forEach((encoding, place) => Object.assign(encoding, wish[place]));
    try {
      await sender.setParameters(parameters);
    } catch (error) {
      if (sender !== this.#sender || track !== this.#wanted) return;
      // One that cannot rest costs a battery; one that cannot wake would be on and silent.
      if (active) this.fail(internal(error));
      else this.#owner.onError(internal(error));
    }
  }
}

function isSame(one, other) {
  return one.size === other.size && [...one].every((kind) => other.has(kind));
}

function trackEnded() {
  return new EarshotError('track-ended', 'The track has ended.');
}

function internal(cause) {
  return cause instanceof EarshotError ? cause : new EarshotError('internal', undefined, { cause });
}
