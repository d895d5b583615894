/** The dock: microphone, camera and screen on and off, with their keys. */

import { DeviceError, openCamera, openMicrophone, openScreen } from './devices.js';
import { errorText, t } from './i18n.js';
import { announce, toast } from './notices.js';
import { get } from './settings.js';
import { SourceSwitch } from './source_switch.js';

const byId = (id) => document.getElementById(id);
const shortcuts = { KeyM: 'mic', KeyC: 'camera', KeyP: 'screen' };

export class Controls {
  #office;
  #changed;
  #switches;
  /** Kind → the track that was last shown as on. */
  #shown = {};
  #listeners = new AbortController();

  /** `changed(kind, track or null)` is called when a source of one's own went on or off. */
  constructor(office, changed) {
    this.#office = office;
    this.#changed = changed;
    this.#switches = {
      mic: this.#makeSwitch('mic', openMicrophone,
        ([track = null]) => office.setMicrophone(track)),
      camera: this.#makeSwitch('camera', openCamera, ([track = null]) => office.setCamera(track)),
      screen: this.#makeSwitch('screen', () => openScreen(office.grants.includes('screenAudio')),
        ([picture = null, sound]) => office.setScreen(picture, sound)),
    };
    const { signal } = this.#listeners;
    for (const kind of Object.keys(this.#switches)) {
      byId(kind).addEventListener('click', () => this.toggle(kind), { signal });
    }
    byId('screen').hidden = !navigator.mediaDevices?.getDisplayMedia;
    office.addEventListener('trackended', ({ detail: { kind, track, error } }) => {
      track.stop();
      this.#switches[kind]?.fail(error);
    }, { signal });
    office.addEventListener('planchanged', () => this.#showGrants(), { signal });
    office.addEventListener('statechanged', () => this.#showGrants(), { signal });
    this.#showGrants();
  }

  /** True if the key was one of the dock's. */
  press(code) {
    const kind = shortcuts[code];
    if (!kind || !get('shortcuts')) return false;
    this.toggle(kind);
    return true;
  }

  toggle(kind) {
    this.switch(kind, !this.#switches[kind].isWanted);
  }

  switch(kind, on) {
    if (on && !this.#office.grants.includes(kind)) toast(errorText('not-granted'));
    else this.#switches[kind].turn(on);
  }

  /** Opens a device anew, after another one was chosen. */
  reopen(kind) {
    this.#switches[kind].reopen();
  }

  close() {
    this.#listeners.abort();
    for (const one of Object.values(this.#switches)) one.turn(false);
  }

  #makeSwitch(kind, open, publish) {
    return new SourceSwitch({
      open,
      publish,
      show: (...state) => this.#show(kind, ...state),
      failed: (error) => this.#explain(kind, error),
    });
  }

  /** Another space, or a fresh token, may allow other things. */
  #showGrants() {
    for (const kind of Object.keys(this.#switches)) {
      byId(kind).disabled = !this.#office.grants.includes(kind);
    }
  }

  /** Pressed is what is wanted: what may go on at any moment never looks as if it were off. */
  #show(kind, isWanted, isBusy, track) {
    byId(kind).setAttribute('aria-pressed', String(isWanted));
    byId(kind).setAttribute('aria-busy', String(isBusy));
    const before = this.#shown[kind] ?? null;
    if (track === before) return;
    this.#shown[kind] = track;
    this.#changed(kind, track);
    if (isBusy) return;
    announce(t(`say.${kind}${track ? 'On' : 'Off'}`));
  }

  #explain(kind, error) {
    const hasEnded = error.code === 'track-ended';
    // The browser's own "stop sharing" needs no words.
    if (hasEnded && kind === 'screen') return;
    if (error instanceof DeviceError) toast(error.text);
    else toast(hasEnded ? t('device.ended') : errorText(error.code ?? error.name));
  }
}
