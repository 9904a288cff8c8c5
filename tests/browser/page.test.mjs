// The page in a real browser. Without arguments against the stand-in server of mock/; with --serve against the built program
// ($PARCELA) on a small registry made for the test; with $PARCELA_URL against a server that already runs (not written to).
// Exit 0: all hold; 1: something does not; 77: no browser or no program here.
import { existsSync } from 'node:fs';

import { findChromium, openBrowser } from './chromium.mjs';
import { startMock } from './mock/server.mjs';
import { startServed } from './served.mjs';

const skip = (why) => {
  console.log(`skipped: ${why}`);
  process.exit(77);
};
const chromium = findChromium() ?? skip('no Chromium here (set CHROMIUM)');
const site = process.env.PARCELA_SITE;
const serve = process.argv.includes('--serve');

let failures = 0;
function check(what, holds, found) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds || found === undefined ? '' : `: found ${JSON.stringify(found)}`}`);
  if (!holds) failures += 1;
}

async function startServer() {
  if (process.env.PARCELA_URL) return { url: process.env.PARCELA_URL.replace(/\/$/, ''), close: () => {} };
  if (!serve) return startMock(site ?? skip('PARCELA_SITE names no built page'));
  const parcela = process.env.PARCELA;
  if (!parcela || !existsSync(parcela)) skip('the program is not built (PARCELA)');
  return startServed(parcela);
}

const settled = "document.querySelector('#loading').hidden && document.querySelector('#table-box').getAttribute('aria-busy') === 'false'";
const text = (selector) => `document.querySelector(${JSON.stringify(selector)})?.textContent ?? null`;
const plainNumber = (words) => Number(words.replace(/,/g, '')); // es-MX and en both write 1,234.5
const round2 = (value) => Math.round(value * 100) / 100;

async function open(browser, url, options) {
  const page = await browser.page(options);
  await page.goto(url);
  await page.until(`document.querySelector('#hectares tfoot [data-total=hectares]') && ${settled}`, 'the page to settle');
  await page.send('Page.bringToFront', {});
  return page;
}

// Colours of the map as a count of pixels that are neither grey nor pale: plots, circles, hatching.
const colouredPixels = `(() => {
  let coloured = 0;
  for (const canvas of document.querySelectorAll('#map canvas')) {
    if (!canvas.width || !canvas.height) continue;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 120 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) coloured++;
    }
  }
  return coloured;
})()`;

// A value of the page once it rests: nothing is loading and it was the same four times, each after frames that the page could draw
// in. Counts frames and not time, because a loaded machine draws late.
async function resting(page, expression, what) {
  const drawn = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(${expression}), 100))))`;
  await page.until(settled, what);
  let last = null;
  for (let same = 0; same < 4;) {
    const now = await page.evaluate(drawn);
    same = now === last && (await page.evaluate(settled)) ? same + 1 : 0;
    last = now;
  }
  return last;
}
// Holds once the page says so.
async function checkUntil(page, what, expression) {
  const held = await page.until(expression, what).then(() => true, () => false);
  check(what, held);
}

// Metres of a pixel, by the scale line.
const scaleOfMap = "(() => { const [n, unit] = document.querySelector('.ol-scale-line-inner').textContent.split(' '); return Number(n) * (unit === 'km' ? 1000 : 1) / document.querySelector('.ol-scale-line-inner').offsetWidth; })()";

// Plots are drawn in colour, and a layer switch adds what it says. By programme where the registry has no elevation data.
async function checkMap(page) {
  const coloured = async (least, what) => {
    await page.until(`${settled} && ${colouredPixels} > ${least}`, what);
    return resting(page, colouredPixels, what);
  };
  if (serve) await page.evaluate("document.querySelector('[name=colour-by][value=programme]').click()");
  await page.evaluate("document.querySelector('[data-layer=corridors]').click()");
  const plots = await coloured(300, 'plots in colour');
  check('plots are drawn in colour', plots > 300, plots);
  await page.evaluate("document.querySelector('[data-layer=corridors]').click()");
  const both = await coloured(plots + 300, 'corridors over the plots');
  check('the corridor switch adds corridors', both > plots + 300, { plots, both });
  await page.evaluate("document.querySelector('[data-layer=plots]').click()");
  await page.until(`${colouredPixels} < ${both}`, 'the map without plots');
  check('the plot switch takes plots away', true);
  await page.evaluate("document.querySelector('[data-layer=plots]').click()");
  await page.until(`${colouredPixels} >= ${both}`, 'the plots again');
}

