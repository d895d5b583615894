/**
 * The page's texts in English and German, and their way into the document. Elements name their text
 * by data-i18n, or their aria-label and tooltip by data-i18n-label.
 */

const texts = {
  en: {
    'join.title': 'Come in',
    'join.lead': 'Walk up to people to hear and see them.',
    'join.name': 'Your name',
    'join.space': 'Where to',
    'join.bring': 'Switched on when you come in',
    'join.enter': 'Enter',
    'join.entering': 'Coming in …',
    'join.fine': 'Only people near you receive your sound and picture.',
    'join.nameMissing': 'Please enter your name.',
    'join.left': 'You have left. See you soon.',
    language: 'Language',
    mic: 'Microphone',
    camera: 'Camera',
    screen: 'Share screen',
    leave: 'Leave',
    close: 'Close',
    done: 'Done',
    you: 'You',
    'office.title': 'Office',
    'dock.title': 'Controls',
    'floor.label': 'Floor plan of {space}',
    'floor.help': 'Walk with the arrow keys or W, A, S, D. The list of people says who is where.',
    'floor.hint': 'Walk with the arrow keys, or click where you want to go',
    'floor.hintTouch': 'Tap where you want to go',
    'tiles.title': 'Cameras of people near you',
    'tiles.shares': 'Shared screens',
    'tiles.self': 'You',
    'tiles.share': '{name} shares a screen',
    'tiles.enlarge': 'Enlarge the screen of {name}',
    'people.title': 'People',
    'people.empty': 'Nobody else is here yet.',
    'people.walk': 'Walk over to {name}',
    'people.near': 'in earshot',
    'people.far': '{metres} m away',
    'people.mic': 'microphone on',
    'people.camera': 'camera on',
    'people.screen': 'shares a screen',
    'where.open': 'Open floor',
    'where.alone': 'nobody in earshot',
    'where.one': '1 person in earshot',
    'where.many': '{count} people in earshot',
    'say.near': '{names} is near you.',
    'say.nearMany': '{names} are near you.',
    'say.gone': '{names} is out of earshot.',
    'say.goneMany': '{names} are out of earshot.',
    'say.room': 'You are in {room}.',
    'say.open': 'You are on the open floor.',
    'say.and': ' and ',
    'say.micOn': 'Microphone on',
    'say.micOff': 'Microphone off',
    'say.cameraOn': 'Camera on',
    'say.cameraOff': 'Camera off',
    'say.screenOn': 'You are sharing your screen',
    'say.screenOff': 'Screen sharing has ended',
    'say.arrived': 'You are in.',
    'settings.title': 'Settings',
    'settings.speaker': 'Loudspeaker',
    'settings.default': 'System default',
    'settings.unnamed': 'Device {number}',
    'settings.saveData': 'Small camera picture, to save data',
    'settings.echo': 'Stronger echo protection (from the next time you come in)',
    'settings.shortcuts': 'Single-key shortcuts: M, C, P, L',
    'banner.interrupted': 'Your connection is interrupted. Finding a new path …',
    'banner.reconnecting': 'The connection is lost. Connecting again …',
    'banner.sound': 'Your browser holds the sound back. Click anywhere to hear the others.',
    'device.mic.denied':
      'The browser blocks the microphone. Allow it in the address bar, then try again.',
    'device.mic.missing': 'No microphone was found. Plug one in, then try again.',
    'device.mic.busy': 'The microphone cannot be opened. Another program may be using it.',
    'device.camera.denied':
      'The browser blocks the camera. Allow it in the address bar, then try again.',
    'device.camera.missing': 'No camera was found. Plug one in, then try again.',
    'device.camera.busy': 'The camera cannot be opened. Another program may be using it.',
    'device.screen.denied': 'The screen was not shared.',
    'device.screen.missing': 'This browser cannot share a screen.',
    'device.screen.busy': 'The screen cannot be captured.',
    'device.ended': 'A device was unplugged or stopped.',
    'error.unsupported':
      'This browser cannot do WebRTC. Please use a current Chrome, Edge, Firefox or Safari.',
    'error.demo-off': 'This server gives out no guest passes. Please come in through your portal.',
    'error.name-invalid': 'This name cannot be used. Please write it in plain letters.',
    'error.signalling-unreachable': 'The server cannot be reached. Please check your network.',
    'error.media-unreachable': 'No sound or picture gets through. A firewall may block UDP.',
    'error.join-timeout': 'The server did not answer in time. Please try again.',
    'error.token-invalid': 'Your pass is not valid. Please come in through your portal again.',
    'error.token-expired': 'Your pass has expired. Please come in through your portal again.',
    'error.space-unknown': 'This place does not exist on this server.',
    'error.limit-reached': 'This place is full. Please try again later.',
    'error.replaced': 'You have come in from another window, so this one was closed.',
    'error.shutting-down': 'The server is being restarted. Please try again in a moment.',
    'error.not-granted': 'You are not allowed to publish this here.',
    'error.other': 'Something went wrong ({code}). Please try again.',
  },
  de: {
    'join.title': 'Kommen Sie herein',
    'join.lead': 'Gehen Sie auf Menschen zu, um sie zu hören und zu sehen.',
    'join.name': 'Ihr Name',
    'join.space': 'Wohin',
    'join.bring': 'Beim Eintreten eingeschaltet',
    'join.enter': 'Eintreten',
    'join.entering': 'Sie treten ein …',
    'join.fine': 'Ton und Bild erreichen nur Menschen in Ihrer Nähe.',
    'join.nameMissing': 'Bitte geben Sie Ihren Namen ein.',
    'join.left': 'Sie sind gegangen. Bis bald!',
    language: 'Sprache',
    mic: 'Mikrofon',
    camera: 'Kamera',
    screen: 'Bildschirm teilen',
    leave: 'Gehen',
    close: 'Schließen',
    done: 'Fertig',
    you: 'Sie',
    'office.title': 'Büro',
    'dock.title': 'Bedienung',
    'floor.label': 'Grundriss von {space}',
    'floor.help':
      'Gehen Sie mit den Pfeiltasten oder W, A, S, D. Die Personenliste sagt, wer wo ist.',
    'floor.hint': 'Gehen Sie mit den Pfeiltasten, oder klicken Sie auf Ihr Ziel',
    'floor.hintTouch': 'Tippen Sie auf Ihr Ziel',
    'tiles.title': 'Kameras der Menschen in Ihrer Nähe',
    'tiles.shares': 'Geteilte Bildschirme',
    'tiles.self': 'Sie',
    'tiles.share': '{name} teilt den Bildschirm',
    'tiles.enlarge': 'Bildschirm von {name} vergrößern',
    'people.title': 'Personen',
    'people.empty': 'Noch ist niemand sonst hier.',
    'people.walk': 'Zu {name} gehen',
    'people.near': 'in Hörweite',
    'people.far': '{metres} m entfernt',
    'people.mic': 'Mikrofon an',
    'people.camera': 'Kamera an',
    'people.screen': 'teilt den Bildschirm',
    'where.open': 'Offene Fläche',
    'where.alone': 'niemand in Hörweite',
    'where.one': '1 Person in Hörweite',
    'where.many': '{count} Personen in Hörweite',
    'say.near': '{names} ist in Ihrer Nähe.',
    'say.nearMany': '{names} sind in Ihrer Nähe.',
    'say.gone': '{names} ist außer Hörweite.',
    'say.goneMany': '{names} sind außer Hörweite.',
    'say.room': 'Sie sind hier: {room}.',
    'say.open': 'Sie sind auf der offenen Fläche.',
    'say.and': ' und ',
    'say.micOn': 'Mikrofon an',
    'say.micOff': 'Mikrofon aus',
    'say.cameraOn': 'Kamera an',
    'say.cameraOff': 'Kamera aus',
    'say.screenOn': 'Sie teilen Ihren Bildschirm',
    'say.screenOff': 'Sie teilen Ihren Bildschirm nicht mehr',
    'say.arrived': 'Sie sind da.',
    'settings.title': 'Einstellungen',
    'settings.speaker': 'Lautsprecher',
    'settings.default': 'Standardgerät',
    'settings.unnamed': 'Gerät {number}',
    'settings.saveData': 'Kleines Kamerabild, um Daten zu sparen',
    'settings.echo': 'Stärkerer Echoschutz (ab dem nächsten Eintreten)',
    'settings.shortcuts': 'Tastenkürzel mit einer Taste: M, C, P, L',
    'banner.interrupted': 'Ihre Verbindung ist unterbrochen. Ein neuer Weg wird gesucht …',
    'banner.reconnecting': 'Die Verbindung ist abgerissen. Sie wird neu aufgebaut …',
    'banner.sound':
      'Ihr Browser hält den Ton zurück. Klicken Sie irgendwo, um die anderen zu hören.',
    'device.mic.denied':
      'Der Browser sperrt das Mikrofon. Erlauben Sie es in der Adresszeile und versuchen Sie ' +
      'es erneut.',
    'device.mic.missing':
      'Kein Mikrofon gefunden. Schließen Sie eines an und versuchen Sie es erneut.',
    'device.mic.busy':
      'Das Mikrofon lässt sich nicht öffnen. Vielleicht nutzt es ein anderes Programm.',
    'device.camera.denied':
      'Der Browser sperrt die Kamera. Erlauben Sie sie in der Adresszeile und versuchen Sie es ' +
      'erneut.',
    'device.camera.missing':
      'Keine Kamera gefunden. Schließen Sie eine an und versuchen Sie es erneut.',
    'device.camera.busy':
      'Die Kamera lässt sich nicht öffnen. Vielleicht nutzt sie ein anderes Programm.',
    'device.screen.denied': 'Der Bildschirm wurde nicht geteilt.',
    'device.screen.missing': 'Dieser Browser kann keinen Bildschirm teilen.',
    'device.screen.busy': 'Der Bildschirm lässt sich nicht aufnehmen.',
    'device.ended': 'Ein Gerät wurde abgezogen oder angehalten.',
    'error.unsupported':
      'Dieser Browser beherrscht kein WebRTC. Bitte nutzen Sie einen aktuellen Chrome, Edge, ' +
      'Firefox oder Safari.',
    'error.demo-off':
      'Dieser Server vergibt keine Gastpässe. Bitte kommen Sie über Ihr Portal herein.',
    'error.name-invalid':
      'Dieser Name geht nicht. Bitte schreiben Sie ihn in einfachen Buchstaben.',
    'error.signalling-unreachable': 'Der Server ist nicht erreichbar. Bitte prüfen Sie Ihr Netz.',
    'error.media-unreachable':
      'Ton und Bild kommen nicht durch. Vielleicht sperrt eine Firewall UDP.',
    'error.join-timeout':
      'Der Server hat nicht rechtzeitig geantwortet. Bitte versuchen Sie es erneut.',
    'error.token-invalid':
      'Ihr Pass ist nicht gültig. Bitte kommen Sie erneut über Ihr Portal herein.',
    'error.token-expired':
      'Ihr Pass ist abgelaufen. Bitte kommen Sie erneut über Ihr Portal herein.',
    'error.space-unknown': 'Diesen Ort gibt es auf diesem Server nicht.',
    'error.limit-reached': 'Hier ist alles voll. Bitte versuchen Sie es später erneut.',
    'error.replaced':
      'Sie sind in einem anderen Fenster eingetreten, darum wurde dieses geschlossen.',
    'error.shutting-down':
      'Der Server wird neu gestartet. Bitte versuchen Sie es gleich noch einmal.',
    'error.not-granted': 'Das dürfen Sie hier nicht senden.',
    'error.other': 'Etwas ist schiefgegangen ({code}). Bitte versuchen Sie es erneut.',
  },
};

export const languages = Object.keys(texts);
let language = 'en';
const listeners = new Set();

/** The text of a key in the present language, with {name} replaced by values.name. */
export function t(key, values = {}) {
  const text = texts[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export function errorText(code) {
  const key = `error.${code}`;
  return key in texts[language] ? t(key) : t('error.other', { code });
}

export function currentLanguage() {
  return language;
}

export function preferredLanguage(stored, offered = navigator.languages) {
  if (languages.includes(stored)) return stored;
  const wanted = offered.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => languages.includes(tag)) ?? 'en';
}

export function setLanguage(next) {
  language = next;
  document.documentElement.lang = next;
  for (const element of document.querySelectorAll('[data-i18n]')) {
    element.textContent = t(element.dataset.i18n);
  }
  for (const element of document.querySelectorAll('[data-i18n-label]')) {
    element.setAttribute('aria-label', t(element.dataset.i18nLabel));
  }
  for (const listener of listeners) listener();
}

/** For texts that are made up of values; returns how to stop listening. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
