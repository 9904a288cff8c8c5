// A stand-in for the real server: the built page with made-up data, under the same paths and the same strict headers.
//   node server.mjs SITE [PORT] [--empty]      prints the address
// Strict on purpose: unknown paths are 404 and unknown parameters 400, as on the real one.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { SLOPE_CLASSES, bboxOf, clipRing, mainClass, makeWorld } from './world.mjs';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8' };
const PAGE = { '/': 'index.html', '/assets/app.js': 'app.js', '/assets/app.css': 'app.css', '/assets/icon.svg': 'icon.svg', '/assets/licences.txt': 'licences.txt' };
export const HEADERS = {
  'Content-Security-Policy': "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer',
};
const CROWDED = 90; // plots in a tile; with more it is made of overview cells (the real server's number is larger)
const SMALL_PX = 1.5; // plots under this many pixels (of 512 in a tile) are points
const BUFFER = 64 / 4096; // of a tile: outlines at tile edges are drawn beyond what is shown

// -> {url, close(), world}
export function startMock(site, { port = 0, empty = false } = {}) {
  const world = makeWorld({ empty });
  const server = createServer((request, reply) => {
    try {
      answer(world, site, request, reply);
    } catch (error) {
      problem(reply, 500, error.message);
    }
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, world, close: () => server.close() }));
  });
}

function answer(world, site, request, reply) {
  const url = new URL(request.url, 'http://localhost');
  const path = decodeURIComponent(url.pathname);
  if (path in PAGE) return send(reply, 200, TYPES[PAGE[path].replace(/.*(?=\.)/, '')], readFileSync(join(site, PAGE[path])));
  let match;
  if ((match = /^\/tiles\/(plots|corridors|regions)\.json$/.exec(path))) return json(reply, tileJson(world, match[1]), url, []);
  if ((match = /^\/tiles\/(plots|corridors|regions)\/(\d+)\/(\d+)\/(\d+)\.geojson$/.exec(path))) {
    return json(reply, tile(world, match[1], +match[2], +match[3], +match[4], url.searchParams.get('level')), url, match[1] === 'regions' ? ['level'] : [], 'application/geo+json');
  }
  if (path === '/hectares') return hectares(world, url, reply);
  if (path === '/milpa') return milpa(world, url, reply);
  if (path === '/layers') return json(reply, layers(world), url, []);
  if ((match = /^\/collections\/plots\/items\/(\d+)$/.exec(path))) {
    const plot = world.plots.find((one) => one.id === +match[1]);
    return plot ? json(reply, item(plot), url, [], 'application/geo+json') : problem(reply, 404, 'no such plot');
  }
  return problem(reply, 404, 'no such page');
}

function send(reply, status, type, body) {
  reply.writeHead(status, { ...HEADERS, 'Content-Type': type });
  reply.end(body);
}
const problem = (reply, status, detail) => send(reply, status, 'application/problem+json', JSON.stringify({ status, title: 'problem', detail }));
function json(reply, value, url, allowed, type = 'application/json') {
  const unknown = [...url.searchParams.keys()].find((name) => !allowed.includes(name));
  if (unknown) return problem(reply, 400, `unknown parameter ${unknown}`);
  return send(reply, 200, type, JSON.stringify(value));
}

// ---- tiles ----

function tileJson(world, layer) {
  const all = layer === 'plots' ? world.plots : layer === 'regions' ? world.regions : world.corridors;
  const bounds = all.length ? bboxOf(all.flatMap((one) => one.ring)) : [-180, -85, 180, 85];
  return { tilejson: '3.0.0', tiles: [`/tiles/${layer}/{z}/{x}/{y}.geojson`], minzoom: 0, maxzoom: 14, bounds };
}

