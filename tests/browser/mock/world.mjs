// A small made-up registry for the page's test: 14 municipalities around the Lacandona, three corridors' worth of border, four
// programmes, some hundred plots. Everything follows from one seed, so that every run sees the same figures.

export const SLOPE_CLASSES = [
  ['01', 'Flat', 'Plano', 0], ['02', 'Level', 'A nivel', 0.2], ['03', 'Nearly level', 'Casi a nivel', 0.5],
  ['04', 'Very gently sloping', 'Muy ligeramente inclinado', 1], ['05', 'Gently sloping', 'Ligeramente inclinado', 2],
  ['06', 'Sloping', 'Inclinado', 5], ['07', 'Strongly sloping', 'Fuertemente inclinado', 10],
  ['08', 'Moderately steep', 'Moderadamente escarpado', 15], ['09', 'Steep', 'Escarpado', 30], ['10', 'Very steep', 'Muy escarpado', 60],
].map(([code, name_en, name_es, from_pct]) => ({ code, name_en, name_es, from_pct }));

// One name is hostile on purpose: the page must show it as it is written.
const MUNICIPALITIES = [
  ['07059', 'Ocosingo'], ['07052', 'Las Margaritas'], ['07065', 'Palenque'], ['07019', 'Comitán de Domínguez'], ['07041', 'La Independencia'],
  ['07099', 'La Trinitaria'], ['07004', 'Altamirano'], ['07031', 'Chilón'], ['07109', 'Yajalón'], ['07077', 'Salto de Agua'],
  ['07096', 'Tila'], ['07064', 'Oxchuc'], ['07115', 'Maravilla Tenejapa'], ['07116', '<b>Marqués</b> de Comillas'],
];
const PROGRAMMES = [
  ['MIAF-D', 'MIAF en ladera', ['maize', 'bean', 'avocado'], ['miaf', 'cover_crops']],
  ['PP', 'Pequeño Productor', ['vegetables', 'avocado'], ['crop_rotation', 'erosion_barriers']],
  ['OPG', 'Organizaciones ganaderas', ['pasture'], ['silvopasture', 'gully_control']],
  ['CAFE', 'Soconusco café y cacao', ['coffee', 'cocoa'], ['agroforestry']],
];
const BOX = [-92.9, 15.9, -90.6, 17.7];

export function makeWorld({ empty = false } = {}) {
  const random = generator(42);
  const regions = empty ? [] : makeRegions(random);
  const corridors = empty ? [] : makeCorridors();
  const plots = empty ? [] : makePlots(random, regions, corridors);
  return { regions, corridors, plots, bounds: empty ? null : bboxOf(plots.flatMap((plot) => plot.ring)) };
}