async function checkTable(page, url) {
  const served = await (await fetch(`${url}/hectares?by=municipality`, { headers: { Accept: 'application/json' } })).json();
  const rows = await page.evaluate("document.querySelector('#hectares tbody').rows.length");
  check('a row for each municipality', rows === served.groups.length && rows > 0, { rows, groups: served.groups.length });
  const total = plainNumber(await page.evaluate(text('#hectares tfoot [data-total=hectares]')));
  check('the total is that of /hectares', total === round2(served.total.hectares), { total, served: served.total.hectares });
  const shown = await page.evaluate("[...document.querySelector('#hectares tbody').rows].map((row) => row.cells[2].firstChild.textContent)");
  const sum = round2(shown.reduce((all, words) => all + plainNumber(words), 0));
  check('printed rows add up to the printed total', sum === total, { sum, total });
  const error = served.total.hectares_se;
  check('the total has its interval', plainNumber((await page.evaluate(text('#hectares tfoot .plus-minus'))).replace('± ', '')) === round2(1.959963984540054 * error), { error });
  check('rows have theirs', (await page.evaluate("document.querySelectorAll('#hectares tbody .plus-minus').length")) >= served.groups.length);
  check('plots of the total', plainNumber(await page.evaluate(text('#hectares tfoot [data-total=plots]'))) === served.total.plots);

  const names = "[...document.querySelector('#hectares tbody').rows].filter((row) => row.dataset.key).map((row) => row.cells[0].textContent)";
  await page.evaluate("document.querySelector('[data-sort=name]').click()");
  const sorted = await page.evaluate(names);
  check('sorting by name', sorted.every((name, i) => i === 0 || new Intl.Collator('en', { sensitivity: 'base', numeric: true }).compare(sorted[i - 1], name) <= 0), sorted);
  await page.evaluate("document.querySelector('[data-sort=name]').click()");
  check('sorting again turns it round', (await page.evaluate(names))[0] === sorted[sorted.length - 1]);
  check('the sorted column says so', (await page.evaluate("document.querySelector('[data-sort=name]').closest('th').getAttribute('aria-sort')")) === 'descending');

  const csv = await page.evaluate("fetch(document.querySelector('#csv').href).then(async (answer) => [answer.status, answer.headers.get('content-type')])");
  check('the CSV link answers with CSV', csv[0] === 200 && csv[1].startsWith('text/csv'), csv);

  const programme = served.groups.length && (await (await fetch(`${url}/hectares?by=programme`)).json()).groups.find((group) => group.programme);
  if (programme) {
    await page.evaluate(`(() => { const list = document.querySelector('#programme'); list.value = ${JSON.stringify(programme.programme)}; list.dispatchEvent(new Event('change', {bubbles: true})); })()`);
    await page.until(`${settled} && ${JSON.stringify(round2(programme.hectares))} === Number((${text('#hectares tfoot [data-total=hectares]')}).replace(/,/g, ''))`, `the table of ${programme.programme}`);
    check('the programme filter narrows the table', true);
    await page.evaluate("(() => { const list = document.querySelector('#programme'); list.value = ''; list.dispatchEvent(new Event('change', {bubbles: true})); })()");
    await page.until(`${settled} && ${total} === Number((${text('#hectares tfoot [data-total=hectares]')}).replace(/,/g, ''))`, 'the whole table again');
  }
}

