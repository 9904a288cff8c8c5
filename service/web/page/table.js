// Hectares by region (or another dimension) as a table: sortable, with a total row whose printed hectares are the sum of the
// rows, a bar per row, and a CSV of the same figures.
import { bar, byId, el, replace } from './dom.js';
import { CORRIDOR, UNKNOWN } from './colours.js';
import { compare, hectares, number, percent, plusMinus, roundToSum, t, term, word } from './i18n.js';
import { hectaresPath } from './api.js';

const COLUMNS = [
  { id: 'name', numeric: false },
  { id: 'plots', numeric: true },
  { id: 'hectares', numeric: true },
  { id: 'distinct', numeric: true },
  { id: 'corridor', numeric: true },
];

// on: {row(level, key, name)}; context(): {classes, slope, className(code)}
export function createTable(on, context) {
  const sort = { column: 'hectares', down: true };
  let answer = null; // {by, programme, data}

  function heading(column) {
    const text = { name: t(`dims.${answer.by}`, {}, word(answer.by)), plots: t('plots'), hectares: t('hectares'), distinct: t('distinct'), corridor: t('corridorShare') }[column.id];
    const active = sort.column === column.id;
    const name = text.charAt(0).toLocaleUpperCase() + text.slice(1);
    return el('th', { scope: 'col', class: column.numeric ? 'num' : '', 'aria-sort': active ? (sort.down ? 'descending' : 'ascending') : 'none' },
      el('button', {
        type: 'button', 'data-sort': column.id, title: column.id === 'distinct' ? t('distinctHelp') : t('sortBy', { name }),
        onclick: () => {
          sort.down = active ? !sort.down : column.numeric;
          sort.column = column.id;
          render();
          byId('hectares').querySelector(`[data-sort="${column.id}"]`)?.focus();
        },
      }, name, el('span', { class: 'arrow', 'aria-hidden': 'true' }, active ? (sort.down ? '▾' : '▴') : '')));
  }

  function rowsOf(data) {
    const printed = roundToSum(data.groups.map((group) => group.hectares ?? 0), data.total?.hectares ?? 0, 2);
    const distinct = roundToSum(data.groups.map((group) => group.hectares_distinct ?? 0), data.total?.hectares_distinct ?? 0, 2);
    const rows = data.groups.map((group, i) => ({
      key: group[answer.by] ?? null, name: groupName(group, answer.by, context()), plots: group.plots, hectares: printed[i], exact: group.hectares ?? 0,
      distinct: Number.isFinite(group.hectares_distinct) ? distinct[i] : NaN, corridor: corridorShare(group), corridorHa: group.corridor_hectares ?? 0, errors: errorsOf(group),
      classes: group.slope_class_hectares, suppressed: Boolean(group.suppressed),
    }));
    const direction = sort.down ? -1 : 1;
    rows.sort((a, b) => {
      if ((a.key === null) !== (b.key === null)) return a.key === null ? 1 : -1; // "in none" stays last
      const order = sort.column === 'name' ? compare(a.name, b.name) : (finite(a[sort.column === 'hectares' ? 'exact' : sort.column]) - finite(b[sort.column === 'hectares' ? 'exact' : sort.column]));
      return order * direction || compare(a.name, b.name);
    });
    return rows;
  }

  function render() {
    if (!answer) return;
    const { data, by, programme } = answer;
    const rows = rowsOf(data);
    const largest = Math.max(...rows.map((row) => row.exact), 0);
    replace(byId('hectares').tHead, el('tr', {}, COLUMNS.map(heading), el('th', { scope: 'col', class: 'bar-column' }, t('bySlope'))));
    replace(byId('hectares').tBodies[0], rows.map((row) => bodyRow(row, largest)));
    replace(byId('hectares').tFoot, totalRow(data.total ?? {}));
    byId('csv').href = hectaresPath(by, programme, true);
    byId('csv').download = `hectares-${by}${programme ? `-${programme}` : ''}.csv`;
    byId('table-none').hidden = !(isRegionLevel(by) && rows.every((row) => row.key === null) && rows.length > 0);
  }

  function bodyRow(row, largest) {
    const clickable = row.key !== null && isRegionLevel(answer.by);
    const name = clickable
      ? el('button', { type: 'button', class: 'link', title: t('zoomTo', { name: row.name }), onclick: () => on.row(answer.by, row.key, row.name) }, row.name)
      : row.name;
    const cells = row.suppressed
      ? [el('td', { class: 'muted', colspan: 5 }, t('suppressed'))]
      : [
        el('td', { class: 'num' }, number(row.plots)),
        el('td', { class: 'num strong' }, hectares(row.hectares), interval(row.errors.sum)),
        el('td', { class: 'num' }, hectares(row.distinct), interval(row.errors.distinct)),
        el('td', { class: 'num', title: corridorTitle(row.corridorHa, row.errors) }, percent(row.corridor), shareBar(row.corridor)),
        el('td', { class: 'bar-column' }, classBar(row, largest, context())),
      ];
    return el('tr', { class: clickable ? 'clickable' : '', 'data-key': row.key ?? '', onclick: clickable ? (event) => event.target.closest('button') || on.row(answer.by, row.key, row.name) : null },
      el('th', { scope: 'row', title: row.key ?? '' }, name), cells);
  }

  function totalRow(total) {
    return el('tr', {}, el('th', { scope: 'row' }, t('total')), el('td', { class: 'num', 'data-total': 'plots' }, number(total.plots)),
      el('td', { class: 'num strong' }, el('span', { 'data-total': 'hectares' }, hectares(total.hectares)), interval(errorsOf(total).sum)),
      el('td', { class: 'num' }, el('span', { 'data-total': 'distinct' }, hectares(total.hectares_distinct)), interval(errorsOf(total).distinct)),
      el('td', { class: 'num', title: corridorTitle(total.corridor_hectares, errorsOf(total)) }, percent(corridorShare(total)), shareBar(corridorShare(total))),
      el('td', { class: 'bar-column' }, classBar({ classes: total.slope_class_hectares, exact: total.hectares }, total.hectares, context())));
  }

  return {
    show(by, programme, data) {
      answer = { by, programme, data };
      render();
    },
    render,
  };
}

