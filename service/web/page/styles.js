// How features are drawn. Styles are made once per look and shared: a tile has thousands of plots and few looks.
import Style from 'ol/style/Style.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Circle from 'ol/style/Circle.js';
import Text from 'ol/style/Text.js';

import { CORRIDOR, NEUTRAL, UNKNOWN } from './colours.js';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif';
const OUTLINE = 'rgba(25,32,30,0.78)';
const CELL_RADIUS = [3.5, 17]; // pixels: the smallest and the largest circle of many plots
const POINT_RADIUS = [2.6, 6];

// Radius whose area follows hectares; `reference` hectares have the largest circle.
export function cellRadius(ha, reference) {
  const share = reference > 0 ? Math.max(ha, 0) / reference : 0;
  return Math.max(CELL_RADIUS[0], CELL_RADIUS[1] * Math.sqrt(Math.min(share, 1)));
}

// A style function for plots. `look` is read at each call: {colourBy, slope: Map, programmes: Map, only: programme code or '',
// reference: hectares of the largest circle}.
export function plotStyle(look) {
  const polygons = new Map();
  const circles = new Map();

  function colourOf(feature, cell) {
    if (look.colourBy === 'programme') {
      const programme = cell && look.only && feature.get('programme_ha')?.[look.only] ? look.only : feature.get('programme');
      if (cell && programme === undefined) return NEUTRAL;
      return look.programmes.get(programme) ?? UNKNOWN;
    }
    return look.slope.get(feature.get('slope_class')) ?? UNKNOWN;
  }

  function polygon(colour, faint) {
    const key = `${colour}${faint}`;
    if (!polygons.has(key)) {
      polygons.set(key, new Style({
        fill: new Fill({ color: faint ? `${colour}22` : `${colour}f2` }),
        stroke: new Stroke({ color: faint ? 'rgba(25,32,30,0.22)' : OUTLINE, width: 0.9 }),
        zIndex: faint ? 0 : 1,
      }));
    }
    return polygons.get(key);
  }

  function circle(colour, radius, faint, cell) {
    const r = Math.round(radius * 2) / 2;
    const key = `${colour}${r}${faint}${cell}`;
    if (!circles.has(key)) {
      circles.set(key, new Style({
        image: new Circle({
          radius: r,
          fill: new Fill({ color: faint ? `${colour}33` : cell ? `${colour}d0` : colour }),
          stroke: new Stroke({ color: faint ? 'rgba(25,32,30,0.2)' : cell ? '#ffffff' : OUTLINE, width: cell ? 1.2 : 0.8 }),
        }),
        zIndex: 1000 - r, // small ones over large ones: none is hidden
      }));
    }
    return circles.get(key);
  }

  return (feature) => {
    const cell = Boolean(feature.get('cell'));
    const known = feature.get('programme') !== undefined; // the server's cells hold all programmes together
    const part = cell && look.only && known ? (feature.get('programme_ha')[look.only] ?? 0) : feature.get('ha');
    const faint = Boolean(look.only) && known && (cell ? part === 0 : feature.get('programme') !== look.only);
    const colour = colourOf(feature, cell);
    if (cell) return circle(colour, cellRadius(faint ? feature.get('ha') : part, look.reference), faint, true);
    if (feature.getGeometry().getType().endsWith('Point')) {
      const ha = Math.max(feature.get('ha') ?? 0, 0);
      const radius = look.reference > 0 ? cellRadius(ha, look.reference) : Math.min(POINT_RADIUS[1], POINT_RADIUS[0] + Math.sqrt(ha) * 0.7);
      return circle(colour, radius, faint, false);
    }
    return polygon(colour, faint);
  };
}

// Diagonal hatching says "corridor" without relying on colour.
export function corridorStyle(pixelRatio) {
  return new Style({
    fill: new Fill({ color: hatch(pixelRatio) }),
    stroke: new Stroke({ color: CORRIDOR.line, width: 1.6 }),
  });
}

function hatch(pixelRatio) {
  const size = Math.round(8 * pixelRatio);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d');
  context.fillStyle = CORRIDOR.fill;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = CORRIDOR.hatch;
  context.lineWidth = 1.1 * pixelRatio;
  context.beginPath();
  for (const shift of [-size, 0, size]) {
    context.moveTo(shift - 2, size + 2);
    context.lineTo(shift + size + 2, -2);
  }
  context.stroke();
  return context.createPattern(canvas, 'repeat');
}

// Regions: land colour and outline; the one that was picked in the table is outlined strongly.
export function regionStyle(picked) {
  const land = new Fill({ color: '#fcfbf8' });
  const plain = new Style({ fill: land, stroke: new Stroke({ color: '#98938a', width: 1 }) });
  const state = new Style({ fill: land, stroke: new Stroke({ color: '#6f6a62', width: 1.6 }) });
  const strong = new Style({
    fill: new Fill({ color: 'rgba(255,214,92,0.20)' }), stroke: new Stroke({ color: '#b35c00', width: 2.6 }), zIndex: 1,
  });
  return (feature) => {
    if (feature.get('key') !== undefined && feature.get('key') === picked.key) return [plain, strong];
    return feature.get('level') === 'state' ? state : plain;
  };
}

export function labelStyle() {
  const style = new Style({
    text: new Text({
      font: `500 12px ${FONT}`, overflow: true,
      fill: new Fill({ color: '#3d3a35' }), stroke: new Stroke({ color: 'rgba(252,251,248,0.92)', width: 3 }),
    }),
  });
  return (feature) => {
    style.getText().setText(feature.get('name'));
    return style;
  };
}

// The chosen plot: a white and a dark line, readable on every fill.
export const chosenStyle = [
  new Style({
    stroke: new Stroke({ color: '#ffffff', width: 6 }),
    image: new Circle({ radius: 10, stroke: new Stroke({ color: '#ffffff', width: 5 }) }),
  }),
  new Style({
    stroke: new Stroke({ color: '#b3261e', width: 3 }),
    image: new Circle({ radius: 10, stroke: new Stroke({ color: '#b3261e', width: 2.5 }) }),
  }),
];

export const graticuleStyle = new Stroke({ color: 'rgba(70,80,90,0.20)', width: 1 });
// align: how the text lies against its end of the line.
export const graticuleText = (align) =>
  new Text({
    ...align, font: `11px ${FONT}`, fill: new Fill({ color: '#5d6670' }), stroke: new Stroke({ color: 'rgba(255,255,255,0.8)', width: 3 }),
  });
