/** Draws a floor plan: zones by their kind, walls, and doors by their state. Pure painting. */

import { isRoom } from './geometry.js';
import { labelHeight, placeLabels } from './labels.js';

const fills = {
  room: 'room', private: 'room', stage: 'stage', quiet: 'quiet', desk: 'desk', lobby: 'lobby',
};
/** Where the plan says nothing of how it looks, so that colour does not say the kind alone. */
const signs = { private: '⌂', stage: '◉', quiet: '☾', desk: '▤', lobby: '', room: '' };

/** `here` is the zone in which one stands oneself, if any. Returns the boxes of what is written. */
export function drawPlan(context, plan, here, scale, palette) {
  // A border without walls must not cover a wall; but between a stage and its room there is none.
  const layer = (zone) => (zone.kind === 'stage' ? 2 : Number(isRoom(zone)));
  const zones = [...plan.zones].sort((a, b) => layer(a) - layer(b));
  context.lineJoin = context.lineCap = 'round';
  for (const zone of zones) drawZone(context, zone, zone === here, scale, palette);
  context.strokeStyle = palette.wall;
  context.lineWidth = 3.5;
  for (const { line } of plan.walls) stroke(context, line, scale);
  for (const door of plan.doors) drawDoor(context, door, scale, palette);
  for (const portal of plan.portals) drawPortal(context, portal, scale, palette);
  return drawNames(context, plan, here, scale, palette);
}

function drawZone(context, zone, isHere, scale, palette) {
  context.beginPath();
  trace(context, zone.outline, scale);
  context.fillStyle = palette[isHere ? 'room-here' : fills[zone.kind]];
  context.fill();
  if (zone.kind === 'stage') {
    context.strokeStyle = palette.room;
    context.lineWidth = 5;
    context.stroke();
  }
  context.strokeStyle = palette.wall;
  context.lineWidth = isRoom(zone) ? 3.5 : 1;
  context.setLineDash(isRoom(zone) ? [] : [5, 5]);
  context.stroke();
  context.setLineDash([]);
}

/** Open: a gap with its leaf ajar; shut: a leaf; locked: a leaf with a bolt. */
function drawDoor(context, { line, state }, scale, palette) {
  const [[ax, ay], [bx, by]] = line;
  context.save();
  context.lineCap = 'butt';
  context.strokeStyle = palette.floor;
  context.lineWidth = 6;
  stroke(context, line, scale);
  context.strokeStyle = palette.door;
  context.lineWidth = 3;
  if (state === 'open') {
    const turned = [[ax, ay], [ax + (bx - ax) * 0.5 - (by - ay) * 0.8,
      ay + (by - ay) * 0.5 + (bx - ax) * 0.8]];
    stroke(context, turned, scale);
  } else {
    stroke(context, line, scale);
  }
  if (state === 'locked') {
    context.fillStyle = palette.door;
    context.beginPath();
    context.arc(((ax + bx) / 2) * scale, ((ay + by) / 2) * scale, 5.5, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

function drawPortal(context, { at: [x, y], radius }, scale, palette) {
  context.strokeStyle = palette.accent;
  context.lineWidth = 2;
  for (const share of [1, 0.7]) {
    context.beginPath();
    context.arc(x * scale, y * scale, radius * share * scale, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawNames(context, plan, here, scale, palette) {
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = font(600, 12.5);
  const textOf = ({ kind, name }) => (signs[kind] ? `${signs[kind]} ${name}` : name);
  const labels = placeLabels(plan, scale, textOf, (text) => context.measureText(text).width);
  for (const { item, text, x, y } of labels) {
    context.fillStyle = item === here ? palette.accent : palette['ink-soft'];
    context.fillText(text, x, y + labelHeight / 2);
  }
  return labels;
}

function stroke(context, [[ax, ay], [bx, by]], scale) {
  context.beginPath();
  context.moveTo(ax * scale, ay * scale);
  context.lineTo(bx * scale, by * scale);
  context.stroke();
}

export function trace(context, outline, scale) {
  outline.forEach(([x, y], corner) => {
    if (corner === 0) context.moveTo(x * scale, y * scale);
    else context.lineTo(x * scale, y * scale);
  });
  context.closePath();
}

export function font(weight, size) {
  return `${weight} ${size}px system-ui, sans-serif`;
}
