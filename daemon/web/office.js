/**
 * The demo office: puts the page's parts together and runs its one loop. What is drawn, said and
 * heard each has its module; here is only who tells whom.
 */

import { connect, EarshotError, SpatialAudio } from './earshot.js';
import { Controls } from './controls.js';
import { Encounters } from './encounters.js';
import { openSettings, setUpSettings } from './devices.js';
import { Floor } from './floor.js';
import { errorText, onLanguage, preferredLanguage, setLanguage, t } from './i18n.js';
import { fetchToken, loadSpaces, setUpJoin, showEntering, showError, spaceTitle } from './join.js';
import { announce, banner, keepClearOf, placeNotices, toast } from './notices.js';
import { People } from './people.js';
import { get, set } from './settings.js';
import { Surroundings } from './surroundings.js';
import { Tiles } from './tiles.js';
import { Walker } from './walk.js';

const levelMs = 120;
const soundStartMs = 1000;
/** Below this a level counts as silence, and the drawing rests. */
const audible = 0.01;
const byId = (id) => document.getElementById(id);
const floor = new Floor(byId('floor'));
let visit = null;

/** Zones that are mine, that I have been let into, or whose doors I may unlock. */
function keysOf({ acts, may, owns, plan }) {
  const rooms = may.includes('moderate')
    ? plan.zones.flatMap(({ kind }, zone) => (kind === 'room' ? [zone] : [])) : [];
  return new Set([...owns, ...acts.stays.keys(), ...rooms]);
}

/** One stay in the office, from entering to leaving. */
class Visit {
  #office;
  #audio;
  #walker;
  #plan;
  #tiles;
  #people;
  #controls;
  #surroundings;
  #encounters;
  #listeners = new AbortController();
  #ownLevel = null;
  #frame = 0;
  #frameAt = 0;
  #levelTimer;

  constructor(office) {
    this.#office = office;
    this.#audio = new SpatialAudio(office, { echo: get('loopback') ? 'loopback' : 'off' });
    this.#plan = office.plan;
    this.#walker = new Walker(office.plan, office.self, () => keysOf(office));
    this.#tiles = new Tiles(office);
    const walkTo = (id) => this.#walkToPerson(id);
    this.#surroundings = new Surroundings(office);
    this.#encounters = new Encounters(office, {
      walkTo, admitted: (...guest) => this.#surroundings.addGuest(...guest) });
    this.#people = new People(office, {
      walkTo, openMenu: (id) => this.#encounters.openMenu(id) });
    this.#controls = new Controls(office, (kind, track) => this.#ownSourceChanged(kind, track));
    this.#levelTimer = setInterval(() => this.#measureLevels(), levelMs);
    floor.setPlan(office.plan);
    keepClearOf(() => floor.toPage(office.self));
    this.#listen();
    this.#watchSound();
    if (get('speakerDevice')) this.#audio.setOutput(get('speakerDevice')).catch(() => {});
    this.draw();
  }

  get controls() {
    return this.#controls;
  }

  get audio() {
    return this.#audio;
  }

  leave() {
    this.#office.leave();
  }

  /** The list has been opened or closed. */
  showPeople() {
    this.#people.refresh();
    this.draw();
  }

  /** Asks for one more frame; the loop rests while nothing moves. */
  draw() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame((now) => this.#drawFrame(now));
  }

