// Puts the page together: loads the first answers, joins map, legend, table and panel, keeps the address in step.
import { ApiError, getHectares, getLayers, getPlot, getTileJson } from './api.js';
import { programmeColours, slopeColours } from './colours.js';
import { createDetail } from './detail.js';
import { byId, el, replace } from './dom.js';
import { currentLanguage, hectares, number, onLanguage, percent, setLanguage, t, translatePage, word } from './i18n.js';
import { createImports } from './imports.js';
import { createLegend, namedClasses } from './legend.js';
import { createMap } from './map.js';
import { renderMethod } from './method.js';
import { corridorShare, createTable, isRegionLevel } from './table.js';

const DIMENSIONS = ['municipality', 'state', 'programme', 'organisation', 'crop', 'practice', 'year'];

const state = {
  by: 'municipality', programme: '', programmes: [], method: null, layers: [], classes: [], slope: new Map(), programmeColours: new Map(),
  total: null, plot: null, cell: null,
};
let map = null;
let tableRequest = null;
let plotRequest = null;

const legend = createLegend({
  layer: (name, visible) => map?.setVisible(name, visible),
  colourBy(value) {
    map.look.colourBy = value;
    map.restyle();
    renderLegend();
  },
});
const detail = createDetail({ close: closePlot, zoom: () => (state.cell ? map.zoomInAt(state.cell) : map.zoomToChosen()) }, () => ({
  classes: state.classes, slope: state.slope, programmeName,
}));
const table = createTable({ row: pickRegion }, () => ({
  slope: state.slope, className: (code) => state.classes.find((row) => row.code === code)?.label ?? t('noData'),
}));

const imports = createImports({ committed: loadTable }, () => state.programmes);

start();

