/** Walking on the page without a browser: by the same vectors that the server is held to. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Walker } from '../../daemon/web/walk.js';
import { Walls } from '../../daemon/web/walls.js';

const data = JSON.parse(
  await readFile(new URL('../data/walks.json', import.meta.url), 'utf8'));

for (const { name, plan, keys = [], from, to, end } of data.walks) {
  test(`R18: walks as the server does: ${name}`, () => {
    const walls = new Walls(data.plans[plan]);
    const point = ([x, y]) => ({ x, y });
    const reached = walls.walk(point(from), point(to), new Set(keys));
    assert.ok(Math.hypot(reached.x - end[0], reached.y - end[1]) < 0.015,
      `${reached.x}, ${reached.y} for ${end}`);
  });
}

const office = data.plans.office;

/** Walks for some seconds, a frame at a time, and says how often it moved. */
function walkFor(walker, seconds) {
  let moves = 0;
  for (let frame = 0; frame < seconds * 60; frame++) if (walker.step(1 / 60)) moves++;
  return moves;
}

test('R18: slantwise into a wall one goes on along it', () => {
  const walker = new Walker(office, { x: 9, y: 11, heading: 0 });
  walker.press('ArrowRight');
  walker.press('ArrowDown');
  walkFor(walker, 1);
  assert.ok(walker.pose.x > 9.95 && walker.pose.x < 10, `${walker.pose.x}`);
  assert.ok(walker.pose.y > 12.5, `${walker.pose.y}`);
});

test('a click behind a wall ends where the wall is nearest to it', () => {
  const walker = new Walker(office, { x: 5, y: 11, heading: 0 });
  walker.walkTo({ x: 12, y: 13 });
  walkFor(walker, 10);
  assert.equal(walker.target, null);
  assert.ok(Math.hypot(walker.pose.x - 9.98, walker.pose.y - 13) < 0.1,
    `${walker.pose.x}, ${walker.pose.y}`);
  assert.equal(walkFor(walker, 1), 0, 'rests');
});

test('a door that is locked meanwhile stops one, and its key opens it', () => {
  const plan = structuredClone(office);
  const keys = new Set();
  const walker = new Walker(plan, { x: 8, y: 15, heading: 0 }, () => keys);
  const goRight = () => {
    walker.press('ArrowRight');
    walkFor(walker, 1);
    walker.releaseAll();
    walkFor(walker, 1);
  };
  plan.doors[0].state = 'locked';
  goRight();
  assert.ok(walker.pose.x < 10);
  keys.add(0);
  goRight();
  assert.ok(walker.pose.x > 11);
});

test('the largest plan is no burden', () => {
  const corners = (x, y) => Array.from({ length: 128 }, (_, i) =>
    [x + 25 * Math.cos((i * Math.PI) / 64), y + 25 * Math.sin((i * Math.PI) / 64)]);
  const zones = Array.from({ length: 256 }, (_, i) => ({
    name: `${i}`,
    kind: 'room',
    outline: corners(50 + 60 * (i % 16), 50 + 60 * Math.floor(i / 16)),
  }));
  const walls = Array.from({ length: 4096 }, (_, i) => {
    const [x, y] = [1100 + (i % 64), 10 + Math.floor(i / 64)];
    return { line: [[x, y], [x + 0.5, y]] };
  });
  const doors = walls.slice(0, 1024).map(({ line }) => ({ name: 'd', line, state: 'shut' }));
  const walker = new Walker({ width: 2000, height: 2000, zones, walls, doors },
    { x: 1050, y: 50, heading: 0 });
  walker.press('ArrowRight');
  assert.ok(walkFor(walker, 2) > 100);
});
