/** The dock: microphone, camera and screen on and off, with their keys. */

import { DeviceError, openCamera, openMicrophone, openScreen } from './devices.js';
import { errorText, t } from './i18n.js';
import { announce, toast } from './notices.js';
import { get } from './settings.js';

const byId = (id) => document.getElementById(id);
const shortcuts = { KeyM: 'mic', KeyC: 'camera', KeyP: 'screen' };

export class Controls {
  #office;
  #changed;
  #tracks = { mic: [], camera: [], screen: [] };
  #busy = new Set();
  #listeners = new AbortController();

  /** `changed(kind, track or null)` is called when a source of one's own went on or off. */
  constructor(office, changed) {
    this.#office = office;
    this.#changed = changed;
    const { signal } = this.#listeners;
    for (const kind of Object.keys(this.#tracks)) {
      byId(kind).addEventListener('click', () => this.toggle(kind), { signal });
      byId(kind).disabled = !office.grants.includes(kind);
    }
    byId('screen').hidden = !navigator.mediaDevices?.getDisplayMedia;
    office.addEventListener('trackended', ({ detail }) => this.#ended(detail.kind), { signal });
  }

  /** True if the key was one of the dock's. */
  press(code) {
    const kind = shortcuts[code];
    if (!kind || !get('shortcuts')) return false;
    this.toggle(kind);
    return true;
  }

  toggle(kind) {
    return this.switch(kind, this.#tracks[kind].length === 0);
  }

  async switch(kind, on) {
    if (this.#busy.has(kind)) return;
    this.#busy.add(kind);
    try {
      if (on) await this.#switchOn(kind);
      else await this.#switchOff(kind);
    } catch (error) {
      toast(error instanceof DeviceError ? error.text : errorText(error.code ?? error.name));
    } finally {
      this.#busy.delete(kind);
    }
  }

  /** Opens a device anew, after another one was chosen. */
  async reopen(kind) {
    if (this.#tracks[kind].length === 0) return;
    await this.switch(kind, false);
    await this.switch(kind, true);
  }

  close() {
    this.#listeners.abort();
    for (const kind of Object.keys(this.#tracks)) {
      this.#stop(kind);
      byId(kind).setAttribute('aria-pressed', 'false');
    }
  }

  async #switchOn(kind) {
    const opened = await openers[kind]();
    const tracks = [opened].flat().filter(Boolean);
    if (this.#listeners.signal.aborted) {
      for (const track of tracks) track.stop();
      return;
    }
    await this.#publish(kind, ...tracks);
    this.#tracks[kind] = tracks;
    this.#show(kind, true);
  }

  async #switchOff(kind) {
    this.#stop(kind);
    await this.#publish(kind, null);
    this.#show(kind, false);
  }

  #publish(kind, ...tracks) {
    if (kind === 'mic') return this.#office.setMicrophone(...tracks);
    if (kind === 'camera') return this.#office.setCamera(...tracks);
    return this.#office.setScreen(...tracks);
  }

  #stop(kind) {
    for (const track of this.#tracks[kind]) track.stop();
    this.#tracks[kind] = [];
  }

  /** The browser's own "stop sharing", or a plug that was pulled. */
  #ended(kind) {
    if (kind === 'screenAudio') return;
    if (kind === 'screen') this.#publish('screen', null);
    else toast(t('device.ended'));
    this.#stop(kind);
    this.#show(kind, false);
  }

  #show(kind, on) {
    byId(kind).setAttribute('aria-pressed', String(on));
    announce(t(`say.${kind}${on ? 'On' : 'Off'}`));
    this.#changed(kind, this.#tracks[kind][0] ?? null);
  }
}

const openers = { mic: openMicrophone, camera: openCamera, screen: openScreen };
