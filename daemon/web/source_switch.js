/**
 * One switch of the dock: whether a microphone, camera or screen is wanted, where the last call
 * wins, and a worker that opens the capture and publishes it. Off stops the capture at once,
 * whatever is under way. What cannot be on is switched off, so that the button says what is so.
 */

import { Reconciler } from './reconciler.js';

export class SourceSwitch {
  #steps;
  #isWanted = false;
  /** Of the open capture; empty while there is none. */
  #tracks = [];
  #isPublished = false;
  /** Which choice of a device a capture belongs to. */
  #choice = 0;
  #worker = new Reconciler(() => this.#next());

  /**
   * `steps` has open(), which resolves to the tracks of a new capture; publish(tracks), which
   * resolves when others can have them, and with none ends that; show(isWanted, isBusy, track),
   * called after every change; and failed(error), called when it went off as it could not be on.
   */
  constructor(steps) {
    this.#steps = steps;
  }

  get isWanted() {
    return this.#isWanted;
  }

  turn(on) {
    this.#isWanted = on;
    if (!on) this.#release();
    this.#look();
  }

  /** Another device was chosen. */
  reopen() {
    this.#choice++;
    this.#release();
    this.#look();
  }

  /** It went off by itself: a plug was pulled, or it is not allowed any more. */
  fail(error) {
    this.turn(false);
    this.#steps.failed(error);
  }

  #look() {
    this.#worker.look();
    this.#show();
  }

  #show() {
    const isBusy = this.#isWanted && !this.#isPublished;
    this.#steps.show(this.#isWanted, isBusy, this.#isPublished ? this.#tracks[0] : null);
  }

  #next() {
    if (!this.#isWanted || this.#isPublished) return null;
    return this.#tracks.length === 0 ? this.#capture() : this.#publish(this.#tracks);
  }

  async #capture() {
    const choice = this.#choice;
    const isCurrent = () => this.#isWanted && choice === this.#choice;
    try {
      const tracks = await this.#steps.open();
      if (isCurrent()) this.#tracks = tracks;
      else stop(tracks);
    } catch (error) {
      if (isCurrent()) this.fail(error);
    }
  }

  async #publish(tracks) {
    try {
      await this.#steps.publish(tracks);
      if (tracks !== this.#tracks) return;
      this.#isPublished = true;
      this.#show();
    } catch (error) {
      if (tracks === this.#tracks) this.fail(error);
    }
  }

  /** Does not wait for its turn: what is being published is overtaken. */
  #release() {
    if (this.#tracks.length === 0) return;
    stop(this.#tracks);
    this.#tracks = [];
    this.#isPublished = false;
    this.#steps.publish([]);
  }
}

function stop(tracks) {
  for (const track of tracks) track.stop();
}
