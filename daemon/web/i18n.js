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
    'people.isHeard': 'you hear them',
    'people.hearsMe': 'hears you',
    'people.far': '{metres} m away',
    'people.mic': 'microphone on',
    'people.camera': 'camera on',
    'people.screen': 'shares a screen',
    'where.open': 'Open floor',
    'where.alone': 'nobody hears you',
    'where.one': '1 person hears you',
    'where.many': '{count} people hear you',
    'say.near': '{names} is in earshot.',
    'say.nearMany': '{names} are in earshot.',
    'say.nearCount': '{count} people are in earshot.',
    'say.gone': '{names} is out of earshot.',
    'say.goneMany': '{names} are out of earshot.',
    'say.goneCount': '{count} people are out of earshot.',
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
    'say.passed': 'You are now in: {space}.',
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
    'banner.soundInterrupted':
      'A call or another app has taken the sound. Click anywhere to hear the others again.',
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
    'join.role': 'You come as',
    'role.citizen': 'Citizen or colleague',
    'role.clerk': 'Clerk, with an office of your own',
    'role.chair': 'Chair of the council',
    'people.more': 'More about {name}',
    megaphone: 'To everybody',
    disturb: 'Undisturbed',
    'here.title': 'Here',
    'here.door': '{name}: {state}',
    'door.open': 'open',
    'door.shut': 'shut',
    'door.locked': 'locked',
    'door.to.open': 'Open',
    'door.to.shut': 'Shut',
    'door.to.locked': 'Lock',
    'here.knock': 'Knock',
    'here.knocked': 'You have knocked: {room}. Waiting for an answer …',
    'here.unknock': 'Do not wait',
    'here.stage': '{name}',
    'here.ask': 'Ask to speak',
    'here.asked': '{name}: you have asked to speak',
    'here.unask': 'Withdraw',
    'here.takeFloor': 'Take the floor',
    'here.podium': 'You are speaking on {name}',
    'here.podiumLeave': 'Step down',
    'here.guest': '{name} is your guest',
    'here.revoke': 'End the visit',
    'here.stay': 'You may be in {name} until {time}',
    'here.bubble': 'Talking apart with {names}',
    'here.bubbleLeave': 'Leave',
    'here.whisper': 'You whisper to {name}',
    'here.follow': 'You follow {name}',
    'here.end': 'End',
    'request.title': 'Requests',
    'request.knock': '{name} knocks: {room}',
    'request.admit': '{minutes} min',
    'request.deny': 'Not now',
    'request.invite': '{name} would like to talk apart with you',
    'request.accept': 'Join',
    'request.decline': 'No, thanks',
    'request.call': '{name} asks you to come over',
    'request.go': 'Go there',
    'request.podium': '{name} asks to speak: {room}',
    'request.give': 'Give the floor',
    'request.later': 'Later',
    'news.podiumgiven': '{name} speaks on {room}.',
    'news.podiumended': 'You no longer speak on {room}.',
    'news.admitted': 'You may come in: {room}.',
    'news.denied': 'Nobody can see you now: {room}.',
    'news.unanswered': 'Nobody has answered your knock: {room}.',
    'news.stayended': 'Your visit has ended: {room}.',
    'news.entryrefused': 'You cannot go in: {room}. Knock at its door.',
    'news.whisper': '{name} whispers to you.',
    'news.followed': '{name} follows you.',
    'news.megaphoneon': '{name} speaks to everybody.',
    'news.bubblejoined': '{name} talks apart with you.',
    'news.bubbleleft': '{name} has left the talk.',
    'say.undisturbed': 'Nobody disturbs you now.',
    'say.disturbable': 'Others may call you again.',
    'say.megaphoneOn': 'Everybody hears you.',
    'say.megaphoneOff': 'Only people near you hear you.',
    'menu.walk': 'Walk over',
    'menu.whisper': 'Whisper',
    'menu.invite': 'Talk apart',
    'menu.follow': 'Follow',
    'menu.call': 'Ask to come here',
    'menu.beam': 'Go there at once',
    'menu.give': 'Give the floor',
    'menu.take': 'Take the floor back',
    'outcome.nothing-to-do': 'There is nothing to do.',
    'outcome.not-allowed': 'You are not allowed to do this.',
    'outcome.too-far': 'You are too far away.',
    'outcome.full': 'There is no room left.',
    'outcome.disturbs': 'This person does not want to be disturbed.',
    'outcome.too-often': 'That was too often. Please wait a moment.',
    'outcome.knock.too-far': 'Nobody is there who could open.',
    'outcome.knock.disturbs': 'Whoever is there does not want to be disturbed.',
    'outcome.knock.full': 'Too many people are waiting already.',
    'outcome.lost': 'The connection was lost.',
    'outcome.unknown': 'That did not work.',
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
    'error.codecs-unusable': 'This browser has no format for this that the server knows.',
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
    'people.isHeard': 'für Sie zu hören',
    'people.hearsMe': 'hört Sie',
    'people.far': '{metres} m entfernt',
    'people.mic': 'Mikrofon an',
    'people.camera': 'Kamera an',
    'people.screen': 'teilt den Bildschirm',
    'where.open': 'Offene Fläche',
    'where.alone': 'niemand hört Sie',
    'where.one': '1 Person hört Sie',
    'where.many': '{count} Personen hören Sie',
    'say.near': '{names} ist in Hörweite.',
    'say.nearMany': '{names} sind in Hörweite.',
    'say.nearCount': '{count} Personen sind in Hörweite.',
    'say.gone': '{names} ist außer Hörweite.',
    'say.goneMany': '{names} sind außer Hörweite.',
    'say.goneCount': '{count} Personen sind außer Hörweite.',
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
    'say.passed': 'Sie sind jetzt hier: {space}.',
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
    'banner.soundInterrupted':
      'Ein Anruf oder eine andere App hat den Ton übernommen. Klicken Sie irgendwohin, um die ' +
      'anderen wieder zu hören.',
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
    'join.role': 'Sie kommen als',
    'role.citizen': 'Bürgerin, Bürger oder Kollegium',
    'role.clerk': 'Sachbearbeitung mit eigenem Büro',
    'role.chair': 'Vorsitz des Rates',
    'people.more': 'Mehr zu {name}',
    megaphone: 'An alle',
    disturb: 'Ungestört',
    'here.title': 'Hier',
    'here.door': '{name}: {state}',
    'door.open': 'offen',
    'door.shut': 'zu',
    'door.locked': 'abgeschlossen',
    'door.to.open': 'Öffnen',
    'door.to.shut': 'Schließen',
    'door.to.locked': 'Abschließen',
    'here.knock': 'Anklopfen',
    'here.knocked': 'Sie haben angeklopft: {room}. Warten auf Antwort …',
    'here.unknock': 'Nicht warten',
    'here.stage': '{name}',
    'here.ask': 'Wort erbitten',
    'here.asked': '{name}: Sie haben um das Wort gebeten',
    'here.unask': 'Zurückziehen',
    'here.takeFloor': 'Das Wort ergreifen',
    'here.podium': 'Sie sprechen: {name}',
    'here.podiumLeave': 'Wort abgeben',
    'here.guest': '{name} ist Ihr Gast',
    'here.revoke': 'Besuch beenden',
    'here.stay': 'Sie dürfen bis {time} hier sein: {name}',
    'here.bubble': 'Gespräch unter sich mit {names}',
    'here.bubbleLeave': 'Verlassen',
    'here.whisper': 'Sie flüstern mit {name}',
    'here.follow': 'Sie folgen {name}',
    'here.end': 'Beenden',
    'request.title': 'Anfragen',
    'request.knock': '{name} klopft an: {room}',
    'request.admit': '{minutes} Min.',
    'request.deny': 'Jetzt nicht',
    'request.invite': '{name} möchte mit Ihnen unter sich sprechen',
    'request.accept': 'Mitreden',
    'request.decline': 'Nein, danke',
    'request.call': '{name} bittet Sie zu sich',
    'request.go': 'Hingehen',
    'request.podium': '{name} bittet um das Wort: {room}',
    'request.give': 'Wort erteilen',
    'request.later': 'Später',
    'news.podiumgiven': '{name} spricht: {room}.',
    'news.podiumended': 'Sie haben das Wort nicht mehr: {room}.',
    'news.admitted': 'Sie dürfen eintreten: {room}.',
    'news.denied': 'Gerade hat niemand Zeit: {room}.',
    'news.unanswered': 'Niemand hat auf Ihr Klopfen geantwortet: {room}.',
    'news.stayended': 'Ihr Besuch ist beendet: {room}.',
    'news.entryrefused': 'Sie können nicht hinein: {room}. Klopfen Sie an der Tür an.',
    'news.whisper': '{name} flüstert Ihnen zu.',
    'news.followed': '{name} folgt Ihnen.',
    'news.megaphoneon': '{name} spricht zu allen.',
    'news.bubblejoined': '{name} spricht unter sich mit Ihnen.',
    'news.bubbleleft': '{name} hat das Gespräch verlassen.',
    'say.undisturbed': 'Niemand stört Sie jetzt.',
    'say.disturbable': 'Andere dürfen Sie wieder rufen.',
    'say.megaphoneOn': 'Alle hören Sie.',
    'say.megaphoneOff': 'Nur wer nahe ist, hört Sie.',
    'menu.walk': 'Hingehen',
    'menu.whisper': 'Flüstern',
    'menu.invite': 'Unter sich sprechen',
    'menu.follow': 'Folgen',
    'menu.call': 'Zu mir bitten',
    'menu.beam': 'Sofort hin',
    'menu.give': 'Wort erteilen',
    'menu.take': 'Wort entziehen',
    'outcome.nothing-to-do': 'Es gibt nichts zu tun.',
    'outcome.not-allowed': 'Das dürfen Sie nicht.',
    'outcome.too-far': 'Sie sind zu weit weg.',
    'outcome.full': 'Es ist kein Platz mehr.',
    'outcome.disturbs': 'Diese Person möchte nicht gestört werden.',
    'outcome.too-often': 'Das war zu oft. Bitte warten Sie einen Moment.',
    'outcome.knock.too-far': 'Es ist niemand da, der öffnen könnte.',
    'outcome.knock.disturbs': 'Wer dort ist, möchte nicht gestört werden.',
    'outcome.knock.full': 'Es warten schon zu viele.',
    'outcome.lost': 'Die Verbindung ging verloren.',
    'outcome.unknown': 'Das hat nicht geklappt.',
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
    'error.codecs-unusable': 'Dieser Browser hat dafür kein Format, das der Server kennt.',
    'error.other': 'Etwas ist schiefgegangen ({code}). Bitte versuchen Sie es erneut.',
  },
};

export const languages = Object.keys(texts);
let language = 'en';
const listeners = new Set();
/** Element → what makes its text anew, for those that `write` has marked. */
const written = new WeakMap();

/** The text of a key in the present language, with {name} replaced by values.name. */
export function t(key, values = {}) {
  const text = texts[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export function errorText(code) {
  const key = `error.${code}`;
  return key in texts[language] ? t(key) : t('error.other', { code });
}

/** What came of an act that changed nothing; of some acts there is more to say. */
export function outcomeText(outcome, act) {
  const ofAct = `outcome.${act}.${outcome}`;
  return t(ofAct in texts[language] ? ofAct : `outcome.${outcome}`);
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
  for (const element of document.querySelectorAll('[data-written]')) {
    element.textContent = written.get(element)();
  }
  for (const element of document.querySelectorAll('[data-i18n-label]')) {
    element.setAttribute('aria-label', t(element.dataset.i18nLabel));
  }
  for (const listener of listeners) listener();
}

/** Gives an element the text that `text()` makes, in this language and in those chosen later. */
export function write(element, text) {
  written.set(element, text);
  element.dataset.written = '';
  element.textContent = text();
}

/** For texts that are made up of values; returns how to stop listening. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