// Goes to a plot by its address, closes the panel, and opens it again by a click on the map, where the page has put it.
async function checkPlot(page, url) {
  const items = await (await fetch(`${url}/collections/plots/items?limit=1`)).json().catch(() => null);
  const plot = items?.features?.[0] ?? (await (await fetch(`${url}/collections/plots/items/1`)).json());
  await page.goto('about:blank');
  await page.goto(`${url}/#plot=${plot.id}`);
  await page.until("document.querySelector('#detail [data-figure=hectares]')", 'the panel of the plot in the address');
  await resting(page, `${scaleOfMap} * 1e6 + ${colouredPixels}`, 'the zoom to the plot');
  const heading = await page.evaluate(text('#detail h2'));
  const at = await page.evaluate(`(() => { const map = document.querySelector('#map').getBoundingClientRect(), panel = document.querySelector('#detail').getBoundingClientRect(),
    legend = document.querySelector('#legend').getBoundingClientRect(); return [(legend.right + 24 + panel.left - 24) / 2, (map.top + map.height / 2)]; })()`);
  await page.evaluate("document.querySelector('#detail .close').click()");
  await checkUntil(page, 'the panel closes', "document.querySelector('#detail').hidden");
  await page.move(at[0], at[1]);
  await page.click(at[0], at[1]);
  await page.until("!document.querySelector('#detail').hidden && document.querySelector('#detail [data-figure=hectares]')", 'the panel of the clicked plot');
  check('a click on the plot opens its figures', (await page.evaluate(text('#detail h2'))) === heading, [heading, await page.evaluate(text('#detail h2'))]);
  const ha = plainNumber(await page.evaluate(text('#detail [data-figure=hectares]')));
  check('with the hectares of the registry', ha === round2(plot.properties.hectares), { ha, registry: plot.properties.hectares });
  await checkUntil(page, 'and its facts', "document.querySelectorAll('#detail dt').length >= 3");
  await checkMilpa(page, url, plot);
  await checkUntil(page, 'the address names the plot', `location.hash === '#plot=${plot.id}'`);
  await page.press('Escape');
  await checkUntil(page, 'Escape closes it', "document.querySelector('#detail').hidden");
  await page.evaluate("document.querySelector('#map').focus()");
}

// The plan in the panel: a drawn hillside, widths, rows, trees and the ratio with its interval, as the server says, in both languages.
async function checkMilpa(page, url, plot) {
  const served = await (await fetch(`${url}/milpa?plot=${plot.id}`)).json();
  const plan = served.plots[0];
  if (!Number.isFinite(plan.soil_loss_ratio)) return check('a plan where there is elevation', false, plan);
  await page.until("document.querySelector('#milpa:not([hidden]) svg')", 'the plan of milpa');
  const said = (key) => page.evaluate(text(`#milpa [data-milpa=${key}]`));
  check('the picture has rows and a width', (await page.evaluate("document.querySelectorAll('#milpa .milpa-tree').length")) === 4 && /^1[04]\.[56] m$/.test(await page.evaluate(text('#milpa .milpa-text'))));
  check('metres of row are those of /milpa', plainNumber((await said('rows')).split(' ')[0]) === Math.round(plan.row_m), [await said('rows'), plan.row_m]);
  check('trees too', plainNumber((await said('trees')).split(' ')[0]) === plan.trees, [await said('trees'), plan.trees]);
  const ratio = await said('ratio');
  check('the ratio of soil loss has its interval', Number(ratio.split(' ')[0]) === round2(plan.soil_loss_ratio) && /\(\d\.\d\d–\d\.\d\d\)/.test(ratio) && !/t\/ha/.test(ratio), ratio);
  check('the widths are named', /1[04]\.[56] m wide/.test(await said('width')), await said('width'));
  check('and the equation', /USLE/.test(await page.evaluate(text('#milpa .hint'))));
  await page.evaluate("document.querySelector('[data-language=es]').click()");
  const planIn = (title, width) => `document.querySelector('#milpa:not([hidden]) svg') && /${title}/.test(${text('#milpa h3')}) && /${width}/.test(${text('#milpa [data-milpa=width]')})`;
  await checkUntil(page, 'in Spanish as well', planIn('árboles frutales', 'de ancho'));
  await page.evaluate("document.querySelector('[data-language=en]').click()");
  await page.until(planIn('fruit trees', 'wide'), 'the plan in English again');
  await page.evaluate("document.querySelector('#detail h2').focus()"); // where opening a plot puts it
  if (!serve) return;
  await checkUntil(page, 'what the slopes rest on', `/FAO_2006 · Colinas, test/.test(${text('#detail [data-slope-method]')})`);
  await checkUntil(page, 'expected hectares beside the plain ones', "document.querySelectorAll('#detail .expected').length > 0");
}