function generator(seed) {
  let s = seed >>> 0; // mulberry32
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let x = Math.imul(s ^ (s >>> 15), s | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- regions: a Voronoi diagram with wiggled edges that neighbours share ----

function makeRegions(random) {
  const seeds = MUNICIPALITIES.map((_, i) => {
    const [column, row] = [i % 4, Math.floor(i / 4)];
    return [BOX[0] + ((column + 0.25 + random() * 0.5) / 4) * (BOX[2] - BOX[0]), BOX[1] + ((row + 0.25 + random() * 0.5) / 4) * (BOX[3] - BOX[1])];
  });
  const outer = circle((BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2, 1.22, 0.98, 28);
  const municipalities = seeds.map((seed, i) => {
    let ring = outer;
    for (const other of seeds) if (other !== seed) ring = clipHalfPlane(ring, seed, other);
    return { level: 'municipality', key: MUNICIPALITIES[i][0], name: MUNICIPALITIES[i][1], seed, ring: wiggle(ring) };
  });
  return [{ level: 'state', key: '07', name: 'Chiapas', ring: wiggle(outer) }, ...municipalities];
}

function circle(x, y, rx, ry, n) {
  return Array.from({ length: n }, (_, i) => {
    const a = (i / n) * 2 * Math.PI;
    const r = 1 + 0.08 * Math.sin(3 * a + 1) + 0.05 * Math.sin(5 * a);
    return [x + rx * r * Math.cos(a), y + ry * r * Math.sin(a)];
  });
}

// The part of a ring nearer to a than to b.
function clipHalfPlane(ring, a, b) {
  const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const side = (p) => (p[0] - middle[0]) * (a[0] - b[0]) + (p[1] - middle[1]) * (a[1] - b[1]);
  return clipBy(ring, side);
}

function clipBy(ring, side) {
  const out = [];
  for (let i = 0; i < ring.length; i++) {
    const [p, q] = [ring[i], ring[(i + 1) % ring.length]];
    const [sp, sq] = [side(p), side(q)];
    if (sp >= 0) out.push(p);
    if (sp >= 0 !== sq >= 0) out.push([p[0] + ((q[0] - p[0]) * sp) / (sp - sq), p[1] + ((q[1] - p[1]) * sp) / (sp - sq)]);
  }
  return out;
}

// Moves points inside each edge sideways by a noise of their position: both neighbours get the same line.
function wiggle(ring) {
  return ring.flatMap((p, i) => {
    const q = ring[(i + 1) % ring.length];
    const n = Math.max(1, Math.round(Math.hypot(q[0] - p[0], q[1] - p[1]) / 0.03));
    return Array.from({ length: n }, (_, k) => {
      const [x, y] = [p[0] + ((q[0] - p[0]) * k) / n, p[1] + ((q[1] - p[1]) * k) / n];
      return [x + 0.018 * Math.sin(31 * x + 17 * y) + 0.008 * Math.sin(87 * y), y + 0.018 * Math.sin(29 * y - 13 * x) + 0.008 * Math.sin(91 * x)];
    });
  });
}

function makeCorridors() {
  const band = [];
  for (let i = 0; i <= 60; i++) band.push([-92.75 + i * 0.032, 16.55 + 0.35 * Math.sin(i / 9) + 0.03 * Math.sin(i * 1.7)]);
  for (let i = 60; i >= 0; i--) band.push([-92.75 + i * 0.032, 17.05 + 0.22 * Math.sin(i / 7) + 0.03 * Math.sin(i * 2.1)]);
  return [
    { key: 'CBM-1', name: 'Corredor Selva Lacandona', ring: band, hole: circle(-91.36, 16.58, 0.11, 0.08, 24) },
    { key: 'CBM-2', name: 'Corredor Sierra Madre', ring: circle(-92.2, 16.1, 0.32, 0.14, 40) },
  ];
}

// ---- plots ----

function makePlots(random, regions, corridors) {
  const plots = [];
  const municipalities = regions.filter((region) => region.level === 'municipality');
  municipalities.forEach((region, m) => {
    const villages = 2 + Math.floor(random() * 3);
    for (let v = 0; v < villages; v++) {
      const village = inside(random, region, 0.7);
      const count = 8 + Math.floor(random() * 16);
      for (let k = 0; k < count; k++) {
        const programme = PROGRAMMES[random() < 0.6 ? m % 4 : Math.floor(random() * 4)];
        plots.push(makePlot(random, plots.length + 1, programme, village, region, corridors));
      }
    }
  });
  return plots;
}

function inside(random, region, reach) {
  const box = bboxOf(region.ring);
  for (let i = 0; i < 200; i++) {
    const p = [region.seed[0] + (random() - 0.5) * (box[2] - box[0]) * reach, region.seed[1] + (random() - 0.5) * (box[3] - box[1]) * reach];
    if (contains(region.ring, p)) return p;
  }
  return region.seed;
}

function makePlot(random, id, [programme, programmeName, crops, practices], village, region, corridors) {
  const centre = [village[0] + gauss(random) * 0.011, village[1] + gauss(random) * 0.009];
  const wanted = 0.3 + random() ** 2 * (programme === 'OPG' ? 14 : 4.5);
  const radius = Math.sqrt((wanted * 1e4) / 2.6) / 110000;
  const turn = random() * Math.PI;
  const corners = 4 + Math.floor(random() * 4);
  const ring = Array.from({ length: corners }, (_, i) => {
    const a = turn + ((i + (random() - 0.5) * 0.35) / corners) * 2 * Math.PI;
    const r = radius * (0.85 + random() * 0.35);
    return [centre[0] + r * Math.cos(a), centre[1] + r * Math.sin(a)];
  });
  const ha = exact(ringHectares(ring));
  const mean = Math.max(0.1, 18 + 22 * Math.sin(centre[0] * 9) * Math.cos(centre[1] * 11) + gauss(random) * 9);
  const share = corridorShare(ring, corridors);
  return {
    id, code: `${programme}-${String(id).padStart(4, '0')}`, programme, programmeName, crops: crops.slice(0, 1 + (id % crops.length)), practices,
    organisation: programme === 'OPG' ? `Ganaderos ${region.name}` : programme === 'CAFE' ? (id % 2 ? 'RAYEN' : 'POT') : null,
    year: 2012 + (id % 12), ring, centre, ha, slope: exact(mean), classes: spread(ha, mean), slopeClass: null,
    corridorHa: exact(ha * share), corridor: share === 1 ? 'inside' : share === 0 ? 'outside' : 'edge', region,
    perimeter: perimeter(ring),
  };
}

const exact = (value) => Math.round(value * 1e10) / 1e10;
const gauss = (random) => (random() + random() + random() + random() - 2) * 1.2;

// Hectares over the classes around the mean slope; the last takes what is left so that they add up.
function spread(ha, mean) {
  const at = classOf(mean);
  const shares = [[at - 1, 0.22], [at + 1, 0.18]].filter(([i]) => i >= 0 && i < SLOPE_CLASSES.length);
  const classes = {};
  let left = ha;
  for (const [i, share] of shares) {
    const part = exact(ha * share);
    classes[SLOPE_CLASSES[i].code] = part;
    left -= part;
  }
  classes[SLOPE_CLASSES[at].code] = exact(left);
  return classes;
}
const classOf = (pct) => SLOPE_CLASSES.findLastIndex((row) => row.from_pct <= pct);
export const mainClass = (plot) => SLOPE_CLASSES[classOf(plot.slope)].code;

function corridorShare(ring, corridors) {
  const hits = ring.filter((p) => corridors.some((one) => contains(one.ring, p) && !(one.hole && contains(one.hole, p)))).length;
  return hits / ring.length;
}

// ---- plane geometry ----

export function contains(ring, [x, y]) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) odd = !odd;
  }
  return odd;
}

export function bboxOf(points) {
  return points.reduce((b, [x, y]) => [Math.min(b[0], x), Math.min(b[1], y), Math.max(b[2], x), Math.max(b[3], y)], [Infinity, Infinity, -Infinity, -Infinity]);
}

const metres = (p) => [p[0] * 111320 * Math.cos((p[1] * Math.PI) / 180), p[1] * 110570];
function ringHectares(ring) {
  const flat = ring.map(metres);
  return Math.abs(flat.reduce((sum, p, i) => sum + p[0] * flat[(i + 1) % flat.length][1] - p[1] * flat[(i + 1) % flat.length][0], 0)) / 2e4;
}
function perimeter(ring) {
  const flat = ring.map(metres);
  return flat.reduce((sum, p, i) => sum + Math.hypot(p[0] - flat[(i + 1) % flat.length][0], p[1] - flat[(i + 1) % flat.length][1]), 0);
}

// Sutherland-Hodgman against a box.
export function clipRing(ring, [w, s, e, n]) {
  return [(p) => p[0] - w, (p) => e - p[0], (p) => p[1] - s, (p) => n - p[1]].reduce((out, side) => clipBy(out, side), ring);
}