const lon = (x, z) => (x / 2 ** z) * 360 - 180;
const lat = (y, z) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI;
const tileX = (l, z) => ((l + 180) / 360) * 2 ** z;
const tileY = (l, z) => ((1 - Math.asinh(Math.tan((l * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z;

function tile(world, layer, z, x, y, level) {
  const box = [lon(x - BUFFER, z), lat(y + 1 + BUFFER, z), lon(x + 1 + BUFFER, z), lat(y - BUFFER, z)];
  const features = layer === 'plots' ? plotFeatures(world, z, x, y, box)
    : layer === 'corridors' ? world.corridors.flatMap((one, i) => polygon(i + 1, [one.ring, one.hole].filter(Boolean), box, { key: one.key, name: one.name, ha: 1 }))
      : world.regions.filter((one) => one.level === (level ?? (z < 8 ? 'state' : 'municipality')))
        .flatMap((one) => polygon(Number(one.key), [one.ring], box, { key: one.key, name: one.name, level: one.level, ha: 1 }));
  return { type: 'FeatureCollection', features };
}

function polygon(id, rings, box, properties) {
  const clipped = rings.map((ring) => clipRing(ring, box)).filter((ring) => ring.length > 2).map((ring) => [...ring, ring[0]]);
  return clipped.length ? [{ type: 'Feature', id, geometry: { type: 'Polygon', coordinates: clipped }, properties }] : [];
}

function plotFeatures(world, z, x, y, box) {
  const home = (plot) => Math.floor(tileX(plot.centre[0], z)) === x && Math.floor(tileY(plot.centre[1], z)) === y;
  const atHome = world.plots.filter(home);
  if (atHome.length > CROWDED) return cells(atHome, z);
  return world.plots.flatMap((plot) => {
    const properties = { ...tileProperties(plot), home: home(plot) };
    const [west, , east] = bboxOf(plot.ring);
    if (((east - west) / 360) * 2 ** z * 512 < SMALL_PX) {
      return properties.home ? [{ type: 'Feature', id: plot.id, geometry: { type: 'Point', coordinates: plot.centre }, properties }] : [];
    }
    return polygon(plot.id, [plot.ring], box, properties);
  });
}

const tileProperties = (plot) => ({
  code: plot.code, programme: plot.programme, organisation: plot.organisation, crop: plot.crops[0], practice: plot.practices[0], year: plot.year, ha: plot.ha,
  slope_class: mainClass(plot), slope_mean_pct: plot.slope, corridor_ha: plot.corridorHa, corridor: plot.corridor,
});

function cells(plots, z) {
  const found = new Map();
  for (const plot of plots) {
    const [cx, cy] = [Math.floor(tileX(plot.centre[0], z + 6)), Math.floor(tileY(plot.centre[1], z + 6))];
    const key = `${cx}/${cy}`;
    if (!found.has(key)) found.set(key, { cx, cy, plots: 0, ha: 0, corridor_ha: 0, classes: {} });
    const cell = found.get(key);
    cell.plots += 1;
    cell.ha += plot.ha;
    cell.corridor_ha += plot.corridorHa;
    for (const [code, ha] of Object.entries(plot.classes)) cell.classes[code] = (cell.classes[code] ?? 0) + ha;
  }
  return [...found.values()].map((cell) => ({
    type: 'Feature', geometry: { type: 'Point', coordinates: [lon(cell.cx + 0.5, z + 6), lat(cell.cy + 0.5, z + 6)] },
    properties: { cell: true, plots: cell.plots, ha: cell.ha, corridor_ha: cell.corridor_ha, slope_ha: cell.classes, home: true },
  }));
}

// ---- figures ----

function hectares(world, url, reply) {
  const by = url.searchParams.get('by');
  const keys = {
    municipality: (plot) => [plot.region.key, plot.region.name], state: () => ['07', 'Chiapas'], programme: (plot) => [plot.programme, plot.programmeName],
    organisation: (plot) => [plot.organisation, plot.organisation], crop: (plot) => [plot.crops[0]], practice: (plot) => [plot.practices[0]], year: (plot) => [plot.year],
  };
  if (!(by in keys)) return problem(reply, 400, `unknown dimension ${by}`);
  const wanted = url.searchParams.getAll('programme');
  const plots = world.plots.filter((plot) => wanted.length === 0 || wanted.includes(plot.programme));
  const groups = new Map();
  for (const plot of plots) {
    const [key, name] = keys[by](plot);
    if (!groups.has(key)) groups.set(key, { key, name, plots: [] });
    groups.get(key).plots.push(plot);
  }
  const rows = [...groups.values()].sort((a, b) => (a.key === null) - (b.key === null) || (a.key < b.key ? -1 : 1))
    .map((group) => ({ [by]: group.key, ...(group.name !== undefined ? { [`${by}_name`]: group.name } : {}), ...figures(group.plots) }));
  if (url.searchParams.get('f') === 'csv') return send(reply, 200, 'text/csv; charset=utf-8', rows.map((row) => Object.values(row).slice(0, 5).join(',')).join('\r\n'));
  return json(reply, { by: [by], groups: rows, total: figures(plots), method: method() }, url, ['by', 'programme', 'f']);
}

function figures(plots) {
  const sum = (of) => plots.reduce((all, plot) => all + of(plot), 0);
  const ha = sum((plot) => plot.ha);
  const corridor = sum((plot) => plot.corridorHa);
  const classes = {};
  for (const plot of plots) for (const [code, part] of Object.entries(plot.classes)) classes[code] = (classes[code] ?? 0) + part;
  return {
    plots: plots.length, producers: plots.length, hectares: ha, hectares_se: Math.sqrt(ha) * 0.02, hectares_distinct: ha * 0.998, hectares_distinct_se: Math.sqrt(ha) * 0.02, corridor_hectares_se: Math.sqrt(corridor) * 0.02, corridor_edge_hectares: ha * 0.01, hectares_double_counted: ha * 0.002,
    corridor_hectares: corridor, corridor_share: ha ? corridor / ha : 0, slope_class_hectares: classes,
  };
}

// A plan as the server gives it: half of the ground under 20 %.
function milpa(world, url, reply) {
  const plot = world.plots.find((one) => String(one.id) === url.searchParams.get('plot'));
  if (!plot) return problem(reply, 404, 'no such plot');
  const rows = plot.ha * 5000 / 14.5 + plot.ha * 5000 / 10.6;
  const plan = {
    id: plot.id, code: plot.code, hectares: plot.ha, gentle_hectares: plot.ha / 2, steep_hectares: plot.ha / 2, no_data_hectares: 0, row_m: rows, row_m_ci90: [rows * 0.9, rows * 1.1],
    trees: Math.round(rows), trees_ci90: [Math.floor(rows * 0.9), Math.ceil(rows * 1.1)], ls_before: 4.6, ls_after: 2.2, soil_loss_ratio: 0.47, soil_loss_ratio_ci90: [0.31, 0.72],
  };
  const design = { limit_pct: 20, width_gentle_m: 14.5, width_steep_m: 10.6, tree_spacing_m: 1, slope_length_m: 50, ls_equation: 'rusle' };
  return json(reply, { plots: [plan], more: false, total: plan, design, method: { rule: 'modules by slope (mock)', LS: 'RUSLE (mock)' } }, url, ['plot']);
}

const method = () => ({
  parcela: 'mock', change: 7, area: 'great-circle sum on the authalic sphere, WGS84', area_version: 1, slope: 'Horn 1981 with true ground distances; exact cell coverage',
  slope_table: 'FAO_2006', slope_classes: SLOPE_CLASSES, layers: [],
});
const layers = (world) => ({
  layers: world.plots.length
    ? [{ kind: 'regions', level: 'state', source: 'estados.gpkg', edition: '2025' }, { kind: 'regions', level: 'municipality', source: 'municipios.gpkg', edition: '2025' },
      { kind: 'corridors', level: null, source: 'corredores.gpkg', edition: '2024', accuracy_m: 125 }, { kind: 'terrain', level: null, source: 'demo.tif', edition: null, cell_m: 30 }]
    : [],
});

function item(plot) {
  return {
    type: 'Feature', id: plot.id, geometry: { type: 'Polygon', coordinates: [[...plot.ring, plot.ring[0]]] },
    properties: {
      code: plot.code, programme: plot.programme, programme_name: plot.programmeName, organisation: plot.organisation, crops: plot.crops, practices: plot.practices,
      adoption_year: plot.year, hectares: plot.ha, hectares_se: plot.ha * 0.04, corridor_hectares_se: plot.corridorHa * 0.04, perimeter_m: plot.perimeter, slope_mean_pct: plot.slope, slope_p90_pct: plot.slope * 1.6, slope_class_hectares: plot.classes,
      corridor_hectares: plot.corridorHa, corridor_verdict: plot.corridor, corridors: [], survey: 'walked', observed_date: '2024-05-17', since: '2024-06-02', accuracy_m: 3.5,
      regions: { state: [{ key: '07', name: 'Chiapas', hectares: plot.ha }], municipality: [{ key: plot.region.key, name: plot.region.name, hectares: plot.ha }] },
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [site, port = '0'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const mock = await startMock(site, { port: Number(port), empty: process.argv.includes('--empty') });
  console.log(mock.url);
}