async function start() {
  translatePage();
  markLanguage();
  wire();
  const quiet = (promise) => promise.catch(() => null);
  const [plots, corridors, regions, layers] = await Promise.all([
    getTileJson('plots').catch((error) => ({ hidden: error.status === 401 || error.status === 403 })),
    ...['corridors', 'regions'].map((layer) => quiet(getTileJson(layer))), quiet(getLayers()),
  ]);
  state.layers = layers ?? [];
  if (plots.hidden) byId('notice').textContent = t('plotsHidden');
  map = createMap(byId('map'), { plots, corridors, regions }, {
    pick: (feature) => (feature ? pickFeature(feature) : closePlot()),
    hover, loading: (busy) => byId('loading').toggleAttribute('hidden', !busy), failed: () => (byId('tiles-failed').hidden = false), moved: renderLegend,
  });
  renderLegend();
  renderDimensions();
  await Promise.all([loadProgrammes(), loadTable()]);
  const wanted = /[#&]plot=([^&]+)/.exec(location.hash);
  if (wanted) showPlot(decodeURIComponent(wanted[1]), { zoom: true });
}

function wire() {
  for (const button of document.querySelectorAll('[data-language]')) button.addEventListener('click', () => setLanguage(button.dataset.language));
  byId('zoom-in').addEventListener('click', () => map?.zoomBy(1));
  byId('zoom-out').addEventListener('click', () => map?.zoomBy(-1));
  byId('zoom-home').addEventListener('click', () => {
    map?.clearRegion();
    map?.home();
  });
  byId('reload').addEventListener('click', () => location.reload());
  byId('by').addEventListener('change', (event) => {
    state.by = event.target.value;
    loadTable();
  });
  byId('programme').addEventListener('change', (event) => {
    state.programme = event.target.value;
    map.look.only = state.programme;
    map.restyle();
    renderLegend();
    loadTable();
  });
  if (byId('map').clientWidth < 620) byId('legend').open = false; // it would hide the map
  onLanguage(() => {
    markLanguage();
    nameClasses();
    renderLegend();
    renderDimensions();
    renderProgrammes();
    renderTotals();
    table.render();
    imports.render();
    renderMethod(state.method, state.layers);
    if (state.plot) detail.plot(state.plot, { focus: false });
    else if (state.cell) detail.cell(state.cell, { focus: false });
  });
}

function markLanguage() {
  for (const button of document.querySelectorAll('[data-language]')) button.setAttribute('aria-pressed', String(button.dataset.language === currentLanguage()));
}

// ---- hectares ----

async function loadProgrammes() {
  try {
    const answer = await getHectares('programme', '');
    state.programmes = answer.groups.filter((group) => group.programme !== null && group.programme !== undefined)
      .map((group) => ({ code: String(group.programme), name: group.programme_name ?? null, hectares: group.hectares }));
  } catch {
    state.programmes = []; // the table tells of the failure
  }
  state.programmeColours = programmeColours(state.programmes.map(({ code }) => code));
  map.look.programmes = state.programmeColours;
  renderProgrammes();
  renderLegend();
  map.restyle();
}

async function loadTable() {
  tableRequest?.abort();
  tableRequest = new AbortController();
  const { by, programme } = state;
  const status = byId('table-status');
  status.textContent = t('loadingTable');
  byId('table-failed').hidden = true;
  byId('table-box').setAttribute('aria-busy', 'true');
  try {
    const answer = await getHectares(by, programme, tableRequest.signal);
    takeAnswer(answer);
    table.show(by, programme, answer);
    renderTotals();
    status.textContent = t('tableReady', { n: number(answer.groups.length), ha: hectares(answer.total?.hectares) });
  } catch (error) {
    if (error.name === 'AbortError') return;
    status.textContent = '';
    replace(byId('table-failed'), el('span', {}, t('failedTable', { why: why(error) })), el('button', { type: 'button', class: 'button', onclick: loadTable }, t('retry')));
    byId('table-failed').hidden = false;
  }
  byId('table-box').setAttribute('aria-busy', 'false');
}

function takeAnswer(answer) {
  answer.groups = Array.isArray(answer.groups) ? answer.groups : [];
  state.total = answer.total ?? {};
  state.method = answer.method ?? null;
  nameClasses();
  map.look.slope = state.slope;
  map.restyle();
  renderLegend();
  renderMethod(state.method, state.layers);
  const empty = state.programme === '' && state.total.plots === 0;
  byId('empty').hidden = !empty;
  if (empty) byId('legend').open = false;
}

function nameClasses() {
  state.classes = namedClasses(state.method, state.total?.slope_class_hectares);
  state.slope = slopeColours(state.classes);
}

function renderTotals() {
  if (!state.total) return;
  const tile = (value, unit, label) => el('div', { class: 'kpi' }, el('p', { class: 'kpi-value' }, el('strong', {}, value), unit && ` ${unit}`), el('p', { class: 'kpi-label' }, label));
  replace(byId('totals'),
    tile(hectares(state.total.hectares), t('hectaresShort'), state.programme ? programmeName(state.programme) : t('allProgrammes')),
    tile(number(state.total.plots), null, t('plots').toLocaleLowerCase()),
    tile(percent(corridorShare(state.total)), null, t('inCorridor')));
}

function renderDimensions() {
  const levels = state.layers.filter(({ kind, level }) => kind === 'regions' && level).map(({ level }) => level);
  const all = [...new Set([...DIMENSIONS.filter((by) => !isRegionLevel(by) || by === state.by || levels.includes(by)), ...levels])];
  replace(byId('by'), all.map((by) => el('option', { value: by, selected: by === state.by }, t(`dims.${by}`, {}, word(by)))));
}

function renderProgrammes() {
  replace(byId('programme'), el('option', { value: '' }, t('allProgrammes')),
    state.programmes.map(({ code, name }) => el('option', { value: code }, name ?? code)));
  byId('programme').value = state.programme;
}

const programmeName = (code) => state.programmes.find((one) => one.code === code)?.name ?? code;

function renderLegend() {
  if (!map) return;
  legend.render({
    colourBy: map.look.colourBy, classes: state.classes, slope: state.slope, programmes: state.programmes, programmeColours: state.programmeColours,
    largest: map.largestCell(), filtered: state.programme !== '', mixed: map.mixedCells(),
  });
}

// ---- the map's answers ----

function pickFeature(feature) {
  if (feature.get('cell')) {
    plotRequest?.abort();
    remember(null);
    state.plot = null;
    state.cell = feature;
    map.choose(feature);
    detail.cell(feature);
  } else {
    showPlot(feature.getId() ?? feature.get('id'), { title: feature.get('code') });
  }
}

async function showPlot(id, { title = String(id), zoom = false } = {}) {
  plotRequest?.abort();
  const request = (plotRequest = new AbortController());
  state.cell = null;
  detail.loading(title);
  try {
    const plot = await getPlot(id, request.signal);
    state.plot = plot;
    map.choose(plot.geometry);
    detail.plot(plot);
    remember(id);
    if (zoom) map.zoomToChosen();
    else map.uncover(byId('detail'));
  } catch (error) {
    if (error.name === 'AbortError') return;
    detail.failed(title, why(error), () => showPlot(id, { title, zoom }));
  }
}

function closePlot() {
  plotRequest?.abort();
  const inside = byId('detail').contains(document.activeElement);
  state.plot = state.cell = null;
  map.choose(null);
  detail.close();
  remember(null);
  if (inside) byId('map').focus({ preventScroll: true });
}

// The open plot is in the address, so that it can be sent to a colleague.
function remember(id) {
  history.replaceState(null, '', id === null ? location.pathname + location.search : `#plot=${encodeURIComponent(id)}`);
}

async function pickRegion(level, key, name) {
  const found = await map.zoomToRegion(level, key).catch(() => false);
  byId('notice').textContent = found ? '' : t('regionNotFound', { name });
  for (const row of byId('hectares').tBodies[0].rows) row.classList.toggle('picked', found && row.dataset.key === key);
  if (found && matchMedia('(max-width: 760px)').matches) byId('map').scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}

function hover(feature, pixel) {
  const tip = byId('hover');
  tip.hidden = !feature;
  if (!feature) return;
  const ha = `${hectares(feature.get('ha'))} ha`;
  tip.textContent = feature.get('cell') ? `${t('cellTitle', { n: number(feature.get('plots')) })} · ${ha}` : [feature.get('code'), ha].filter(Boolean).join(' · ');
  tip.style.transform = `translate(${Math.round(pixel[0] + 14)}px, ${Math.round(pixel[1] + 14)}px)`;
}

const why = (error) => (error instanceof ApiError && error.status === 0 ? t('noAnswer') : error.message);
