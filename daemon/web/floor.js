/**
 * Draws the floor: plan, the reach of one's voice, and people. Reads the office's state and never
 * changes it; colours come from office.css, so light and dark live in one place. Whoever cannot see
 * it has the list of people (people.js).
 */

import { distance, turn, zoneAt } from './geometry.js';
import { overlap } from './labels.js';
import { drawPlan, font, trace } from './plan_drawing.js';

const colours = ['surround', 'floor', 'grid', 'room', 'room-here', 'desk', 'stage', 'quiet',
  'lobby', 'wall', 'door', 'reach', 'reach-edge', 'ink', 'ink-soft', 'accent', 'on-accent', 'plate',
  'speaking'];
const minScale = 20;
const maxScale = 52;
/**
 * Others are shown as they catch up with their newest pose: about what two updates take, of which
 * those who are farther off have fewer.
 */
const followSeconds = 0.13;
const updatesAt = [[10, 1], [20, 1 / 2], [Infinity, 1 / 4]];
const cameraSeconds = 0.25;
const levelSeconds = 0.1;
const settled = 0.005;

export class Floor {
  /** Person → loudness in [0, 1], set by whoever measures it. */
  levels = new Map();
  #canvas;
  #context;
  #plan = null;
  #view = { scale: 30, x: 0, y: 0, width: 0, height: 0 };
  #shown = new Map();
  #palette = {};
  #calm = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    const readPalette = () => this.#readPalette();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', readPalette);
    readPalette();
  }

  setPlan(plan) {
    this.#plan = plan;
    this.#shown.clear();
    this.#view.width = 0;
  }

  /** From pixels of the page to metres of the floor. */
  toFloor(clientX, clientY) {
    const box = this.#canvas.getBoundingClientRect();
    const { scale, x, y } = this.#view;
    return { x: (clientX - box.left - x) / scale, y: (clientY - box.top - y) / scale };
  }

  /** Whose avatar is at the point, or undefined. */
  personAt(point, people) {
    const radius = this.#radius() / this.#view.scale;
    return [...people.values()].find((person) => distance(person, point) <= radius);
  }

  /** From metres of the floor to pixels of the page. */
  toPage(point) {
    const box = this.#canvas.getBoundingClientRect();
    const { scale, x, y } = this.#view;
    return { x: box.left + x + point.x * scale, y: box.top + y + point.y * scale };
  }

  /** Draws one frame; returns whether something is still on its way and needs another one. */
  draw({ self, people, reach, target, seconds }) {
    if (!this.#plan) return false;
    const following = this.#fit(self, seconds);
    const unsettled = this.#advance(self, people, seconds) || following;
    const context = this.#context;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.fillStyle = this.#palette.surround;
    context.fillRect(0, 0, this.#view.width, this.#view.height);
    context.translate(this.#view.x, this.#view.y);
    this.#drawSlab();
    const here = this.#plan.zones[zoneAt(this.#plan, self)];
    const labels = drawPlan(context, this.#plan, here, this.#view.scale, this.#palette);
    for (const part of reach.parts) this.#drawReach(self, part);
    if (target) this.#drawTarget(target);
    const others = [...people.values()].sort((a, b) => a.y - b.y);
    const isFaint = ({ isHeard, hearsMe }) => !isHeard && !hearsMe;
    for (const person of others) this.#drawPerson(person, false, isFaint(person));
    this.#drawPerson(self, true, false);
    const bodies = [...people.values(), self].map((person) => this.#bodyBox(person));
    const taken = [...labels, ...bodies];
    this.#drawName(self, true, false, taken);
    for (const person of others) this.#drawName(person, false, isFaint(person), taken);
    return unsettled;
  }

  #readPalette() {
    const style = getComputedStyle(document.documentElement);
    for (const name of colours) this.#palette[name] = style.getPropertyValue(`--${name}`).trim();
  }

  // View and motion -----------------------------------------------------------------------------

  /** A plan that fits is shown whole; of a larger one, what is around oneself. */
  #fit(self, seconds) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const view = this.#view;
    const resized = width !== view.width || height !== view.height;
    if (resized) {
      Object.assign(view, { width, height });
      this.#canvas.width = Math.round(width * devicePixelRatio);
      this.#canvas.height = Math.round(height * devicePixelRatio);
    }
    const inset = this.#insets();
    const room = { width: width - inset.left - inset.right,
      height: height - inset.top - inset.bottom };
    const whole = Math.min(room.width / this.#plan.width, room.height / this.#plan.height);
    view.scale = Math.min(maxScale, Math.max(minScale, whole));
    const x = along(self.x, this.#plan.width, view.scale, inset.left, room.width);
    const y = along(self.y, this.#plan.height, view.scale, inset.top, room.height);
    const share = resized || this.#calm.matches ? 1 : 1 - Math.exp(-seconds / cameraSeconds);
    view.x += (x - view.x) * share;
    view.y += (y - view.y) * share;
    return Math.abs(x - view.x) > 0.5 || Math.abs(y - view.y) > 0.5;
  }

  /** Space that the bars and tiles cover, as office.css says. */
  #insets() {
    const style = getComputedStyle(this.#canvas);
    const read = (side) => Number.parseFloat(style.getPropertyValue(`--inset-${side}`)) || 0;
    return { top: read('top'), right: read('right'), bottom: read('bottom'), left: read('left') };
  }

  #advance(self, people, seconds) {
    let unsettled = false;
    const share = (person) => {
      const [, updates] = updatesAt.find(([metres]) => distance(self, person) <= metres);
      return 1 - Math.exp((-seconds * updates) / followSeconds);
    };
    const loudness = 1 - Math.exp(-seconds / levelSeconds);
    for (const id of this.#shown.keys()) {
      if (id !== self.participant && !people.has(id)) this.#shown.delete(id);
    }
    for (const person of [self, ...people.values()]) {
      const shown = this.#shown.get(person.participant) ??
        { x: person.x, y: person.y, heading: person.heading, level: 0 };
      const level = person.published.has('mic') ? this.levels.get(person.participant) ?? 0 : 0;
      const part = person === self ? 1 : share(person);
      const turning = turn(shown.heading, person.heading);
      shown.x += (person.x - shown.x) * part;
      shown.y += (person.y - shown.y) * part;
      shown.heading += turning * part;
      shown.level += (level - shown.level) * loudness;
      this.#shown.set(person.participant, shown);
      unsettled ||= distance(shown, person) > settled || Math.abs(turning) > settled ||
        Math.abs(shown.level - level) > 0.02;
    }
    return unsettled;
  }

  // Drawing ---------------------------------------------------------------------------------------

  #drawSlab() {
    const context = this.#context;
    const { scale } = this.#view;
    const [width, height] = [this.#plan.width * scale, this.#plan.height * scale];
    context.save();
    context.shadowColor = 'rgb(0 0 0 / 0.14)';
    context.shadowBlur = 36;
    context.shadowOffsetY = 10;
    context.fillStyle = this.#palette.floor;
    context.beginPath();
    context.roundRect(0, 0, width, height, 14);
    context.fill();
    context.restore();
    context.strokeStyle = this.#palette.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = 2; x < this.#plan.width; x += 2) line(context, x * scale, 0, x * scale, height);
    for (let y = 2; y < this.#plan.height; y += 2) line(context, 0, y * scale, width, y * scale);
    context.stroke();
  }

  /** A part of where one is heard, as the server says. */
  #drawReach(self, { zones, radius, outline }) {
    const context = this.#context;
    const { scale } = this.#view;
    const [x, y] = [self.x * scale, self.y * scale];
    context.save();
    this.#clipToZones(zones);
    if (outline) {
      context.beginPath();
      trace(context, outline.map(([dx, dy]) => [self.x + dx, self.y + dy]), scale);
      context.clip();
    }
    if (radius === null) {
      context.fillStyle = this.#palette.reach;
      context.fillRect(0, 0, this.#plan.width * scale, this.#plan.height * scale);
    } else {
      this.#drawCircle(x, y, radius * scale);
    }
    context.restore();
  }

  /** What lies in none of the zones of the plan is number -1. */
  #clipToZones(zones) {
    const context = this.#context;
    const { scale } = this.#view;
    const wanted = new Set(zones);
    context.beginPath();
    if (wanted.has(-1)) context.rect(0, 0, this.#plan.width * scale, this.#plan.height * scale);
    this.#plan.zones.forEach(({ outline }, zone) => {
      if (wanted.has(zone) !== wanted.has(-1)) trace(context, outline, scale);
    });
    context.clip('evenodd');
  }

  #drawCircle(x, y, radius) {
    const context = this.#context;
    const light = context.createRadialGradient(x, y, 0, x, y, radius);
    light.addColorStop(0, this.#palette.reach);
    light.addColorStop(1, this.#palette['reach-edge']);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = light;
    context.fill();
    context.strokeStyle = this.#palette.accent;
    context.globalAlpha = 0.55;
    context.lineWidth = 1.5;
    context.setLineDash([2, 6]);
    context.lineCap = 'round';
    context.stroke();
  }

  #drawTarget(target) {
    const context = this.#context;
    const { scale } = this.#view;
    context.strokeStyle = this.#palette.accent;
    context.lineWidth = 2;
    for (const radius of [4, 9]) {
      context.beginPath();
      context.arc(target.x * scale, target.y * scale, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  #drawPerson(person, isSelf, faint) {
    const context = this.#context;
    const { scale } = this.#view;
    const shown = this.#shown.get(person.participant);
    const radius = this.#radius();
    context.save();
    context.translate(shown.x * scale, shown.y * scale);
    context.globalAlpha = faint ? 0.72 : 1;
    this.#drawSpeaking(radius, shown.level);
    this.#drawBody(person, isSelf, radius, shown.heading);
    context.restore();
  }

  #drawSpeaking(radius, level) {
    if (level < 0.01) return;
    const context = this.#context;
    const strength = Math.min(1, Math.sqrt(level) * 1.6);
    const width = this.#calm.matches ? 4 : 3 + 6 * strength;
    context.strokeStyle = this.#palette.speaking;
    context.lineWidth = width;
    context.beginPath();
    context.arc(0, 0, radius + 1.5 + width / 2, 0, 2 * Math.PI);
    context.stroke();
  }

  #drawBody(person, isSelf, radius, heading) {
    const context = this.#context;
    const colour = isSelf ? this.#palette.accent : avatarColour(person.participant);
    context.save();
    context.rotate(heading);
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(radius + 6.5, 0);
    context.lineTo(radius - 2, -6.5);
    context.lineTo(radius - 2, 6.5);
    context.fill();
    context.restore();
    context.save();
    context.shadowColor = 'rgb(0 0 0 / 0.25)';
    context.shadowBlur = 8;
    context.shadowOffsetY = 2;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.fill();
    context.restore();
    context.strokeStyle = this.#palette.plate;
    context.lineWidth = 2;
    context.stroke();
    context.fillStyle = isSelf ? this.#palette['on-accent'] : '#fff';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.font = font(650, radius * 0.72);
    context.fillText(initials(person.name), 0, 1);
  }

  #radius() {
    return Math.min(24, Math.max(17, this.#view.scale * 0.52));
  }

  #bodyBox(person) {
    const shown = this.#shown.get(person.participant);
    const { scale } = this.#view;
    const radius = this.#radius();
    return { x: shown.x * scale - radius, y: shown.y * scale - radius,
      width: 2 * radius, height: 2 * radius };
  }

  /** Under the avatar, or wherever around it no avatar or other name is; adds itself to `taken`. */
  #drawName(person, isSelf, faint, taken) {
    const context = this.#context;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.font = font(isSelf ? 650 : 500, 12.5);
    const name = shorten(context, person.name, 130);
    const width = context.measureText(name).width + 16;
    const height = 21;
    const body = this.#bodyBox(person);
    const middle = body.x + body.width / 2;
    const level = body.y + (body.height - height) / 2;
    const places = [
      { x: middle - width / 2, y: body.y + body.height + 7 },
      { x: middle - width / 2, y: body.y - height - 9 },
      { x: body.x + body.width + 9, y: level },
      { x: body.x - width - 9, y: level },
    ].map((place) => ({ ...place, width, height }));
    const box = places.find((place) => !taken.some((other) => overlap(place, other))) ?? places[0];
    taken.push(box);
    context.globalAlpha = faint ? 0.72 : 1;
    context.fillStyle = this.#palette.plate;
    context.beginPath();
    context.roundRect(box.x, box.y, width, height, height / 2);
    context.fill();
    context.fillStyle = isSelf ? this.#palette.accent : this.#palette.ink;
    context.fillText(name, box.x + width / 2, box.y + height / 2 + 0.5);
    context.globalAlpha = 1;
  }
}

/** Where the plan's edge comes to lie: centred if it fits, else following, never showing beyond. */
function along(position, size, scale, inset, room) {
  const slack = room - size * scale;
  if (slack >= 0) return inset + slack / 2;
  return inset + Math.min(0, Math.max(slack, room / 2 - position * scale));
}

function line(context, ax, ay, bx, by) {
  context.moveTo(Math.round(ax) + 0.5, Math.round(ay) + 0.5);
  context.lineTo(Math.round(bx) + 0.5, Math.round(by) + 0.5);
}

/** The golden angle keeps neighbours in number apart in hue; the lightness keeps white legible. */
export function avatarColour(participant) {
  return `oklch(0.5 0.105 ${(participant * 137.508 + 20) % 360})`;
}

export function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? '').join('').toLocaleUpperCase();
}

function shorten(context, name, limit) {
  if (context.measureText(name).width <= limit) return name;
  const letters = [...name];
  while (letters.length > 1 && context.measureText(`${letters.join('')}…`).width > limit) {
    letters.pop();
  }
  return `${letters.join('')}…`;
}
