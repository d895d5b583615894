/** Where things are on the floor: zones and distances. Pure. */

/** The place in the plan of the zone that holds the point, or -1 for the open floor. */
export function zoneAt(plan, { x, y }) {
  return plan.zones.findIndex((zone) => contains(zone.outline, x, y));
}

/** The zones in whose outline the door is. */
export function zonesOfDoor(plan, door) {
  const [[ax, ay], [bx, by]] = plan.doors[door].line;
  const middle = { x: (ax + bx) / 2, y: (ay + by) / 2 };
  return plan.zones.flatMap(({ outline }, zone) => {
    const touches = outline.some((corner, i) =>
      distanceToLine(middle, [corner, outline[(i + 1) % outline.length]]) < 0.05);
    return touches ? [zone] : [];
  });
}

/** From the point to the nearest point of the line. */
export function distanceToLine({ x, y }, [[ax, ay], [bx, by]]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / length;
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - part * dx, y - ay - part * dy);
}

/** Whether the zone has walls, which keep sound inside and outside. */
export function isRoom({ kind }) {
  return kind === 'room' || kind === 'private';
}

/** Even-odd rule: count the edges that a ray to the right crosses. */
export function contains(outline, x, y) {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [ax, ay] = outline[i];
    const [bx, by] = outline[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The shorter way round from one heading to another. */
export function turn(from, to) {
  const difference = (to - from) % (2 * Math.PI);
  if (difference > Math.PI) return difference - 2 * Math.PI;
  return difference < -Math.PI ? difference + 2 * Math.PI : difference;
}
