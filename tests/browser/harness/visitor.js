/** A person in a browser: comes in by the form, walks by clicking, and tells what arrives. */

import assert from 'node:assert/strict';

import { screenshot } from './browser.js';

const viewport = { width: 1280, height: 800 };

export class Visitor {
  /** Everything that a page must never say: uncaught errors and console errors. */
  problems = [];

  /**
   * Opens the page without coming in; each visitor has its own storage. `prepare` runs in the page
   * before anything of it.
   */
  static async open(browser, url, { settings = {}, prepare } = {}) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport(viewport);
    page.setDefaultNavigationTimeout(120_000);
    const visitor = new Visitor(context, page);
    page.on('pageerror', (error) => visitor.problems.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') visitor.problems.push(`console: ${message.text()}`);
    });
    await page.evaluateOnNewDocument(countNegotiations);
    await page.evaluateOnNewDocument(keepSockets);
    if (prepare) await page.evaluateOnNewDocument(prepare);
    await page.goto(url);
    await page.evaluate((values) => {
      for (const [key, value] of Object.entries(values)) {
        localStorage.setItem(`earshot.${key}`, JSON.stringify(value));
      }
    }, { language: 'en', saveData: true, ...settings });
    await page.reload();
    return visitor;
  }

  /** Opens the page and comes in. */
  static async enter(browser, url,
    { name, role = 'citizen', mic = true, camera = true, settings = {}, prepare }) {
    const visitor = await Visitor.open(browser, url,
      { settings: { name, role, mic, camera, ...settings }, prepare });
    await visitor.page.waitForSelector('#join-space option');
    await visitor.page.click('#join-button');
    await visitor.waitFor('body[data-view="office"]', name);
    visitor.name = name;
    visitor.participant = await visitor.page.evaluate(() => earshot.office.self.participant);
    await visitor.page.evaluate(collectContributors);
    await visitor.page.evaluate(listen);
    return visitor;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
  }

  /** Waits for an element; on failure says what the page says instead. */
  async waitFor(selector, name = this.name) {
    try {
      await this.page.waitForSelector(selector, { timeout: 30_000 });
    } catch {
      const said = await this.page.$eval('#join-error', (element) => element.textContent);
      throw new Error(`${name}: no ${selector}; the page says "${said}"; ${this.problems}`);
    }
  }

  /** Clicks on the floor and waits until the avatar stands there. */
  async walkTo(x, y) {
    let clicked;
    let now;
    do {
      clicked = await this.pageOf(x, y);
      await this.page.mouse.click(clicked.x, clicked.y);
      // A tile that appears shifts the floor, perhaps under the click.
      now = await this.pageOf(x, y);
    } while (now.x !== clicked.x || now.y !== clicked.y);
    await this.until(`stands at (${x}, ${y})`, ([toX, toY]) => {
      const { self } = earshot.office;
      return Math.hypot(self.x - toX, self.y - toY) < 0.5;
    }, [x, y]);
  }

  /** Where in the page a point of the floor is, once nothing covers it. */
  async pageOf(x, y) {
    const position = await this.until(`sees (${x}, ${y})`, ([toX, toY]) => {
      const at = earshot.floor.toPage({ x: toX, y: toY });
      return document.elementFromPoint(at.x, at.y)?.id === 'floor' && at;
    }, [x, y]);
    return position.jsonValue();
  }

  /** Goes there in a straight line without the page's help, however crowded the way is. */
  async stepTo(x, y) {
    const stepMetres = 0.4;
    const stepMs = 70;
    await this.page.evaluate(async ([toX, toY], metres, milliseconds) => {
      for (;;) {
        const { self } = earshot.office;
        const away = Math.hypot(toX - self.x, toY - self.y);
        if (away < 0.01) return;
        const part = Math.min(1, metres / away);
        earshot.office.move({ x: self.x + (toX - self.x) * part, y: self.y + (toY - self.y) * part,
          heading: Math.atan2(toY - self.y, toX - self.x) });
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
      }
    }, [x, y], stepMetres, stepMs);
  }

  /** Steps into a portal and waits until the page has gone through it. */
  async stepThrough(x, y, space) {
    await this.page.evaluate(([toX, toY]) => earshot.office.move({ x: toX, y: toY }), [x, y]);
    await this.until(`is in ${space}`, (id) => {
      const { office } = earshot;
      return office.space === id && office.state === 'connected';
    }, space);
    this.participant = await this.page.evaluate(() => earshot.office.self.participant);
  }

  /** Presses one of the dock's buttons and waits until it is pressed. */
  async switchOn(kind) {
    await this.page.click(`#${kind}`);
    await this.waitFor(`#${kind}[aria-pressed="true"][aria-busy="false"]`);
  }

  /** By the settings, wherever in the page one is. */
  chooseLanguage(language) {
    return this.page.$eval('#language-settings', (select, value) => {
      select.value = value;
      select.dispatchEvent(new Event('change'));
    }, language);
  }

  /** Presses a button of the card about where one stands, of a request, or of a person's menu. */
  async press(place, act) {
    const selector = `${place} button[data-act="${act}"]`;
    await this.waitFor(selector);
    await this.page.click(selector);
  }

  /** Waits until `condition` holds in the page; a handle of what it then returns. */
  async until(what, condition, argument, timeout = 20_000) {
    try {
      return await this.page.waitForFunction(condition, { timeout, polling: 100 }, argument);
    } catch (error) {
      const [state, heard] = await Promise.all([this.page.evaluate(readState), this.received()]);
      throw new Error(`${this.name}: never ${what} (${error.message}); is ` +
        `${JSON.stringify(state)}; receives ${JSON.stringify(heard)}`);
    }
  }

  /** Per source in a slot: what getStats counts of the slot's stream. */
  received() {
    return this.page.evaluate(readSlots);
  }

  async receivedFrom(other, kind) {
    const slots = await this.received();
    return slots.find((slot) => slot.participant === other.participant && slot.kind === kind);
  }

  /** Waits until sound of `other` is decoded and is no silence. */
  hears(other) {
    return this.receives(other, 'mic', 'packetsReceived', 'audioEnergy');
  }

  /** Waits until pictures of `other` are decoded. */
  sees(other) {
    return this.receives(other, 'camera', 'framesDecoded');
  }

  /** Waits until all `counters` of a source of `other` grow. */
  receives(other, kind, ...counters) {
    return this.until(`receives the ${kind} of ${other.name}`, readingGrows,
      { participant: other.participant, kind, counters });
  }

  /** Waits until no slot is left to `other`. */
  async losesSightOf(other) {
    await this.until(`loses ${other.name}`, (participant) => {
      const { audio, video } = earshot.office.slots;
      return ![...audio, ...video].some(({ source }) => source?.participant === participant);
    }, other.participant);
  }

  /** Ids of all participants whose packets ever arrived, by the CSRC in the packets. */
  contributors() {
    return this.page.evaluate(() => [...globalThis.contributors.keys()]);
  }

  /** When the last packet of `other` arrived, in milliseconds of the page's clock; 0 for never. */
  lastPacketOf(other) {
    return this.page.evaluate((id) => globalThis.contributors.get(id) ?? 0, other.participant);
  }

  packetsReceived() {
    return this.page.evaluate(async () => {
      const stats = [...(await earshot.office.getStats()).values()];
      return stats.filter(({ type }) => type === 'inbound-rtp')
        .reduce((sum, { packetsReceived }) => sum + packetsReceived, 0);
    });
  }

  /** One offer and one answer, by the module's count and by that of the browser's own functions. */
  async assertNegotiatedOnce() {
    const { counted, seen } = await this.page.evaluate(
      () => ({ counted: earshot.office.negotiations, seen: globalThis.negotiations }));
    assert.deepEqual(counted, { joins: 1, offers: 1, answers: 1, iceRestarts: 0 }, this.name);
    assert.deepEqual(seen, { connections: 1, offers: 1, answers: 1 }, this.name);
  }

  assertNoProblems() {
    assert.deepEqual(this.problems, [], this.name);
  }

  screenshot(name) {
    return screenshot(this.page, name);
  }

  close() {
    return this.context.close();
  }
}

