/** What the page says by itself: messages that pass, one banner that stays, and spoken news. */

import { t, write } from './i18n.js';

const toastMs = 8000;
const maxToasts = 3;
const gatherMs = 700;

/** How far from an avatar's middle messages stay, in pixels. */
const avatarSize = 30;

const byId = (id) => document.getElementById(id);
let spoken = [];
let timer = null;
let ownPlace = null;

/** What went wrong; `kind` 'news' is for what is no fault. */
export function toast(text, kind = 'fault') {
  const element = document.createElement('p');
  element.className = `toast ${kind}`;
  element.textContent = text;
  const area = byId('toasts');
  // Said again, as when one walks against a door twice, it is said once.
  [...area.children].find((other) => other.textContent === text)?.remove();
  while (area.childElementCount >= maxToasts) area.firstElementChild.remove();
  area.append(element);
  placeNotices();
  setTimeout(() => element.remove(), toastMs);
}

/** `place()` is where one stands oneself, in pixels of the page; null if nowhere. */
export function keepClearOf(place) {
  ownPlace = place;
}

/** What the page says goes to the other end of its column when one would stand under it. */
export function placeNotices() {
  if (!ownPlace || !coversMe()) return;
  const { classList } = byId('side');
  classList.toggle('aside');
  if (coversMe()) classList.toggle('aside');
}

function coversMe() {
  const boxes = [...document.querySelectorAll('.toast, .request, .here:not([hidden])')]
    .map((element) => element.getBoundingClientRect());
  if (boxes.length === 0) return false;
  const { x, y } = ownPlace();
  return boxes.some(({ left, right, top, bottom }) => x > left - avatarSize &&
    x < right + avatarSize && y > top - avatarSize && y < bottom + avatarSize);
}

/** The text of that key; null takes the banner away. */
export function banner(key) {
  const element = byId('banner');
  write(element, () => (key ? t(key) : ''));
  element.hidden = !key;
}

/**
 * For screen readers only: what everybody else sees anyway. News of one moment are gathered, or
 * each would cut off the last.
 */
export function announce(text) {
  spoken.push(text);
  timer ??= setTimeout(() => {
    byId('announcer').textContent = spoken.join(' ');
    spoken = [];
    timer = null;
  }, gatherMs);
}