export const isRegionLevel = (by) => !['programme', 'organisation', 'crop', 'practice', 'year', 'slope_class', 'survey', 'corridor', 'corridor_name', 'status'].includes(by);

// Standard errors in hectares, NaN where they are not known.
const errorsOf = (group) => ({ sum: group.hectares_se ?? NaN, distinct: group.hectares_distinct_se ?? NaN, corridor: group.corridor_hectares_se ?? NaN, edge: group.corridor_edge_hectares ?? 0 });

const interval = (se) => Number.isFinite(se) && el('span', { class: 'plus-minus', title: t('plusMinusHelp') }, plusMinus(se));

const corridorTitle = (ha, errors) => Number.isFinite(ha)
  ? [`${hectares(ha)} ha ${plusMinus(errors.corridor)}`.trim(), errors.edge > 0 && t('edgeHelp', { ha: hectares(errors.edge) })].filter(Boolean).join(' · ') : '';

// Share of hectares inside corridors, 0..1.
export function corridorShare(figures) {
  if (!(figures.hectares > 0)) return NaN;
  const share = figures.corridor_share;
  if (Number.isFinite(share) && share >= 0 && share <= 1) return share;
  return Number.isFinite(figures.corridor_hectares) ? figures.corridor_hectares / figures.hectares : NaN;
}

function groupName(group, by, { className }) {
  const key = group[by];
  if (key === null || key === undefined || key === '') return noneLabel(by);
  if (by === 'slope_class') return className(String(key));
  if (by === 'corridor') return t(`verdict.${key}`, {}, word(group[`${by}_name`] ?? key));
  if (by === 'status') return t(`statuses.${key}`, {}, word(key));
  if (by === 'survey') return t(`surveys.${key}`, {}, word(key));
  if (by === 'crop' || by === 'practice') return term(key);
  return group[`${by}_name`] ?? word(key);
}

// The row of what has no key, said as what it is: ground outside every municipality, plots whose crop is not stated, ...
function noneLabel(by) {
  const name = t(`dims.${by}`, {}, by);
  if (by === 'slope_class') return t('noData');
  if (by === 'corridor_name') return t('verdict.outside');
  return t(isRegionLevel(by) ? 'noRegion' : 'noPlot', { name });
}

const finite = (value) => (Number.isFinite(value) ? value : -Infinity);

const shareBar = (share) => bar([{ value: share, colour: CORRIDOR.bar }], 1, { height: 4 });

// Length: hectares against the largest row; colours: slope classes.
function classBar(row, largest, { slope }) {
  const parts = Object.entries(row.classes ?? {}).map(([code, value]) => ({ code, value, colour: slope.get(code) ?? UNKNOWN }));
  const order = [...slope.keys()];
  parts.sort((a, b) => (order.indexOf(a.code) + 1 || 99) - (order.indexOf(b.code) + 1 || 99));
  return bar(parts.length ? parts : [{ value: row.exact, colour: UNKNOWN }], largest, { height: 12 });
}