// What runs inside the page; each function stands alone. -----------------------------------------

function countNegotiations() {
  globalThis.negotiations = { connections: 0, offers: 0, answers: 0 };
  globalThis.peerConnections = [];
  const counts = globalThis.negotiations;
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...parameters) {
      super(...parameters);
      counts.connections++;
      globalThis.peerConnections.push(this);
    }

    setLocalDescription(...parameters) {
      counts.offers++;
      return super.setLocalDescription(...parameters);
    }

    setRemoteDescription(...parameters) {
      counts.answers++;
      return super.setRemoteDescription(...parameters);
    }
  };
}

function keepSockets() {
  globalThis.sockets = [];
  const Native = WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...parameters) {
      super(...parameters);
      globalThis.sockets.push(this);
    }
  };
}

function collectContributors() {
  const contributors = globalThis.contributors = new Map();
  setInterval(() => {
    const { audio, video } = earshot.office.slots;
    for (const slot of [...audio, ...video]) {
      for (const { source, timestamp } of slot.receiver.getContributingSources()) {
        const participant = source >>> 2;
        const latest = Math.max(timestamp, contributors.get(participant) ?? 0);
        contributors.set(participant, latest);
      }
    }
  }, 200);
}

/**
 * Adds up the energy of each slot's decoded sound. Chromium's own totalAudioEnergy is measured
 * behind the volume of the playing element, which is muted because Web Audio plays the sound.
 */
