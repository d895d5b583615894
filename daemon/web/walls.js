/**
 * What stops somebody who walks, and how one goes on along it. The server walks everybody by the
 * same rule (src/spatial/walking.h), so that it has nothing to correct; tests/data/walks.json holds
 * both to it. Pure.
 */

import { distanceToLine, isRoom, zoneAt } from './geometry.js';

/** People stand this far from what stops them, in metres. */
const apart = 0.02;
/** Into a corner, and along its other side. */
const legs = 3;
/** Plans are drawn to centimetres; the server takes as one what is a millimetre apart. */
const sameLine = 0.001;

/** Of one plan; its doors are looked at as they are at the moment. */
export class Walls {
  #plan;
  #lines;
  /** Zone → the one whose walls it shares: a room's stage has the room's. -1: the open floor. */
  #spaces;
  /** Door → the spaces in whose walls it is. */
  #spacesOfDoor;

  constructor(plan) {
    this.#plan = plan;
    this.#spaces = plan.zones.map((zone, i) => spaceOf(plan, zone, i));
    const boxes = plan.zones.map(({ outline }) => boxOf(outline));
    const isIn = (line, zone) => isWithin(line, boxes[zone]) &&
      edgesOf(plan.zones[zone].outline).some((edge) => liesOn(line, edge));
    this.#spacesOfDoor = plan.doors.map(({ line }) =>
      new Set(this.#spaces.filter((_, zone) => isIn(line, zone))));
    this.#lines = this.#findLines();
  }

  /**
   * Where one comes to who goes from one point to another. `keys` has the zones whose locked doors
   * open to one; of private zones, those that one may enter.
   */
  walk(from, to, keys) {
    const here = this.#spaceAt(zoneAt(this.#plan, from));
    const mayEnter = (space) => space === here || keys.has(space);
    const wish = { x: to.x - from.x, y: to.y - from.y };
    let at = from;
    for (let leg = 0; leg < legs && (at.x !== to.x || at.y !== to.y); leg++) {
      const stop = this.#firstStop(at, to, keys, mayEnter);
      const next = stop ? placeBefore(at, to, stop) : to;
      if (stop && this.#firstStop(at, next, keys, mayEnter)) break;
      at = next;
      if (!stop) break;
      to = goalAlong(this.#plan, at, to, wish, stop.line);
    }
    return { x: at.x, y: at.y };
  }

  #spaceAt(zone) {
    return zone < 0 ? -1 : this.#spaces[zone];
  }

  #firstStop(from, to, keys, mayEnter) {
    const left = this.#spaceAt(zoneAt(this.#plan, from));
    const entered = this.#spaceAt(zoneAt(this.#plan, to));
    let first = null;
    for (const { line, door, border } of this.#lines) {
      if (border !== undefined ? mayEnter(border)
        : door !== undefined && this.#opens(door, left, entered, keys)) continue;
      const along = crossing(from, to, line);
      if (along !== null && (!first || along < first.along)) first = { along, line };
    }
    return first;
  }

  /** Unless it is locked; from inside, unless it leads into another locked room, and with a key. */
  #opens(door, left, entered, keys) {
    if (this.#plan.doors[door].state !== 'locked') return true;
    const isOf = (space) => space >= 0 && this.#spacesOfDoor[door].has(space);
    return (isOf(left) && !isOf(entered)) || (keys.has(entered) && isOf(entered));
  }

  /** Walls and outlines with doors as pieces of their own, and the borders of private zones. */
  #findLines() {
    const { walls, zones } = this.#plan;
    const lines = [];
    const cut = (line, openings, doors) => {
      const gaps = openings.map((opening) => [...stretchOn(line, opening)]);
      for (const door of doors) {
        const way = this.#plan.doors[door].line;
        if (liesOn(way, line)) gaps.push([...stretchOn(line, way), door]);
      }
      let done = 0;
      for (const [start, end, door] of gaps.sort((a, b) => a[0] - b[0])) {
        if (end <= done) continue;
        const begin = Math.max(start, done);
        if (start > done) lines.push({ line: partOf(line, done, start) });
        if (door !== undefined) lines.push({ line: partOf(line, begin, end), door });
        done = end;
      }
      if (done < 1) lines.push({ line: partOf(line, done, 1) });
    };
    const all = [...this.#plan.doors.keys()];
    for (const { line } of walls) cut(line, [], all);
    for (const [i, { outline }] of zones.entries()) {
      const space = this.#spaces[i];
      if (space < 0) continue;
      const doors = all.filter((door) => this.#spacesOfDoor[door].has(space));
      const mates = zones.filter((_, mate) => mate !== i && this.#spaces[mate] === space);
      // A room without doors is entered from anywhere.
      for (const edge of doors.length > 0 ? edgesOf(outline) : []) {
        cut(edge, openingsIn(edge, mates), doors);
      }
      if (zones[space].kind !== 'private') continue;
      for (const edge of edgesOf(outline)) lines.push({ line: edge, border: space });
    }
    return lines;
  }
}

function spaceOf(plan, zone, index) {
  if (isRoom(zone)) return index;
  if (zone.kind !== 'stage') return -1;
  const audience = plan.zones.findIndex(({ name, kind }) =>
    name === zone.audience && kind !== 'stage');
  return audience >= 0 && isRoom(plan.zones[audience]) ? audience : -1;
}

/** Where a zone meets another of the same space, there is no wall. */
function openingsIn(edge, mates) {
  return mates.flatMap(({ outline }) => edgesOf(outline).flatMap((other) => {
    const part = partOf(edge, ...stretchOn(edge, other));
    return lengthOf(part) >= 0.01 && liesOn(part, other) ? [part] : [];
  }));
}

/** A little apart from the line; who is nearer than that comes no nearer. */
function placeBefore(from, to, { along, line }) {
  const away = Math.abs(sideOf(line, from)) / lengthOf(line);
  if (away <= apart) return from;
  const part = along * (1 - apart / away);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/**
 * Where the rest of the way ends for who goes on along the line instead, on the floor; here, if
 * that would lead back from where one wanted to go.
 */
function goalAlong({ width, height }, at, to, wish, [[ax, ay], [bx, by]]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((to.x - at.x) * dx + (to.y - at.y) * dy) / (dx * dx + dy * dy);
  if (along * (wish.x * dx + wish.y * dy) <= 0) return at;
  const part = along * Math.min(
    shareWithin(at.x, at.x + dx * along, width), shareWithin(at.y, at.y + dy * along, height));
  return { x: at.x + dx * part, y: at.y + dy * part };
}

/** How much of the way from one coordinate to the other lies between 0 and the side. */
function shareWithin(from, to, side) {
  if (to < 0) return from / (from - to);
  return to > side ? (side - from) / (to - from) : 1;
}

/** How far along the way the line is crossed, or null. Who stands on a line may step off it. */
function crossing(from, to, line) {
  const before = sideOf(line, from);
  const after = sideOf(line, to);
  if (before >= 0 === after >= 0) return null;
  const way = [[from.x, from.y], [to.x, to.y]];
  const [[ax, ay], [bx, by]] = line;
  if (sideOf(way, { x: ax, y: ay }) >= 0 === sideOf(way, { x: bx, y: by }) >= 0) return null;
  return before / (before - after);
}

function sideOf([[ax, ay], [bx, by]], { x, y }) {
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
}

function edgesOf(outline) {
  return outline.map((corner, i) => [corner, outline[(i + 1) % outline.length]]);
}

function liesOn(part, whole) {
  // Most are far apart, which is quicker to see than how far.
  return isWithin(part, boxOf(whole)) &&
    part.every(([x, y]) => distanceToLine({ x, y }, whole) <= sameLine);
}

function boxOf(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  return [left - sameLine, top - sameLine, right + sameLine, bottom + sameLine];
}

function isWithin(points, [left, top, right, bottom]) {
  return points.every(([x, y]) => x >= left && x <= right && y >= top && y <= bottom);
}

function lengthOf([[ax, ay], [bx, by]]) {
  return Math.hypot(bx - ax, by - ay);
}

/** The fractions of the line between which the part lies. */
function stretchOn([[ax, ay], [bx, by]], part) {
  const [dx, dy] = [bx - ax, by - ay];
  const fractions = part.map(([x, y]) =>
    Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0), 1));
  return fractions.sort((a, b) => a - b);
}

function partOf([[ax, ay], [bx, by]], start, end) {
  const at = (share) => [ax + (bx - ax) * share, ay + (by - ay) * share];
  return [at(start), at(end)];
}
