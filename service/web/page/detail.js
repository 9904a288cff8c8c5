// The panel of one plot: its figures as the registry holds them. Shows what is there and leaves out what is not.
import { bar, byId, el, replace } from './dom.js';
import { UNKNOWN } from './colours.js';
import { milpaSection } from './milpa.js';
import { date, hectares, number, percent, plusMinus, roundToSum, t, term, word } from './i18n.js';

// on: {close(), zoom()}; context(): {classes, slope, programmeName(code)}
export function createDetail(on, context) {
  const root = byId('detail');
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') on.close();
  });

  function open(title, subtitle, body, { focus = true } = {}) {
    const heading = el('h2', { tabindex: -1 }, title);
    replace(root,
      el('header', {}, el('div', {}, heading, subtitle && el('p', { class: 'subtitle' }, subtitle)),
        el('button', { class: 'close', type: 'button', 'aria-label': t('close'), title: t('close'), onclick: on.close }, '×')),
      body);
    root.hidden = false;
    if (focus) {
      heading.focus({ preventScroll: true });
      root.scrollIntoView({ block: 'nearest' });
    }
  }

  return {
    close() {
      root.hidden = true;
      replace(root);
    },
    loading(title) {
      open(title, null, el('p', { class: 'muted' }, t('loadingPlot')));
    },
    failed(title, why, retry) {
      open(title, null, [el('p', { class: 'problem', role: 'alert' }, t('failedPlot', { why })),
        el('button', { type: 'button', class: 'button', onclick: retry }, t('retry'))]);
    },
    plot(feature, options) {
      const p = feature.properties ?? {};
      const title = String(p.code ?? feature.id ?? t('plot'));
      const programme = p.programme_name ?? (p.programme ? context().programmeName(p.programme) : null);
      open(title, programme, plotBody(p, on, context(), feature.id), options);
    },
    cell(feature, options) {
      const plots = feature.get('plots');
      const rows = [
        [t('hectares'), `${hectares(feature.get('ha'))} ha`],
        feature.get('corridor_ha') > 0 && [t('corridorHectares'), `${hectares(feature.get('corridor_ha'))} ha · ${percent(feature.get('corridor_ha') / feature.get('ha'))}`],
      ];
      open(plots === 1 ? t('cellOne') : t('cellTitle', { n: number(plots) }), null, [
        facts(rows), slopeSection(feature.get('slope_class_hectares'), feature.get('ha'), context()),
        el('p', { class: 'hint' }, t('cellText')),
        el('button', { type: 'button', class: 'button', onclick: on.zoom }, t('zoomHere')),
      ], options);
    },
  };
}

function plotBody(p, on, context, id) {
  const ha = p.hectares ?? p.ha;
  const verdict = p.corridor_verdict ?? p.corridor;
  const corridorHa = p.corridor_hectares ?? p.corridor_ha;
  return [
    el('p', { class: 'figure' }, el('strong', { 'data-figure': 'hectares' }, hectares(ha)), ' ', el('span', {}, t('hectaresShort')),
      Number.isFinite(p.hectares_se) && el('span', { class: 'plus-minus', title: t('plusMinusHelp') }, ` ${plusMinus(p.hectares_se)}`)),
    slopeSection(p.slope_class_hectares, ha, context, p.slope_class_expected_hectares),
    slopeSource(p.slope_method),
    el('section', {},
      el('h3', {}, t('corridor')),
      el('p', { class: 'corridor-line' },
        verdict && el('span', { class: `verdict verdict-${['inside', 'edge', 'outside'].includes(verdict) ? verdict : 'unknown'}`, title: t(`verdictHelp.${verdict}`, {}, '') },
          t(`verdict.${verdict}`, {}, word(verdict))),
        Number.isFinite(corridorHa) && ` ${hectares(corridorHa)} ha`,
        Number.isFinite(p.corridor_hectares_se) && corridorHa > 0 && el('span', { class: 'plus-minus', title: t('plusMinusHelp') }, ` ${plusMinus(p.corridor_hectares_se)}`),
        Number.isFinite(corridorHa) && ha > 0 && el('span', { class: 'muted' }, ` · ${percent(corridorHa / ha)}`))),
    facts([
      ...regionRows(p.regions),
      [t('corridorNames'), corridorNames(p.corridors)],
      [t('organisation'), word(p.organisation_name ?? p.organisation)],
      [t('programme'), [...new Set([p.programme_name, p.programme].filter(Boolean))].join(' · ')],
      [t('crops'), words(p.crops ?? p.crop)],
      [t('practices'), words(p.practices ?? p.practice)],
      [t('year'), p.adoption_year ?? p.year],
      [t('slopeMean'), Number.isFinite(p.slope_mean_pct) && `${number(p.slope_mean_pct, 1)} %`],
      [t('slopeSteep'), Number.isFinite(p.slope_p90_pct) && t('slopeSteepText', { pct: number(p.slope_p90_pct, 1) })],
      [t('slopeMax'), Number.isFinite(p.slope_max_pct) && `${number(p.slope_max_pct, 1)} %`],
      [t('perimeter'), Number.isFinite(p.perimeter_m) && `${number(p.perimeter_m)} m`],
      [t('surface'), Number.isFinite(p.surface_hectares) && `${hectares(p.surface_hectares)} ha`],
      [t('declared'), Number.isFinite(p.declared_ha) && `${hectares(p.declared_ha)} ha`],
      [t('survey'), surveyText(p)],
      [t('accuracy'), Number.isFinite(p.accuracy_m) && `± ${number(p.accuracy_m, 1)} m`],
      [t('observed'), dateText(p.observed_date ?? p.revision_date)],
      [t('since'), dateText(p.since)],
    ]),
    milpaSection(id, p.slope_mean_pct),
    el('button', { type: 'button', class: 'button', onclick: on.zoom }, t('zoomPlot')),
  ];
}