function listen() {
  const context = new AudioContext();
  const meters = new Map();
  globalThis.energies = new Map();
  setInterval(() => {
    for (const { track, source } of earshot.office.slots.audio) {
      if (!source) continue;
      if (!meters.has(track.id)) {
        const analyser = new AnalyserNode(context, { fftSize: 1024 });
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        meters.set(track.id, analyser);
      }
      const samples = new Float32Array(1024);
      meters.get(track.id).getFloatTimeDomainData(samples);
      const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
      globalThis.energies.set(track.id, (globalThis.energies.get(track.id) ?? 0) + energy);
    }
  }, 100);
}

function readState() {
  const { self, state, negotiations } = earshot.office;
  const origin = earshot.floor.toPage({ x: 0, y: 0 });
  return { x: self.x, y: self.y, state, negotiations, origin };
}

async function readSlots() {
  const { slots } = earshot.office;
  const stats = [...(await earshot.office.getStats()).values()];
  return [...slots.audio, ...slots.video].filter(({ source }) => source).map((slot) => {
    const inbound = stats.find(({ type, trackIdentifier }) =>
      type === 'inbound-rtp' && trackIdentifier === slot.track.id) ?? {};
    return {
      ...slot.source, index: slot.index, track: slot.track.id, ssrc: inbound.ssrc,
      packetsReceived: inbound.packetsReceived ?? 0, framesDecoded: inbound.framesDecoded ?? 0,
      frameWidth: inbound.frameWidth ?? 0, pliCount: inbound.pliCount ?? 0,
      audioEnergy: globalThis.energies.get(slot.track.id) ?? 0,
      contributor: slot.contributingSourceId, gain: slot.gain, distance: slot.distance,
    };
  });
}

/** True once all counters of a source are above where this function first saw them. */
async function readingGrows({ participant, kind, counters }) {
  const { slots } = earshot.office;
  const slot = [...slots.audio, ...slots.video].find(({ source }) =>
    source?.participant === participant && source.kind === kind);
  if (!slot) return false;
  const stats = [...(await earshot.office.getStats()).values()];
  const inbound = stats.find(({ type, trackIdentifier }) =>
    type === 'inbound-rtp' && trackIdentifier === slot.track.id);
  if (!inbound) return false;
  const now = { packetsReceived: inbound.packetsReceived, framesDecoded: inbound.framesDecoded,
    audioEnergy: globalThis.energies?.get(slot.track.id) ?? 0 };
  globalThis.readings ??= new Map();
  const key = `${participant} ${kind} ${slot.track.id}`;
  if (!globalThis.readings.has(key)) globalThis.readings.set(key, now);
  const first = globalThis.readings.get(key);
  const grown = counters.every((counter) => now[counter] > first[counter]);
  // The next question starts anew.
  if (grown) globalThis.readings.delete(key);
  return grown;
}
