/**
 * Reads what callgrind counted of bench/instructions.cc and compares it with what is kept in
 * instructions.json: `node instructions.mjs [--update] FOLDER`. Fails if a case takes more
 * instructions per forwarded packet than kept, by more than `tolerance`.
 */

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const tolerance = 0.05;
const keptFile = new URL('instructions.json', import.meta.url);
// Which machine instructions these use depends on the processor, so they are told apart.
const cipherLibraries = /\/lib(IPSec_MB|crypto)\./;

/** One case of a callgrind file: {name, all, withoutCipher} per packet; null for the empty last. */
function readCase(text) {
  const described = /^desc: Trigger: Client Request: (.+): (\d+)$/m.exec(text);
  if (!described) return null;
  let isCipher = false;
  let isInclusive = false;
  let all = 0;
  let cipher = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('ob=')) isCipher = cipherLibraries.test(line);
    const cost = /^\d+ (\d+)$/.exec(line);
    // The line behind a call is what the callee took, which has lines of its own.
    if (cost && !isInclusive) {
      all += Number(cost[1]);
      if (isCipher) cipher += Number(cost[1]);
    }
    isInclusive = line.startsWith('calls=');
  }
  if (!text.includes(`\ntotals: ${all}\n`)) throw new Error(`${described[1]}: read wrongly`);
  const packets = Number(described[2]);
  return {
    name: described[1],
    all: Math.round(all / packets),
    withoutCipher: Math.round((all - cipher) / packets),
  };
}

function readCases(folder) {
  const cases = {};
  for (const name of readdirSync(folder).sort()) {
    if (!/^callgrind\.out\.\d+$/.test(name)) continue;
    const one = readCase(readFileSync(path.join(folder, name), 'utf8'));
    if (one) cases[one.name] = { all: one.all, withoutCipher: one.withoutCipher };
  }
  return cases;
}

function readKept() {
  try {
    return JSON.parse(readFileSync(keptFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

const columns = { all: 'all', withoutCipher: 'without the cipher' };

function cell(counted, kept) {
  const percent = ((counted / kept - 1) * 100).toFixed(1);
  return `${counted} (${kept ? `${percent < 0 ? '' : '+'}${percent} %` : 'new'})`;
}

function print(cases, kept) {
  console.log('Instructions per forwarded packet, and the change against what is kept:');
  const line = (name, cells) => console.log(name.padEnd(22), ...cells.map((c) => c.padStart(20)));
  line('', Object.values(columns));
  for (const [name, one] of Object.entries(cases)) {
    line(name, Object.keys(columns).map((key) => cell(one[key], kept[name]?.[key])));
  }
}

/** Sentences about what is worse than kept, or cannot be told. */
function findRises(cases, kept) {
  const rises = [];
  for (const name of new Set([...Object.keys(kept), ...Object.keys(cases)])) {
    if (!kept[name] || !cases[name]) {
      rises.push(`${name}: ${kept[name] ? 'kept, but not counted' : 'counted, but not kept'}.`);
      continue;
    }
    for (const [key, words] of Object.entries(columns)) {
      if (cases[name][key] <= kept[name][key] * (1 + tolerance)) continue;
      rises.push(`${name}, ${words}: ${cases[name][key]} in place of ${kept[name][key]}.`);
    }
  }
  return rises;
}

const folder = process.argv.at(-1);
const update = process.argv.includes('--update');
const cases = readCases(folder);
const kept = readKept();
print(cases, kept);
if (update) {
  writeFileSync(keptFile, JSON.stringify(cases, null, 2) + '\n');
} else if (process.arch !== 'x64') {
  console.log('What is kept is of amd64: nothing to compare with here.');
} else {
  const rises = findRises(cases, kept);
  if (rises.length > 0) {
    console.error(`\nThe path of a packet has become longer:\n  ${rises.join('\n  ')}\nIf that is ` +
      'worth it, ./dev instructions --update keeps the new figures; say in CHANGELOG.md what for.');
    process.exit(1);
  }
}