async function checkLanguage(page, url) {
  const header = "document.querySelector('#hectares thead').textContent";
  await checkUntil(page, 'English by the browser', `${header}.includes('Municipality')`);
  await page.clickOn('[data-language=es]');
  await checkUntil(page, 'Spanish by the switch', `${header}.includes('Municipio') && document.documentElement.lang === 'es' && ${settled}`);
  const untranslated = await page.evaluate("[...document.querySelectorAll('[data-t]')].filter((node) => node.textContent === node.dataset.t || !node.textContent).map((node) => node.dataset.t)");
  check('every label has its text', untranslated.length === 0, untranslated);
  await page.goto('about:blank');
  await page.goto(url);
  await page.until(`document.querySelector('#hectares tfoot [data-total=hectares]') && ${settled}`);
  await checkUntil(page, 'the choice is remembered', `${header}.includes('Municipio')`);
  await page.clickOn('[data-language=en]');
  await page.until(`${header}.includes('Municipality') && ${settled}`, 'English again');
}

// A click in the table zooms to the municipality: smaller ground in the scale line, and its row is marked.
async function checkRegion(page) {
  const before = await resting(page, scaleOfMap, 'the map before the click');
  await page.clickOn('#hectares tbody tr.clickable .link');
  await page.until("document.querySelector('#hectares tr.picked')", 'the picked row');
  await page.until(`${scaleOfMap} < ${before}`, 'the map to zoom to the municipality');
  check('a click on a row zooms to it', true);
  await page.until(settled);
}

async function checkRecord(page, url) {
  const { requests, problems, failures: refused } = page.seen;
  const away = requests.filter((address) => !address.startsWith(`${url}/`) && !address.startsWith('about:'));
  check('no request leaves the origin', away.length === 0 && requests.length > 5, away.slice(0, 5));
  check('no answer is an error', refused.length === 0, refused.slice(0, 5));
  check('no console error, exception or policy violation', problems.length === 0, problems.slice(0, 5));
}

async function checkHostileNames(page) {
  const injected = await page.evaluate("document.querySelectorAll('#hectares b, #detail b, #legend b').length");
  check('names are text, never markup', injected === 0 && (await page.evaluate("document.querySelector('#hectares tbody').textContent")).includes('<b>Marqués</b>'));
}

async function checkEmpty(browser) {
  const empty = await startMock(site, { empty: true });
  const page = await open(browser, empty.url, {});
  await checkUntil(page, 'an empty registry says which command fills it', "!document.querySelector('#empty').hidden && document.querySelector('#empty').textContent.includes('parcela import')");
  await checkRecord(page, empty.url);
  await page.close();
  empty.close();
}

async function checkPhone(browser, url) {
  const page = await open(browser, url, { width: 390, height: 844, mobile: true });
  check('a phone shows map and table without scrolling sideways', await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), await page.evaluate('document.documentElement.scrollWidth'));
  await checkUntil(page, 'and draws the map', `${colouredPixels} > 100`);
  await page.close();
}

