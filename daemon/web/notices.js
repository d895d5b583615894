/** What the page says by itself: messages that pass, one banner that stays, and spoken news. */

const toastMs = 8000;
const maxToasts = 3;
const gatherMs = 700;

const byId = (id) => document.getElementById(id);
let spoken = [];
let timer = null;

/** What went wrong; `kind` 'news' is for what is no fault. */
export function toast(text, kind = 'fault') {
  const element = document.createElement('p');
  element.className = `toast ${kind}`;
  element.textContent = text;
  const area = byId('toasts');
  while (area.childElementCount >= maxToasts) area.firstElementChild.remove();
  area.append(element);
  setTimeout(() => element.remove(), toastMs);
}

/** An empty text takes the banner away. */
export function banner(text) {
  const element = byId('banner');
  element.textContent = text;
  element.hidden = text === '';
}

/** For screen readers only. News of one moment are gathered, or each would cut off the last. */
export function announce(text) {
  spoken.push(text);
  timer ??= setTimeout(() => {
    byId('announcer').textContent = spoken.join(' ');
    spoken = [];
    timer = null;
  }, gatherMs);
}
