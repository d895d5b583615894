/** Where the names on a plan go, so that none covers another. Draws nothing. */

import { contains } from './geometry.js';

export const labelHeight = 16;
/** From a zone's edges to its name, from a portal to its own, and between names, in pixels. */
const margin = { x: 12, y: 10 };
const portalMargin = 3;
const gap = 8;
/** Of a name for which there is no room. */
const shares = [1, 0.6, 0.3];

/**
 * Boxes of {item, text, x, y, width, height} in pixels of the plan; of zones, their names stand in
 * a corner, the upper left one if it is free. `widthOf(text)` measures. A name that finds no place,
 * however short, is left out.
 */
export function placeLabels({ zones, portals }, scale, textOf, widthOf) {
  const labels = [];
  const taken = portals.map(({ at: [x, y], radius }) => ({ x: (x - radius) * scale,
    y: (y - radius) * scale, width: 2 * radius * scale, height: 2 * radius * scale }));
  const place = (item, placesFor) => {
    for (const share of shares) {
      const text = shorten(textOf(item), share);
      const size = { width: widthOf(text), height: labelHeight };
      const found = placesFor(size).map((at) => ({ item, text, ...at, ...size }))
        .find((box) => !taken.some((other) => overlap(widened(box), other)));
      if (!found) continue;
      labels.push(found);
      taken.push(found);
      return;
    }
  };
  for (const portal of portals) place(portal, (size) => placesAround(portal, scale, size));
  for (const zone of zones) place(zone, (size) => placesInside(zone, zones, scale, size));
  return labels;
}

function widened({ x, width, ...box }) {
  return { ...box, x: x - gap, width: width + 2 * gap };
}

export function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width &&
    a.y < b.y + b.height && b.y < a.y + a.height;
}

function shorten(text, share) {
  const letters = [...text];
  return share === 1 ? text : `${letters.slice(0, Math.ceil(letters.length * share)).join('')}…`;
}

/** In the corners of the zone, as far as they are its own. */
function placesInside(zone, zones, scale, { width, height }) {
  const corners = [...zone.outline].sort(([ax, ay], [bx, by]) => ax + ay - bx - by);
  const places = corners.flatMap(([cornerX, cornerY]) => {
    const [x, y] = [cornerX * scale, cornerY * scale];
    const [lefts, tops] = [[x + margin.x, x - margin.x - width], [y + margin.y,
      y - margin.y - height]];
    return tops.flatMap((top) => lefts.map((left) => ({ x: left, y: top })));
  });
  const isFree = (x, y) => contains(zone.outline, x / scale, y / scale) &&
    !zones.some((other) => other !== zone && other.kind === 'stage' &&
      contains(other.outline, x / scale, y / scale));
  return places.filter(({ x, y }) => [x - gap, x + width / 2, x + width + gap].every((at) =>
    isFree(at, y) && isFree(at, y + height)));
}

/** Below the portal, above it, or beside it. */
function placesAround({ at, radius }, scale, { width, height }) {
  const [x, y, away] = [at[0] * scale, at[1] * scale, radius * scale + portalMargin];
  return [
    { x: x - width / 2, y: y + away },
    { x: x - width / 2, y: y - away - height },
    { x: x + away, y: y - height / 2 },
    { x: x - away - width, y: y - height / 2 },
  ];
}
