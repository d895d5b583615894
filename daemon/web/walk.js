/**
 * Walking: keys, clicks and touches become a pose on the floor. Keeps the body's motion; who draws
 * it and who sends it is not its business.
 */

import { distance, turn } from './geometry.js';
import { Walls } from './walls.js';

const speed = 3;
/** Seconds to reach most of the wanted speed: enough to look like a body, not like a cursor. */
const inertia = 0.09;
const margin = 0.45;
const arrived = 0.08;
const stuckDistance = 0.3;
/** Whoever gets on no faster than this along a wall has come as far as it gets. */
const stuckSpeed = 0.1;
/** Where "walk over to Anna" stops: near enough to talk, not on her toes. */
const politeDistance = 1.2;
/** A long frame is walked in parts no longer than this; after a longer pause one stands still. */
const stepSeconds = 0.05;
const longestFrame = 1;

const directions = {
  ArrowUp: [0, -1], KeyW: [0, -1],
  ArrowDown: [0, 1], KeyS: [0, 1],
  ArrowLeft: [-1, 0], KeyA: [-1, 0],
  ArrowRight: [1, 0], KeyD: [1, 0],
};

export class Walker {
  target = null;
  #plan;
  #walls;
  #keysOf;
  #pose;
  #keys = new Set();
  #velocity = { x: 0, y: 0 };
  /** Whom the target is beside, wherever they go meanwhile. */
  #person = null;
  /** Where the server last put us on the present way. */
  #stoodAt = null;

  /** `keysOf` says for which zones one has the key at the moment; see Walls. */
  constructor(plan, pose, keysOf = () => new Set()) {
    this.#plan = plan;
    this.#walls = new Walls(plan);
    this.#keysOf = keysOf;
    this.#pose = { ...pose };
  }

  get pose() {
    return this.#pose;
  }

  get moving() {
    return this.target !== null || this.#keys.size > 0 || Math.hypot(...this.#speed()) > 0.02;
  }

  /** True if the key is one that walks. */
  press(code) {
    if (!(code in directions)) return false;
    this.#keys.add(code);
    this.target = null;
    return true;
  }

  release(code) {
    this.#keys.delete(code);
  }

  /** When the page loses focus, no key-up ever comes. */
  releaseAll() {
    this.#keys.clear();
  }

  walkTo(point) {
    this.#stoodAt = null;
    this.#person = null;
    this.target = this.#inside(point);
  }

  walkToPerson(person) {
    this.walkTo(person);
    this.#person = person;
    this.#aimBesidePerson();
  }

  #aimBesidePerson() {
    const away = distance(this.#pose, this.#person);
    const part = (away - politeDistance) / away;
    this.target = away <= politeDistance ? null : this.#inside({
      x: this.#pose.x + (this.#person.x - this.#pose.x) * part,
      y: this.#pose.y + (this.#person.y - this.#pose.y) * part,
    });
  }

  /** In a space that one has just entered, perhaps once more. */
  enter(plan, pose) {
    this.#plan = plan;
    this.#walls = new Walls(plan);
    this.target = null;
    this.standAt(pose);
  }

  /**
   * The server put us elsewhere; one walks on from there, unless it keeps putting us to the same
   * place: then there is a wall in the way.
   */
  standAt(pose) {
    if (this.#stoodAt && distance(this.#stoodAt, pose) < stuckDistance) this.target = null;
    this.#stoodAt = { x: pose.x, y: pose.y };
    this.#pose = { ...pose };
    this.#velocity = { x: 0, y: 0 };
  }

  /** Goes on by that time, at one pace however slow the page draws; true if the pose changed. */
  step(seconds) {
    if (this.target && this.#person) this.#aimBesidePerson();
    let moved = false;
    for (let rest = Math.min(seconds, longestFrame); rest > 0; rest -= stepSeconds) {
      moved = this.#stepBy(Math.min(rest, stepSeconds)) || moved;
    }
    return moved;
  }

  #stepBy(elapsed) {
    const wanted = this.#wanted();
    const share = 1 - Math.exp(-elapsed / inertia);
    this.#velocity.x += (wanted.x - this.#velocity.x) * share;
    this.#velocity.y += (wanted.y - this.#velocity.y) * share;
    if (Math.hypot(...this.#speed()) < 0.02) {
      this.#velocity = { x: 0, y: 0 };
      return false;
    }
    const wish = this.#inside({
      x: this.#pose.x + this.#velocity.x * elapsed,
      y: this.#pose.y + this.#velocity.y * elapsed,
    });
    const { x, y } = this.#walls.walk(this.#pose, wish, this.#keysOf());
    if (distance(wish, { x, y }) > 1e-6) this.#slide(x, y, elapsed);
    const heading = this.#headingAfter(elapsed, wanted);
    const moved = x !== this.#pose.x || y !== this.#pose.y || heading !== this.#pose.heading;
    Object.assign(this.#pose, { x, y, heading });
    if (this.target && distance(this.#pose, this.target) < arrived) this.target = null;
    return moved;
  }

  /** Along a wall, one is as fast as one gets on, and does not walk against it for ever. */
  #slide(x, y, elapsed) {
    this.#velocity = { x: (x - this.#pose.x) / elapsed, y: (y - this.#pose.y) / elapsed };
    if (Math.hypot(...this.#speed()) < stuckSpeed) this.target = null;
  }

  #speed() {
    return [this.#velocity.x, this.#velocity.y];
  }

  #wanted() {
    if (this.target) {
      const away = distance(this.#pose, this.target);
      // Slows down over the last steps, so that nobody overshoots.
      const pace = Math.min(speed, away / inertia / 2) / Math.max(away, 1e-6);
      return {
        x: (this.target.x - this.#pose.x) * pace,
        y: (this.target.y - this.#pose.y) * pace,
      };
    }
    let [x, y] = [0, 0];
    for (const code of this.#keys) {
      x += directions[code][0];
      y += directions[code][1];
    }
    const length = Math.hypot(x, y);
    return length === 0 ? { x: 0, y: 0 } : { x: (x / length) * speed, y: (y / length) * speed };
  }

  #headingAfter(elapsed, wanted) {
    if (Math.hypot(wanted.x, wanted.y) < 0.3) return this.#pose.heading;
    const difference = turn(this.#pose.heading, Math.atan2(wanted.y, wanted.x));
    const heading = this.#pose.heading + difference * (1 - Math.exp(-elapsed / inertia));
    return turn(0, heading);
  }

  #inside({ x, y }) {
    return {
      x: Math.min(Math.max(x, margin), this.#plan.width - margin),
      y: Math.min(Math.max(y, margin), this.#plan.height - margin),
    };
  }
}
