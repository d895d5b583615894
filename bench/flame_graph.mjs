/**
 * Draws a flame graph, from what `perf script -F ip,sym,dso` or callgrind (--separate-callers) says:
 * `node flame_graph.mjs perf|callgrind OUT.svg TITLE < INPUT`. The width of a box is the share of
 * the time, or of the instructions, in a function and all that it calls; who calls is below. Prints
 * who has which share, and the functions that take most themselves.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const width = 1200;
const rowHeight = 18;
const margin = 10;
const charWidth = 6.6;
const smallestBox = 0.3;

/** Whose code it is; the first that fits. */
const owners = [
  { name: 'kernel', color: '#f0a35e', fits: (frame) => frame.isKernel },
  { name: 'cipher', color: '#8cc084', fits: (frame) => /IPSec_MB|libcrypto/.test(frame.library) },
  { name: 'Earshot', color: '#7fb2e5', fits: (frame) => frame.isOurs },
  { name: 'libraries', color: '#d8d3c4', fits: () => true },
];

/** Without namespaces of ours, parameters and template arguments. */
function shorten(name) {
  let short = name.replaceAll('(anonymous namespace)::', '').replaceAll('earshot::', '');
  for (let before = ''; before !== short;) {
    before = short;
    short = short.replace(/\([^()]*\)|<[^<>]*>/g, '');
  }
  return short.replace(/ const$/, '').trim();
}

function frameOf(symbol, library = '', isKernel = false) {
  // Templates of libraries become code of our program.
  const isOurs = !isKernel &&
    (symbol.includes('earshot::') || (library !== '' && !library.includes('.so')));
  const isNameless = symbol === '[unknown]' || symbol.startsWith('0x');
  const name = isNameless ? path.basename(library) : shorten(symbol);
  return { name, library, isKernel, isOurs };
}

/** Outermost first. What lies outside of our code is the way that we came, or guessed wrongly. */
function trim(frames) {
  const first = frames.findIndex((frame) => frame.isOurs);
  return first > 0 ? frames.slice(first) : frames;
}

function* readPerf(text) {
  for (const sample of text.split('\n\n')) {
    const frames = [];
    for (const line of sample.split('\n')) {
      const parts = /^\s*([0-9a-f]+) (.+) \((.*)\)$/.exec(line);
      if (parts) frames.unshift(frameOf(parts[2], parts[3], parts[1].startsWith('ffffffff')));
    }
    if (frames.length > 0) yield { frames: trim(frames), weight: 1 };
  }
}

function* readCallgrind(text) {
  let frames = [];
  let library = '';
  let isInclusive = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('ob=')) library = line.slice(3);
    // The function and its callers; a number tells apart the rounds of a recursion.
    if (line.startsWith('fn=')) {
      const names = line.slice(3).split("'").filter((name) => !/^\d+$/.test(name));
      frames = trim(names.map((name, i) => frameOf(name, i === 0 ? library : '')).reverse());
    }
    const cost = /^\d+ (\d+)$/.exec(line);
    // The line behind a call is what the callee took, which has lines of its own.
    if (cost && !isInclusive) yield { frames, weight: Number(cost[1]) };
    isInclusive = line.startsWith('calls=');
  }
}

const ownerOf = (frame) => owners.find((owner) => owner.fits(frame));

function makeTree(samples) {
  const root = { frame: frameOf('all'), weight: 0, children: new Map() };
  const shares = new Map(owners.map((owner) => [owner, 0]));
  const own = new Map();
  for (const { frames, weight } of samples) {
    let node = root;
    node.weight += weight;
    for (const frame of frames) {
      if (!node.children.has(frame.name)) {
        node.children.set(frame.name, { frame, weight: 0, children: new Map() });
      }
      node = node.children.get(frame.name);
      node.weight += weight;
    }
    const owner = ownerOf(node.frame);
    shares.set(owner, shares.get(owner) + weight);
    own.set(node.frame.name, (own.get(node.frame.name) ?? 0) + weight);
  }
  return { root, shares, own };
}

const escape = (text) =>
  text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);

const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;

/** The boxes of a node and of all above it, with the number of rows that they take. */
function drawNode(node, left, row, scale, total, boxes) {
  const boxWidth = node.weight * scale;
  if (boxWidth < smallestBox) return row;
  boxes.push({ left, row, width: boxWidth, color: ownerOf(node.frame).color, name: node.frame.name,
    title: `${node.frame.name}: ${percent(node.weight, total)}` });
  let rows = row + 1;
  let childLeft = left;
  for (const child of [...node.children.values()].sort((a, b) => b.weight - a.weight)) {
    rows = Math.max(rows, drawNode(child, childLeft, row + 1, scale, total, boxes));
    childLeft += child.weight * scale;
  }
  return rows;
}

function draw(title, { root, shares }) {
  const boxes = [];
  const rows = drawNode(root, margin, 0, (width - 2 * margin) / root.weight, root.weight, boxes);
  const height = rows * rowHeight + 60;
  const legend = [...shares].map(([owner, weight]) =>
    `<tspan fill="${owner.color}">■</tspan> ${owner.name} ${percent(weight, root.weight)}`);
  const drawn = boxes.map((box) => {
    const top = height - margin - (box.row + 1) * rowHeight;
    const room = Math.floor((box.width - 6) / charWidth);
    const text = room < 3 ? '' : box.name.length <= room ? box.name : `${box.name.slice(0, room - 1)}…`;
    return `<g><title>${escape(box.title)}</title>` +
      `<rect x="${box.left.toFixed(1)}" y="${top}" width="${box.width.toFixed(1)}" ` +
      `height="${rowHeight - 1}" fill="${box.color}" stroke="white" stroke-width="0.3"/>` +
      `<text x="${(box.left + 3).toFixed(1)}" y="${top + 13}">${escape(text)}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n` +
    `<text x="${margin}" y="20" font-size="14">${escape(title)}</text>\n` +
    `<text x="${margin}" y="38">${legend.join('   ')}</text>\n${drawn.join('\n')}\n</svg>\n`;
}

const readers = { perf: readPerf, callgrind: readCallgrind };
const [format, file, title] = process.argv.slice(2);
const tree = makeTree(readers[format](readFileSync(0, 'utf8')));
if (tree.root.weight === 0) {
  console.error('flame_graph.mjs: there are no samples');
  process.exit(1);
}
writeFileSync(file, draw(title, tree));
const say = (name, weight) =>
  console.log(`${percent(weight, tree.root.weight).padStart(7)}  ${name}`);
for (const [owner, weight] of tree.shares) say(owner.name, weight);
console.log('of these');
const hottest = [...tree.own].sort((a, b) => b[1] - a[1]).slice(0, 16);
for (const [name, weight] of hottest) say(name, weight);