// An editor drops two files: one that can be read and one that cannot. Dry run, report, commit of the one.
async function checkImports(browser, { url, token }) {
  const page = await open(browser, url, {});
  const plots = "Number(document.querySelector('#hectares tfoot [data-total=plots]').textContent.replace(/,/g, ''))";
  const before = await page.evaluate(plots);
  const square = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: { code: 'SOLTADA-1' }, geometry: { type: 'Polygon', coordinates: [[[-92.5, 16.5], [-92.499, 16.5], [-92.499, 16.501], [-92.5, 16.501], [-92.5, 16.5]]] } }] };
  await page.evaluate(`(() => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([${JSON.stringify(JSON.stringify(square))}], 'soltada.geojson'));
    dropped.items.add(new File(['{"type":"FeatureCollection","features":[{"type"'], 'cortada.geojson'));
    dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }));
    document.querySelector('#import-token').value = 'parcela_wrong';
    document.querySelector('#import-programme').value = 'SOLTADAS';
  })()`);
  await checkUntil(page, 'dropped files open the dialog', "document.querySelector('#imports').open && document.querySelectorAll('#import-chosen li').length === 2");
  await page.clickOn('#import-send');
  await page.until("!document.querySelector('#import-failed').hidden", 'the refusal of a wrong token');
  check('a wrong token is refused', true);
  await page.evaluate(`document.querySelector('#import-token').value = ${JSON.stringify(token)}`);
  await page.clickOn('#import-send');
  await page.until("document.querySelector('[data-state=checked]')", 'the report of the dry run');
  await checkUntil(page, 'the report counts', `${text('[data-count=new]')} === '1'`);
  await checkUntil(page, 'and names the file that cannot be read', `${text('#import-report')}.includes('cortada.geojson')`);
  check('nothing is written yet', (await (await fetch(`${url}/hectares`)).json()).total.plots === before);
  await page.clickOn('#import-skip');
  await page.clickOn('#import-commit');
  await page.until("document.querySelector('[data-state=committed]')", 'the import');
  await page.until(`${plots} === ${before + 1}`, 'the table with the new plot');
  check('the import is in the table', true);

  // the same place in metres of UTM 15N, which GeoJSON cannot say: refused (in the language of the page, whatever the browser asks
  // for), and sent again with the first system that is offered
  await page.evaluate("document.querySelector('[data-language=es]').click()");
  const metres = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: { code: 'METROS-1' }, geometry: { type: 'Polygon', coordinates: [[[553400, 1824500], [553500, 1824500], [553500, 1824600], [553400, 1824600], [553400, 1824500]]] } }] };
  await page.evaluate(`(() => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([${JSON.stringify(JSON.stringify(metres))}], 'metros.geojson'));
    dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }));
  })()`);
  await page.clickOn('#import-send');
  await page.until("document.querySelector('#import-report [data-crs]')", 'the coordinate systems to choose from');
  check('the refusal is in Spanish', (await page.evaluate(text('#import-report'))).includes('el archivo no nombra su sistema de referencia'), await page.evaluate(text('#import-report')));
  await page.evaluate("document.querySelector('[data-language=en]').click()");
  check('the likeliest is first', (await page.evaluate("document.querySelector('#import-report [data-crs]').dataset.crs")) === 'EPSG:32615');
  await page.clickOn('#import-report [data-crs]');
  await page.until("document.querySelector('[data-state=checked]')", 'the dry run with the chosen system');
  check('the report counts the plot', (await page.evaluate(text('[data-count=new]'))) === '1');
  await page.clickOn('#import-discard');
  await page.until("!document.querySelector('#import-report [data-state]')", 'the end of it');
  check('the token is kept nowhere', await page.evaluate(`![...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie].join().includes(${JSON.stringify(token)})`));
  await page.close();
}

const server = await startServer();
const browser = await openBrowser(chromium);
try {
  console.log(`${await browser.version()} at ${server.url}`);
  const page = await open(browser, server.url, {});
  await checkMap(page);
  await checkTable(page, server.url);
  await checkLanguage(page, server.url);
  await checkRegion(page);
  if (!process.env.PARCELA_URL) await checkHostileNames(page);
  await checkPlot(page, server.url);
  await checkRecord(page, server.url);
  await checkPhone(browser, server.url);
  if (server.token) await checkImports(browser, server);
  if (!serve && !process.env.PARCELA_URL) await checkEmpty(browser);
} catch (error) {
  check(error.message, false);
} finally {
  await browser.close();
  await server.close();
}
console.log(failures ? `${failures} failed` : 'all hold');
process.exit(failures ? 1 : 0);
