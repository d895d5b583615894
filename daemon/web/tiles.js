/**
 * The pictures of those near: one tile per video slot in use, larger the nearer; shared screens get
 * a place of their own. A slot keeps its <video> for good, as its stream never ends.
 */

import { onLanguage, t } from './i18n.js';

export class Tiles {
  #office;
  #tiles = new Map();
  #selfTile;
  #areas = { camera: document.getElementById('tiles'), screen: document.getElementById('shares') };
  #listeners = new AbortController();
  #sizes = new ResizeObserver(() => this.#letScroll());
  #stopLanguage;

  constructor(office) {
    this.#office = office;
    const { signal } = this.#listeners;
    office.addEventListener('slotchanged', ({ detail }) => this.#show(detail.slot), { signal });
    office.addEventListener('slothint', ({ detail }) => this.#resize(detail.slot), { signal });
    this.#selfTile = makeTile();
    this.#selfTile.element.classList.add('self');
    this.#selfTile.element.hidden = true;
    this.#areas.camera.append(this.#selfTile.element);
    this.#stopLanguage = onLanguage(() => this.#rename());
    for (const slot of office.slots.video) if (slot.source) this.#show(slot);
    this.#rename();
    for (const element of [this.#selfTile.element, ...Object.values(this.#areas)]) {
      this.#sizes.observe(element);
    }
  }

  /** One's own camera, or null. */
  showSelf(track) {
    this.#selfTile.element.hidden = !track;
    this.#selfTile.video.srcObject = track ? new MediaStream([track]) : null;
    this.#layOut();
  }

  close() {
    this.#listeners.abort();
    this.#stopLanguage();
    this.#sizes.disconnect();
    for (const { element } of [this.#selfTile, ...this.#tiles.values()]) element.remove();
    this.#tiles.clear();
    this.#layOut();
  }

  #show(slot) {
    if (slot.kind !== 'video') return;
    let tile = this.#tiles.get(slot.index);
    if (!slot.source) {
      tile?.element.remove();
      this.#layOut();
      return;
    }
    if (tile?.track !== slot.track) {
      tile?.element.remove();
      tile = makeTile(slot.track);
      this.#tiles.set(slot.index, tile);
      this.#sizes.observe(tile.element);
    }
    tile.slot = slot;
    const kind = slot.source.kind === 'screen' ? 'screen' : 'camera';
    tile.element.dataset.kind = kind;
    tile.element.dataset.participant = slot.source.participant;
    waitForPicture(tile);
    this.#name(tile);
    this.#resize(slot);
    const before = kind === 'camera' ? this.#selfTile.element : null;
    this.#areas[kind].insertBefore(tile.element, before);
    tile.video.play().catch(() => {});
    this.#layOut();
  }

  #resize(slot) {
    if (slot.kind !== 'video') return;
    this.#tiles.get(slot.index)?.element.classList.toggle('paused', slot.detail === 'paused');
    const near = 1 - Math.min(1, slot.distance / this.#office.plan.visible.leave);
    this.#tiles.get(slot.index)?.element.style.setProperty('--near', near.toFixed(2));
  }

  #name(tile) {
    const { participant, kind } = tile.slot.source;
    const name = this.#office.people.get(participant)?.name ?? '';
    tile.name.textContent = kind === 'screen' ? t('tiles.share', { name }) : name;
    tile.expand.hidden = kind !== 'screen';
    tile.expand.setAttribute('aria-label', t('tiles.enlarge', { name }));
  }

  #rename() {
    this.#selfTile.name.textContent = t('tiles.self');
    for (const tile of this.#tiles.values()) if (tile.slot.source) this.#name(tile);
  }

  #layOut() {
    for (const area of Object.values(this.#areas)) {
      area.classList.toggle('in-use', area.querySelector('.tile:not([hidden])') !== null);
    }
    this.#letScroll();
  }

  /** Pictures that do not fit are scrolled by keyboard too; those that do need no stop. */
  #letScroll() {
    for (const area of Object.values(this.#areas)) {
      const fits = area.scrollHeight <= area.clientHeight && area.scrollWidth <= area.clientWidth;
      if (fits) area.removeAttribute('tabindex');
      else area.tabIndex = 0;
    }
  }
}

function makeTile(track = null) {
  const element = document.createElement('figure');
  element.className = 'tile';
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  if (track) video.srcObject = new MediaStream([track]);
  const caption = document.createElement('figcaption');
  const name = document.createElement('bdi');
  const expand = document.createElement('button');
  expand.type = 'button';
  expand.className = 'expand';
  expand.hidden = true;
  const template = document.querySelector('#people-close svg').cloneNode(true);
  template.firstElementChild.setAttribute('href', '#i-expand');
  expand.append(template);
  expand.addEventListener('click', () => toggleFullscreen(element));
  caption.append(name);
  element.append(video, caption, expand);
  return { element, video, name, expand, track, slot: null };
}

/** The slot still shows the last picture of whoever left; veil it until the next person's comes. */
function waitForPicture({ element, video }) {
  element.classList.add('waiting');
  const show = () => element.classList.remove('waiting');
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(show);
  else setTimeout(show, 500);
}

function toggleFullscreen(element) {
  if (document.fullscreenElement) document.exitFullscreen();
  else element.requestFullscreen?.();
}
