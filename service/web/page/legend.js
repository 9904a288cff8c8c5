// The card over the map: layer switches, what the plots are coloured by, and what the colours and circles mean.
import { el, replace, svg, byId } from './dom.js';
import { CORRIDOR, NEUTRAL, UNKNOWN } from './colours.js';
import { number, t, word } from './i18n.js';
import { cellRadius } from './styles.js';

const LAYERS = ['plots', 'corridors', 'regions', 'graticule'];

// state: {colourBy, classes, slope, programmes: [{code, name}], programmeColours, largest, mixed, filtered}; on: {layer(name, visible), colourBy(value)}
export function createLegend(on) {
  const visible = new Map(LAYERS.map((name) => [name, true]));
  const root = byId('legend-body');

  function render(state) {
    const layers = el('fieldset', {}, el('legend', {}, t('layers')), LAYERS.map((name) =>
      el('label', { class: 'check' },
        el('input', {
          type: 'checkbox', checked: visible.get(name), 'data-layer': name,
          onchange: (event) => {
            visible.set(name, event.target.checked);
            on.layer(name, event.target.checked);
          },
        }),
        layerPicture(name), el('span', {}, t(name)))));
    const colour = el('fieldset', {}, el('legend', {}, t('colourBy')), el('div', { class: 'segmented' }, ['slope', 'programme'].map((value) =>
      el('label', {},
        el('input', { type: 'radio', name: 'colour-by', value, checked: state.colourBy === value, onchange: () => on.colourBy(value) }),
        el('span', {}, t(value === 'slope' ? 'bySlope' : 'byProgramme'))))));
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && (focused.dataset.layer ? `[data-layer="${focused.dataset.layer}"]` : `[name="colour-by"][value="${focused.value}"]`);
    replace(root, layers, colour, el('div', { class: 'swatches' }, swatches(state)), circles(state));
    if (again) root.querySelector(again)?.focus();
  }

  return { render };
}

function swatches({ colourBy, classes, slope, programmes, programmeColours, largest, mixed }) {
  if (colourBy === 'programme') {
    const rows = programmes.filter(({ code }) => programmeColours.get(code) !== UNKNOWN).map(({ code, name }) => swatch(programmeColours.get(code), name ?? code));
    if (rows.length < programmes.length) rows.push(swatch(UNKNOWN, t('otherProgrammes')));
    if (largest > 0 && mixed) rows.push(swatch(NEUTRAL, t('severalProgrammes')));
    return [el('p', { class: 'legend-title' }, t('programmeLegend')), el('ul', {}, rows)];
  }
  const rows = classes.map((row) => swatch(slope.get(row.code), row.label, row.range));
  rows.push(swatch(UNKNOWN, t('noData')));
  return [el('p', { class: 'legend-title' }, t('slopeLegend')), el('ul', {}, rows)];
}

function swatch(colour, label, detail) {
  return el('li', {},
    svg('svg', { class: 'swatch', viewBox: '0 0 18 14', 'aria-hidden': 'true' },
      svg('rect', { x: 0.75, y: 0.75, width: 16.5, height: 12.5, rx: 2, fill: colour, stroke: '#19201e', 'stroke-opacity': 0.7 })),
    el('span', { class: 'swatch-name' }, label), detail && el('span', { class: 'swatch-range' }, detail));
}

function circles({ largest, filtered, mixed }) {
  if (!(largest > 0)) return null;
  const top = niceBelow(largest);
  const sizes = [top, top / 10].filter((ha) => ha > 0);
  let x = 0;
  const marks = sizes.map((ha) => {
    const r = cellRadius(ha, largest);
    const mark = svg('circle', { cx: x + r + 1, cy: 18, r, fill: NEUTRAL, 'fill-opacity': 0.8, stroke: '#fff' });
    const text = svg('text', { x: x + 2 * r + 7, y: 22 }, `${number(ha, ha < 1 ? 1 : 0)} ha`);
    x += 2 * r + 24 + 8 * String(number(ha)).length + 12;
    return [mark, text];
  });
  return el('div', { class: 'circles' }, el('p', { class: 'legend-title' }, t('circles')),
    svg('svg', { viewBox: `0 0 ${Math.max(x, 120)} 36`, height: 36, width: Math.max(x, 120), 'aria-hidden': 'true' }, marks.flat()),
    el('p', { class: 'hint' }, t('circlesHelp'), filtered && mixed && ` ${t('circlesAll')}`));
}

// 1, 2 or 5 times a power of ten, at most `value`.
function niceBelow(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [5, 2, 1].find((k) => k * power <= value) * power;
}

function layerPicture(name) {
  const picture = svg('svg', { class: 'swatch', viewBox: '0 0 18 14', 'aria-hidden': 'true' });
  if (name === 'plots') picture.append(svg('path', { d: 'M2 10 5 3l10-1 1 8-6 2z', fill: '#35b779', stroke: '#19201e', 'stroke-opacity': 0.7 }));
  if (name === 'corridors') {
    picture.append(svg('rect', { x: 0.75, y: 0.75, width: 16.5, height: 12.5, fill: CORRIDOR.fill, stroke: CORRIDOR.line }));
    picture.append(svg('path', { d: 'M1 9 9 1M3 13 15 1M10 13l7-7', stroke: CORRIDOR.line, 'stroke-opacity': 0.6, fill: 'none' }));
  }
  if (name === 'regions') picture.append(svg('path', { d: 'M1 4l6-3 5 3 5-2v8l-5 3-5-2-6 2zM7 1v10M12 4v9', fill: '#fcfbf8', stroke: '#6f6a62' }));
  if (name === 'graticule') picture.append(svg('path', { d: 'M0 4h18M0 10h18M5 0v14M13 0v14', stroke: '#9aa3ab', fill: 'none' }));
  return picture;
}

// Classes as the page shows them: label in the language, range in percent. Without a table in the method, the codes in the
// figures themselves, in their order.
export function namedClasses(method, classHectares) {
  const told = Array.isArray(method?.slope_classes) ? method.slope_classes
    : Object.keys(classHectares ?? {}).filter((code) => /^\d/.test(code)).sort().map((code) => ({ code }));
  return told.filter((row) => row && row.code !== undefined).map((row, i) => {
    const next = told[i + 1]?.from_pct;
    const from = row.from_pct;
    const range = !Number.isFinite(from) ? null
      : Number.isFinite(next) ? t('slopeRange', { from: plain(from), to: plain(next) }) : t('slopeOver', { from: plain(from) });
    return { code: String(row.code), label: word(row), range, colour: row.colour };
  });
}
const plain = (value) => number(value, Number.isInteger(value) ? 0 : 1);
