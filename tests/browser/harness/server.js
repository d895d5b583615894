/** A real earshotd in demo mode on free ports, for one test file. EARSHOTD names the program. */

import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const program = process.env.EARSHOTD;
/** A process whose network namespace the server is to run in (in_two_networks.sh). */
const network = process.env.EARSHOT_SERVER_NETWORK;
const webRoot = new URL('../../../daemon/web', import.meta.url).pathname;
const startTimeoutMs = 20_000;

/** A floor of 40 x 26 m with one closed room above its middle; people arrive in the middle. */
export const floor = {
  space: 'test-hall',
  room: { name: 'Closed room', outline: [[14, 3], [24, 3], [24, 9], [14, 9]] },
};

export class Server {
  #process = null;
  #config = null;
  #ports = null;
  #directory = null;
  #pageAddress = null;
  log = '';

  /**
   * `slots` as in the configuration: {audio, video}; `address` is where media goes, `pageAddress`
   * where browsers find the page; `spaces` is the configuration's text of them.
   */
  static async start({ slots = { audio: 24, video: 16 }, address = '127.0.0.1',
    pageAddress = '127.0.0.1', spaces = testHall() } = {}) {
    if (!program) throw new Error('EARSHOTD must name the earshotd program');
    const server = new Server();
    server.#directory = await mkdtemp(path.join(os.tmpdir(), 'earshot-test-'));
    server.#pageAddress = pageAddress;
    server.#ports = { page: await freeTcpPort(), admin: await freeTcpPort(),
      media: await freeUdpPort() };
    server.#config = path.join(server.#directory, 'earshotd.yaml');
    const text = configText(server.#ports, slots, address, pageAddress) + spaces;
    await writeFile(server.#config, text);
    await server.run();
    return server;
  }

  get url() {
    return `http://localhost:${this.#ports.page}/`;
  }

  /** Runs the program; also again after halt(), on the same ports. */
  async run() {
    const command = [program, '--config', this.#config, '--web-root', webRoot];
    if (network) command.unshift('nsenter', '--net', '--target', network);
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => { this.log += data; });
    }
    const deadline = Date.now() + startTimeoutMs;
    while (!await this.#answers()) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`earshotd did not start:\n${this.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async halt() {
    if (!this.#process || this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }

  async stop() {
    await this.halt();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async metrics() {
    return (await fetch(`http://127.0.0.1:${this.#ports.admin}/metrics`)).text();
  }

  /** Of a histogram: how often, and the upper bounds of the buckets of the median and of p99. */
  async quantiles(name) {
    const buckets = [...(await this.metrics())
      .matchAll(new RegExp(`^${name}_bucket{le="([^"]+)"} (\\d+)`, 'gm'))]
      .map(([, bound, total]) => ({ bound, total: Number(total) }));
    const count = buckets.at(-1)?.total ?? 0;
    const quantile = (part) => buckets.find(({ total }) => total >= part * count)?.bound;
    return { count, p50: quantile(0.5), p99: quantile(0.99) };
  }

  async #answers() {
    try {
      return (await fetch(`http://${this.#pageAddress}:${this.#ports.page}/`)).ok;
    } catch {
      return false;
    }
  }
}

function configText({ page, admin, media }, slots, address, pageAddress) {
  return `
listen: {address: ${pageAddress}, port: ${page}}
admin: {address: 127.0.0.1, port: ${admin}}
media:
  bind: ${address}
  port: ${media}
  workers: 1
  announce: [${address}]
  slots: {audio: ${slots.audio}, video: ${slots.video}}
demo: true
`;
}

/** The spaces of the office that `./dev run` opens. */
export async function demoSpaces() {
  const text = await readFile(new URL('../../../configs/demo.yaml', import.meta.url), 'utf8');
  return text.slice(text.indexOf('spaces:'), text.indexOf('log:'));
}

/** `more` are further lines of the plan. */
export function testHall(more = '') {
  const corners = floor.room.outline.map((corner) => `[${corner.join(', ')}]`).join(', ');
  return `spaces:
  - id: ${floor.space}
    plan:
      width: 40
      height: 26
      audible: {enter: 8, leave: 9}
      visible: {enter: 10, leave: 11}
      full_gain_radius: 1.5
      sight_radius: 60
      spawn: {x: 20, y: 14}
      ${more}
      zones:
        - name: ${floor.room.name}
          kind: room
          outline: [${corners}]
`;
}

async function freeTcpPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function freeUdpPort() {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