  #drawFrame(now) {
    const seconds = this.#frameAt ? (now - this.#frameAt) / 1000 : 1 / 60;
    if (this.#walker.step(seconds)) {
      this.#office.move(this.#walker.pose);
      for (const hint of document.querySelectorAll('.hint')) hint.classList.add('done');
    }
    const unsettled = floor.draw({
      self: this.#office.self, people: this.#office.people, reach: this.#office.reach,
      target: this.#walker.target, seconds });
    placeNotices();
    this.#frame = 0;
    const again = unsettled || this.#walker.moving;
    this.#frameAt = again ? now : 0;
    if (again) this.draw();
  }

  #listen() {
    const office = this.#office;
    const { signal } = this.#listeners;
    const on = (type, listener) => office.addEventListener(type, listener, { signal });
    for (const type of ['personentered', 'personleft', 'personchanged']) {
      on(type, () => {
        this.#people.refresh();
        this.draw();
      });
    }
    // The words follow in a moment: news of several people are one sentence.
    for (const type of ['hearingchanged', 'reachchanged']) on(type, () => this.draw());
    on('posechanged', ({ detail }) => {
      if (detail.corrected) this.#stand();
      this.draw();
    });
    on('news', ({ detail }) => {
      if (detail.event === 'portalreached') this.#pass(office.plan.portals[detail.zone]);
      this.#surroundings.refresh();
      this.draw();
    });
    on('planchanged', ({ detail }) => {
      floor.setPlan(detail.plan);
      this.#stand();
      this.draw();
    });
    on('statechanged', ({ detail }) => this.#showState(detail.state));
    on('closed', ({ detail }) => endVisit(detail.code));
    this.#listenToFloor(signal);
  }

  #listenToFloor(signal) {
    addEventListener('keydown', (event) => this.#keyDown(event), { signal });
    addEventListener('keyup', ({ code }) => this.#walker.release(code), { signal });
    addEventListener('blur', () => this.#walker.releaseAll(), { signal });
    addEventListener('resize', () => this.draw(), { signal });
    matchMedia('(prefers-color-scheme: dark)')
      .addEventListener('change', () => this.draw(), { signal });
    byId('floor').addEventListener('pointerdown', ({ clientX, clientY }) => {
      const point = floor.toFloor(clientX, clientY);
      const person = floor.personAt(point, this.#office.people);
      if (person) {
        this.#encounters.openMenu(person.participant);
      } else {
        this.#walker.walkTo(point);
        this.draw();
      }
    }, { signal });
  }

  #keyDown(event) {
    // Pictures that do not fit are scrolled by the keys that otherwise walk.
    const hasOwnKeys = event.target.closest?.('input, select, textarea, dialog, #tiles[tabindex]');
    if (hasOwnKeys || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.code === 'Escape' && !byId('people').hidden) {
      togglePeople();
    } else if (this.#walker.press(event.code)) {
      event.preventDefault();
      this.draw();
    } else if (!event.repeat && event.code === 'KeyL' && get('shortcuts')) {
      togglePeople();
    } else if (!event.repeat) {
      this.#controls.press(event.code);
    }
  }

  #walkToPerson(id) {
    const person = this.#office.people.get(id);
    if (!person) return;
    this.#walker.walkToPerson(person);
    this.draw();
  }

  async #pass(portal) {
    try {
      await this.#office.pass(portal);
      labelFloor();
      toast(t('say.passed', { space: spaceTitle(portal.space) }), 'news');
    } catch (error) {
      toast(errorText(error.code ?? error.name));
    }
  }

  /** Where the server says; a new plan is that of another stay. */
  #stand() {
    const { self, plan } = this.#office;
    if (plan === this.#plan) this.#walker.standAt(self);
    else this.#walker.enter(plan, self);
    this.#plan = plan;
  }

  #showState(state) {
    this.#showBanner();
    if (state === 'connected') floor.setPlan(this.#office.plan);
    this.draw();
  }

  #ownSourceChanged(kind, track) {
    if (kind === 'camera') this.#tiles.showSelf(track);
    if (kind !== 'mic') return;
    this.#ownLevel?.input.disconnect();
    this.#ownLevel = track && meter(this.#audio.context, track);
  }

  #measureLevels() {
    const levels = floor.levels;
    const wasLoud = [...levels.values()].some((level) => level > audible);
    levels.clear();
    for (const slot of this.#office.slots.audio) {
      if (slot.source?.kind === 'mic') levels.set(slot.source.participant, slot.level);
    }
    if (this.#ownLevel) levels.set(this.#office.self.participant, this.#ownLevel.read());
    const isLoud = [...levels.values()].some((level) => level > audible);
    if (wasLoud || isLoud) this.draw();
  }

