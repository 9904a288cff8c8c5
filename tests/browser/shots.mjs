// Takes pictures of the page for people to look at: node shots.mjs SITE FOLDER [URL]   (the mock serves when no URL is given)
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { findChromium, openBrowser } from './chromium.mjs';
import { startMock } from './mock/server.mjs';

const [site, folder, address] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const mock = address ? null : await startMock(site);
const empty = address ? null : await startMock(site, { empty: true });
const url = (address ?? mock.url).replace(/\/$/, '');
const browser = await openBrowser(findChromium());

async function shot(name, { width = 1400, height = 900, mobile = false, languages = ['en-US'], at = url, steps = async () => {}, whole = false }) {
  const page = await browser.page({ width, height, mobile, languages });
  await page.goto(at);
  const settle = () => page.until("document.querySelector('#loading').hidden && document.querySelector('#table-box').ariaBusy !== 'true'");
  await settle();
  await pause(500);
  await steps(page);
  await pause(900);
  await settle();
  await pause(200);
  await writeFile(join(folder, `${name}.png`), await page.screenshot({ whole }));
  if (page.seen.problems.length) console.log(name, page.seen.problems);
  await page.evaluate('localStorage.clear()');
  await page.close();
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const es = ['es-MX'];
const toRegion = async (page) => {
  await page.clickOn('#hectares tbody tr:nth-child(2) th');
  await pause(1600);
};

await shot('desktop-en', {});
await shot('desktop-es', { languages: es });
await shot('region-es', { languages: es, steps: toRegion });
await shot('plot-en', { at: `${url}/#plot=40`, steps: () => pause(1500) });
await shot('plot-es', { languages: es, at: `${url}/#plot=40`, steps: () => pause(1500) });
await shot('programme-en', { at: `${url}/#plot=3`, steps: async (page) => { await page.evaluate("document.querySelector('[name=colour-by][value=programme]').click()"); await pause(1500); } });
await shot('programmes-es', { languages: es, steps: async (page) => { await page.evaluate("document.querySelector('[name=colour-by][value=programme]').click()"); await pause(800); } });
await shot('tablet-es', { languages: es, width: 900, height: 1000 });
await shot('phone-es', { languages: es, width: 390, height: 844, mobile: true });
await shot('phone-es-whole', { languages: es, width: 390, height: 844, mobile: true, whole: true });
await shot('phone-plot-en', { width: 390, height: 844, mobile: true, at: `${url}/#plot=40`, steps: () => pause(1500) });
if (empty) await shot('empty-es', { languages: es, at: empty.url });
await browser.close();
mock?.close();
empty?.close();
process.exit(0);
