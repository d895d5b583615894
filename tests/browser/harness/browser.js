/** Debian's browsers, headless, with cameras and microphones that are not real. */

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import puppeteer from 'puppeteer-core';

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const firefox = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const artifacts = new URL('../artifacts/', import.meta.url);

const chromiumArguments = [
  '--use-fake-device-for-media-stream=fps=10',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection', '--disable-quic', '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** `allowDevices: false` leaves the permission prompt to the test; `more` are further arguments. */
export function launchChromium({ allowDevices = true, language = 'en-GB', more = [] } = {}) {
  return puppeteer.launch({
    executablePath: chromium,
    args: [...chromiumArguments, ...more, `--lang=${language}`, `--accept-lang=${language}`,
      ...(allowDevices ? ['--use-fake-ui-for-media-stream'] : [])],
    protocolTimeout: 120_000,
  });
}

export function hasFirefox() {
  return existsSync(firefox);
}

export function launchFirefox() {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox,
    protocolTimeout: 120_000,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.gmp-manager.updateEnabled': false,
      'app.update.enabled': false,
    },
  });
}

/** Where screenshots of a test run go; they are looked at, not compared. */
export async function screenshot(page, name) {
  await mkdir(artifacts, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, artifacts).pathname });
}