// "FAO_2006 · Copernicus GLO-30, 2021, 30.7 m": what the slopes of a plot rest on.
function slopeSource(method) {
  if (!method || !Number.isFinite(method.cell_m)) return null;
  const model = [method.model ?? method.source, method.edition, t('slopeCells', { m: number(method.cell_m, 1) })].filter(Boolean).join(', ');
  return el('p', { class: 'hint', 'data-slope-method': '' }, [method.table, model].filter(Boolean).join(' · '));
}

function facts(rows) {
  const shown = rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== false && row[1] !== '');
  return el('dl', { class: 'facts' }, shown.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, String(value))]));
}

// One bar of the classes and the hectares of each; the printed hectares add up to the plot's.
export function slopeSection(classHectares, total, { classes, slope }, expected = null) {
  if (!classHectares || typeof classHectares !== 'object') return null;
  const known = classes.map(({ code }) => code);
  const entries = Object.entries(classHectares).filter(([, ha]) => ha > 0)
    .sort(([a], [b]) => rank(known, a) - rank(known, b) || (a < b ? -1 : 1));
  if (!entries.length) return null;
  const sum = entries.reduce((all, [, ha]) => all + ha, 0);
  const printed = roundToSum(entries.map(([, ha]) => ha), total ?? sum, 2);
  const rows = entries.map(([code, ha], i) => {
    const row = classes.find((one) => one.code === code);
    return { expected: expected?.[code], colour: slope.get(code) ?? UNKNOWN, label: row?.label ?? t('noData'), range: row?.range, ha, printed: printed[i], known: Boolean(row) || isNoData(code), code };
  });
  return el('section', {}, el('h3', {}, t('slopeClasses')),
    bar(rows.map((row) => ({ value: row.ha, colour: row.colour, title: `${row.label}: ${hectares(row.printed)} ha` })), sum,
      { height: 12, label: rows.map((row) => `${row.label} ${hectares(row.printed)} ha`).join(', ') }),
    el('ul', { class: 'class-list' }, rows.map((row) => {
      const chip = el('span', { class: 'chip', 'aria-hidden': 'true' });
      chip.style.backgroundColor = row.colour;
      return el('li', {}, chip, el('span', {}, row.known ? row.label : row.code, row.range && el('span', { class: 'muted' }, ` ${row.range}`)), el('span', { class: 'num' }, `${hectares(row.printed)} ha`,
        Number.isFinite(row.expected) && el('span', { class: 'muted expected', title: t('expectedHelp') }, ` ≈ ${hectares(row.expected)}`)));
    })));
}
const isNoData = (code) => /no_?data|none|null|unknown|sin/i.test(code);
const rank = (known, code) => (known.indexOf(code) < 0 ? known.length : known.indexOf(code));

// {municipality: [{key, name, hectares}], state: […]} -> one row per level, finest first; hectares where there are several.
function regionRows(regions) {
  if (!regions || typeof regions !== 'object') return [];
  const order = ['municipality', 'state'];
  return Object.entries(regions)
    .sort(([a], [b]) => (order.indexOf(a) + 1 || 9) - (order.indexOf(b) + 1 || 9))
    .map(([level, list]) => {
      const parts = (Array.isArray(list) ? list : [list]).filter(Boolean);
      const names = parts.map((one) => {
        const name = one.key === null ? t('noRegion', { name: t(`dims.${level}`, {}, level) }) : (one.name ?? one.key ?? word(one));
        return parts.length > 1 && Number.isFinite(one.hectares) ? `${name} (${hectares(one.hectares)} ha)` : name;
      });
      return [t(level, {}, word(level)), names.join(', ')];
    });
}

function words(value) {
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return list.map(term).filter(Boolean).join(', ');
}

const corridorNames = (list) => (Array.isArray(list) ? list.map((one) => one?.name ?? one?.key).filter(Boolean).join(', ') : null);

const surveyText = (p) => {
  const method = p.survey_method ?? p.survey;
  return typeof method === 'string' ? t(`surveys.${method}`, {}, word(method)) : null;
};

const dateText = (told) => (typeof told === 'string' && told ? date(told) : null);
