// The plan of milpa between fruit trees in a plot's panel: a cross-section of the hillside with its rows, and what the server works out.
import { getMilpa } from './api.js';
import { el, replace, svg } from './dom.js';
import { hectares, number, t } from './i18n.js';

let last = null; // {id, answer}: the language may change while the panel is open

// A section that fills itself; it stays empty where there is no elevation, or no right to see plans.
export function milpaSection(id, slopePct) {
  const section = el('section', { id: 'milpa', hidden: true });
  if (id === undefined || id === null) return section;
  const show = (answer) => {
    last = { id, answer };
    const plan = answer?.plots?.[0];
    if (!plan || !Number.isFinite(plan.soil_loss_ratio)) return;
    replace(section, body(plan, answer, slopePct));
    section.hidden = false;
  };
  if (last?.id === id) show(last.answer);
  else getMilpa(id).then(show, () => {});
  return section;
}

const between = (ends, digits = 0) => (Array.isArray(ends) ? ` (${number(ends[0], digits)}–${number(ends[1], digits)})` : '');

function body(plan, { design, method }, slopePct) {
  const steep = plan.steep_hectares > plan.gentle_hectares;
  const widths = [
    plan.gentle_hectares > 0 && t('milpaWidth', { width: number(design.width_gentle_m, 1), ha: hectares(plan.gentle_hectares), side: t('milpaUnder', { pct: number(design.limit_pct) }) }),
    plan.steep_hectares > 0 && t('milpaWidth', { width: number(design.width_steep_m, 1), ha: hectares(plan.steep_hectares), side: t('milpaOver', { pct: number(design.limit_pct) }) }),
  ].filter(Boolean);
  const rows = [
    [t('milpaModule'), 'width', widths.join('; ')],
    [t('milpaRows'), 'rows', `${number(plan.row_m)} m${between(plan.row_m_ci90)}`],
    [t('milpaTrees'), 'trees', `${number(plan.trees)}${between(plan.trees_ci90)}`],
    [t('milpaRatio'), 'ratio', `${number(plan.soil_loss_ratio, 2)}${between(plan.soil_loss_ratio_ci90, 2)}`],
  ];
  return [
    el('h3', {}, t('milpa')),
    crossSection({ width: steep ? design.width_steep_m : design.width_gentle_m, slopePct }),
    el('dl', { class: 'facts' }, rows.flatMap(([name, key, value]) => [el('dt', {}, name), el('dd', { 'data-milpa': key }, value)])),
    el('p', { class: 'hint' }, t('milpaHelp', { length: number(design.slope_length_m), spacing: number(design.tree_spacing_m, design.tree_spacing_m % 1 ? 1 : 0) }), ' ', method?.LS, ' ', method?.rule),
  ];
}

// Three modules side by side, drawn to scale along and across: trees on the contour, maize between them, the width of one.
function crossSection({ width, slopePct }) {
  const modules = 3;
  const across = 300;
  const scale = (across - 30) / (modules * width); // pixels a metre
  const slope = Math.min(Math.max(Number.isFinite(slopePct) ? slopePct : 0, 0), 70) / 100;
  const top = 46;
  const y = (x) => top + (x - 15) * slope;
  const height = y(across) + 24;
  const picture = svg('svg', { class: 'milpa-picture', viewBox: `0 0 ${across} ${height.toFixed(0)}`, role: 'img', 'aria-label': t('milpaPicture', { width: number(width, 1) }) });
  picture.append(svg('polygon', { class: 'milpa-ground', points: `0,${y(0)} ${across},${y(across)} ${across},${height} 0,${height}` }));
  for (let i = 0; i <= modules; i++) {
    const x = 15 + i * width * scale;
    for (let m = 2; i < modules && m < width - 1.5; m += 1.2) picture.append(maize(x + m * scale, y(x + m * scale)));
    picture.append(tree(x, y(x)));
  }
  const from = 15 + width * scale;
  const to = from + width * scale;
  const line = y(to) + 12;
  picture.append(svg('path', { class: 'milpa-measure', d: `M${from},${y(from) + 2} V${line + 3} M${to},${y(to) + 2} V${line + 3} M${from},${line} H${to}` }),
    svg('text', { class: 'milpa-text', x: (from + to) / 2, y: line - 3, 'text-anchor': 'middle' }, `${number(width, 1)} m`));
  return picture;
}

function tree(x, y) {
  return svg('g', { class: 'milpa-tree' }, svg('line', { x1: x, y1: y, x2: x, y2: y - 18 }), svg('circle', { cx: x, cy: y - 24, r: 9 }));
}

function maize(x, y) {
  return svg('path', { class: 'milpa-maize', d: `M${x.toFixed(1)},${y.toFixed(1)} v-9 m0,5 l-3,-3 m3,1 l3,-3` });
}