  /**
   * Browsers hold sound back until the page was clicked (joining is a click, a reload is not), and
   * take it away again for a telephone call. A touch counts when the finger is lifted.
   */
  #watchSound() {
    const { signal } = this.#listeners;
    const resume = () => {
      if (this.#audio.state !== 'running') this.#audio.resume().catch(() => {});
    };
    for (const type of ['pointerdown', 'pointerup', 'touchend', 'click', 'keydown']) {
      addEventListener(type, resume, { signal, capture: true });
    }
    document.addEventListener('visibilitychange', resume, { signal });
    this.#audio.addEventListener('statechanged', () => this.#showBanner(), { signal });
    // To start takes a moment in any case.
    setTimeout(() => this.#showBanner(), soundStartMs);
    resume();
  }

  /** What is wrong with the connection, or else with the sound. */
  #showBanner() {
    if (this.#listeners.signal.aborted) return;
    const { state } = this.#office;
    const sound = this.#audio.state;
    if (state === 'interrupted' || state === 'reconnecting') banner(`banner.${state}`);
    else if (sound === 'suspended') banner('banner.sound');
    else if (sound === 'interrupted') banner('banner.soundInterrupted');
    else banner(null);
  }

  end() {
    this.#listeners.abort();
    clearInterval(this.#levelTimer);
    cancelAnimationFrame(this.#frame);
    this.#controls.close();
    this.#surroundings.close();
    this.#encounters.close();
    this.#people.close();
    this.#tiles.close();
    this.#audio.close();
    banner(null);
    keepClearOf(null);
  }
}

/** Loudness of a local track in [0, 1]. */
function meter(context, track) {
  const input = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  input.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const read = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.sqrt(power) * 2);
  };
  return { input, read };
}

async function enter({ name, space, role, mic, camera }) {
  showEntering(true);
  try {
    const token = async ({ space: wanted }) => {
      if (!space && await loadSpaces()) space = byId('join-space').value;
      return fetchToken(name, wanted ?? space, role);
    };
    const office = await connect({ url: new URL('v1/connect', location.href), token });
    visit = new Visit(office);
    globalThis.earshot = { office, floor };
    showView('office');
    labelFloor();
    byId('floor').focus();
    announce(t('say.arrived'));
    if (mic) visit.controls.switch('mic', true);
    if (camera) visit.controls.switch('camera', true);
  } catch (error) {
    if (!(error instanceof EarshotError)) console.error(error);
    showError(() => errorText(error.code ?? error.name));
  } finally {
    showEntering(false);
  }
}

function endVisit(code) {
  visit.end();
  visit = null;
  byId('people').hidden = true;
  byId('people-button').setAttribute('aria-expanded', 'false');
  showView('join');
  showError(() => (code === 'left' ? t('join.left') : errorText(code)));
  byId('join-name').focus();
}

function showView(name) {
  document.body.dataset.view = name;
  byId('join').hidden = name !== 'join';
  byId('office').hidden = name !== 'office';
}

function labelFloor() {
  const { office } = globalThis.earshot ?? {};
  if (!office) return;
  byId('floor').setAttribute('aria-label', t('floor.label', { space: spaceTitle(office.space) }));
}

function togglePeople() {
  const panel = byId('people');
  panel.hidden = !panel.hidden;
  byId('people-button').setAttribute('aria-expanded', String(!panel.hidden));
  if (panel.hidden) byId('people-button').focus();
  visit?.showPeople();
}

function chooseLanguage(language) {
  set('language', language);
  setLanguage(language);
  for (const id of ['language', 'language-settings']) byId(id).value = language;
}

function settingChanged(setting) {
  if (setting === 'micDevice') visit?.controls.reopen('mic');
  if (setting === 'cameraDevice' || setting === 'saveData') visit?.controls.reopen('camera');
  if (setting === 'speakerDevice') visit?.audio.setOutput(get('speakerDevice')).catch(() => {});
}

for (const id of ['language', 'language-settings']) {
  byId(id).addEventListener('change', ({ target }) => chooseLanguage(target.value));
}
byId('leave').addEventListener('click', () => visit?.leave());
byId('people-button').addEventListener('click', togglePeople);
byId('people-close').addEventListener('click', togglePeople);
byId('settings-button').addEventListener('click', openSettings);
addEventListener('pagehide', () => visit?.leave());
onLanguage(labelFloor);
setUpJoin(enter);
setUpSettings(settingChanged);
const language = preferredLanguage(get('language'));
for (const id of ['language', 'language-settings']) byId(id).value = language;
setLanguage(language);
