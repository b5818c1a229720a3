import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { unpackChromium } from './unpackChromium.ts';

/** A Chromium to drive, and where it came from. */
export interface FoundBrowser {
  readonly executablePath: string;
  /** Command-line arguments this browser needs on this system. */
  readonly args: readonly string[];
  /** For people, as in "installed (/usr/bin/chromium)". */
  readonly source: string;
  /** Environment variables it needs beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

type Source = 'installed' | 'playwright' | 'sparticuz';

const SOURCES: Readonly<Record<Source, () => Promise<FoundBrowser | null>>> = {
  installed: installedBrowser,
  playwright: playwrightBrowser,
  sparticuz: packagedBrowser,
};

/**
 * The browser for tests: CHROMIUM_PATH, else an installed Chrome or Chromium, else Playwright's own download, else
 * the one inside npm's @sparticuz/chromium. RP_BROWSER=installed|playwright|sparticuz tries that source alone.
 * Throws an Error that says what to install if there is none.
 */
export async function findBrowser(): Promise<FoundBrowser> {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (!(await isExecutable(named))) {
      throw new Error(
        `CHROMIUM_PATH is "${named}", which is not a program that can be run. Correct or unset it.`,
      );
    }
    return found(named, `CHROMIUM_PATH (${named})`);
  }
  const only = process.env['RP_BROWSER'];
  if (only && !(only in SOURCES)) {
    throw new Error(`RP_BROWSER is "${only}"; it may be ${Object.keys(SOURCES).join(', ')}, or unset.`);
  }
  for (const [source, find] of Object.entries(SOURCES)) {
    if (only && source !== only) continue;
    const browser = await find();
    if (browser) return browser;
  }
  throw new Error(
    `No Chromium was found${only ? ` (RP_BROWSER allows only ${only})` : ''}. Install Chrome or Chromium, or set ` +
      'CHROMIUM_PATH to one, or run "npx playwright-core install chromium"; on Linux x64, "npm ci" with optional ' +
      'dependencies brings one by itself.',
  );
}

function found(executablePath: string, source: string, env?: Readonly<Record<string, string>>): FoundBrowser {
  // Chromium refuses to sandbox for root, and many containers forbid it to others; these pages are our own.
  const args = process.platform === 'linux' ? ['--no-sandbox'] : [];
  return { executablePath, args, source, ...(env && { env }) };
}

async function installedBrowser(): Promise<FoundBrowser | null> {
  for (const path of usualPlaces()) {
    if (await isExecutable(path)) return found(path, `installed (${path})`);
  }
  return null;
}

async function playwrightBrowser(): Promise<FoundBrowser | null> {
  const path = chromium.executablePath();
  return path && (await isExecutable(path)) ? found(path, `Playwright's (${path})`) : null;
}

async function packagedBrowser(): Promise<FoundBrowser | null> {
  const unpacked = await unpackChromium();
  return unpacked && found(unpacked.executablePath, 'npm @sparticuz/chromium', unpacked.env);
}

function usualPlaces(): string[] {
  const { platform, env } = process;
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  if (platform === 'darwin') {
    return ['/Applications', join(env['HOME'] ?? '', 'Applications')].flatMap((folder) =>
      ['Google Chrome', 'Chromium', 'Google Chrome Canary', 'Microsoft Edge'].map((app) =>
        join(folder, `${app}.app`, 'Contents', 'MacOS', app),
      ),
    );
  }
  if (platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) =>
      [
        'Google\\Chrome\\Application\\chrome.exe',
        'Chromium\\Application\\chrome.exe',
        'Microsoft\\Edge\\Application\\msedge.exe',
      ].map((path) => join(env[name] ?? '', path)),
    );
  }
  const names = [
    'google-chrome-stable',
    'google-chrome',
    'chromium',
    'chromium-browser',
    'google-chrome-beta',
  ];
  const elsewhere = ['/usr/bin', '/usr/local/bin', '/opt/google/chrome', '/snap/bin'];
  const paths = names.flatMap((name) => [...folders, ...elsewhere].map((folder) => join(folder, name)));
  return [...paths, '/opt/google/chrome/chrome'];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
