/** Spatial sound: each audio slot through gain and panner, as the server hints. */

/** Follows positions without stepping; and a slot's new voice fades in, so that it never clicks. */
const glideSeconds = 0.05;
const rampSeconds = 0.02;

/**
 * Dispatches `statechanged` when `state` has become another. Whenever it is not 'running', nobody
 * is heard: say so, and call resume() from the next click, tap or key. A browser holds sound back
 * until there was one ('suspended'), and Safari takes it away for a telephone call or another app
 * ('interrupted'), from which not every version comes back by itself.
 */
export class SpatialAudio extends EventTarget {
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
    super();
    this.#context = context;
    this.#master = context.createGain();
    if (echo === 'loopback') this.#loopback = new Loopback(context, this.#master);
    else this.#master.connect(context.destination);
    const { signal } = this.#listeners;
    office.addEventListener('slotchanged', ({ detail }) => this.#switch(detail.slot), { signal });
    office.addEventListener('slothint', ({ detail }) => this.#follow(detail.slot), { signal });
    office.addEventListener('closed', () => this.close(), { signal });
    for (const slot of office.slots.audio) if (slot.source) this.#switch(slot);
    context.addEventListener('statechange', () => this.#changeState(), { signal });
  }

  /** 'running', 'suspended', 'interrupted' or 'closed'. */
  get state() {
    return this.#context.state;
  }

  get context() {
    return this.#context;
  }

  /** To be called in the turn of a click; what waited behind a promise is no click's any more. */
  async resume() {
    await Promise.all([this.#context.resume(), ...this.#play()]);
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

  /** An interruption stops elements as well, and does not start them again. */
  #changeState() {
    if (this.state === 'running') for (const playing of this.#play()) playing.catch(() => {});
    this.dispatchEvent(new Event('statechanged'));
  }

  #play() {
    const elements = [...this.#voices.values(), this.#loopback].map((one) => one?.element);
    return elements.filter((element) => element?.srcObject).map((element) => element.play());
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
  element = new Audio();
  #ends = [new RTCPeerConnection(), new RTCPeerConnection()];

  constructor(context, input) {
    const { stream } = input.connect(context.createMediaStreamDestination());
    const [sender, receiver] = this.#ends;
    sender.onicecandidate = ({ candidate }) => receiver.addIceCandidate(candidate ?? undefined);
    receiver.onicecandidate = ({ candidate }) => sender.addIceCandidate(candidate ?? undefined);
    receiver.ontrack = ({ streams }) => {
      this.element.srcObject = streams[0];
      this.element.play().catch(() => {});
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
    await this.element.setSinkId?.(deviceId);
  }

  close() {
    this.element.srcObject = null;
    for (const end of this.#ends) end.close();
  }
}
