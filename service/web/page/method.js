// "How these figures are computed": the method the server states beside its figures, and the layers in their editions.
import { byId, el, replace } from './dom.js';
import { number, t, word } from './i18n.js';

const SKIP = new Set(['slope_classes']); // the legend shows them

export function renderMethod(method, layers) {
  const rows = [...statements(method)];
  const editions = layerList(layers);
  replace(byId('method-body'),
    rows.length > 0 && el('dl', {}, rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    editions.length > 0 && el('h3', {}, t('layerEditions')),
    editions.length > 0 && el('ul', {}, editions.map((text) => el('li', {}, text))));
  byId('method').hidden = rows.length === 0 && editions.length === 0;
  byId('editions').textContent = editions.map((text) => ` · ${text}`).join('');
  byId('editions').title = editions.join('\n');
}

// Leaves of a nested object as [name, text]; depth and length are bounded because the page must stay a page.
function* statements(value, path = [], depth = 0) {
  if (value === null || value === undefined || value === '') return;
  const name = path.map((part) => t(`methods.${part}`, {}, word(part))).join(' · ');
  if (typeof value !== 'object') {
    yield [name, String(value)];
  } else if (Array.isArray(value) && value.every((one) => one === null || typeof one !== 'object')) {
    if (value.length) yield [name, value.join(', ')];
  } else if (depth < 3) {
    for (const [key, inner] of Object.entries(value).slice(0, 40)) {
      if (!SKIP.has(key) && !(path.length === 0 && key === 'layers')) yield* statements(inner, Array.isArray(value) ? path : [...path, key], depth + 1);
    }
  }
}

// "Regions (municipality): mun.gpkg, 2025"
function layerList(layers) {
  return layers.map(({ kind, level, source, edition, model, cell_m: cell, vertical_error_m: error }) => {
    const what = t(kind, {}, word(kind)) + (level ? ` (${t(`dims.${level}`, {}, word(level))})` : '');
    const which = [model, source, edition, cell && t('slopeCells', { m: number(cell, 1) }), error && `σ ${number(error, 1)} m`].filter(Boolean).join(', ');
    return which ? `${what}: ${which}` : what;
  });
}
