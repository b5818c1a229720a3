/**
 * Makes the icons of the installed page from public/icon.svg:
 *
 *   node --import tsx scripts/makeIcons.ts
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from './browserPath.ts';

const folder = fileURLToPath(new URL('../public/', import.meta.url));
/** Paper to the edge, and the mark within the middle four fifths: systems cut maskable icons to any shape. */
const icons = [
  { name: '192.png', pixels: 192, mark: 1, paper: 'transparent' },
  { name: '512.png', pixels: 512, mark: 1, paper: 'transparent' },
  { name: 'maskable-512.png', pixels: 512, mark: 0.72, paper: '#fbfaf6' },
  { name: 'apple-touch.png', pixels: 180, mark: 0.86, paper: '#fbfaf6' },
];

const svg = await readFile(`${folder}icon.svg`, 'utf8');
const found = await findBrowser();
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: [...found.args],
  env: { ...process.env, ...found.env },
});
await mkdir(`${folder}icons`, { recursive: true });
for (const { name, pixels, mark, paper } of icons) {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  const source = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await page.setContent(
    `<body style="margin:0;background:${paper};display:grid;place-items:center;height:100vh"><img src="${source}" style="width:${100 * mark}%"></body>`,
  );
  await writeFile(`${folder}icons/${name}`, await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
