// Tile sources: GeoJSON tiles of the server, read here so that errors are seen and so that overview cells, and plots too small
// to outline, are gathered into circles far enough apart to be told from each other and clicked.
import VectorTile from 'ol/source/VectorTile.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import { getCenter } from 'ol/extent.js';

const TILE_STATE_ERROR = 3; // ol/TileState.ERROR
export const TILE_PX = 512; // a tile is drawn 360 to 720 px wide: the nearest zoom is taken
const GROUPS_PER_TILE = 16; // circles per tile side, 32 px apart; the server's cells are 64 per side
const GATHER_ZOOM_MAX = 9; // up to here nearly every plot is a point
const GATHER_LEAST = 3; // fewer plots than this stay single, to be clicked one by one

// layer: "plots" …; maxZoom from TileJSON; onFeatures(features, z) sees each tile once.
export function tileSource(layer, maxZoom, { onFeatures, onError } = {}) {
  const format = new GeoJSON();
  return new VectorTile({
    format,
    url: `/tiles/${layer}/{z}/{x}/{y}.geojson`,
    maxZoom,
    tileSize: TILE_PX,
    zDirection: 0,
    wrapX: false,
    transition: 0,
    tileLoadFunction(tile, url) {
      tile.setLoader(async (extent, resolution, projection) => {
        try {
          const answer = await fetch(url);
          if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
          const read = format.readFeatures(await answer.json(), { dataProjection: 'EPSG:4326', featureProjection: projection });
          const features = gather(read, extent, tile.tileCoord[0]);
          onFeatures?.(features, tile.tileCoord, extent);
          tile.setFeatures(features);
        } catch (error) {
          tile.setState(TILE_STATE_ERROR);
          onError?.(error);
        }
      });
    },
  });
}

// Replaces overview cells, and at low zooms points of single plots, by one feature per group of them: sums of plots and
// hectares at their weighted middle. Nothing is lost.
export function gather(features, extent, z) {
  const kept = [];
  const groups = new Map();
  const step = (extent[2] - extent[0]) / GROUPS_PER_TILE;
  for (const feature of features) {
    const cell = feature.get('cell');
    if (!cell && !(z <= GATHER_ZOOM_MAX && feature.get('programme') !== undefined && feature.getGeometry().getType() === 'Point')) {
      kept.push(feature);
      continue;
    }
    const [x, y] = getCenter(feature.getGeometry().getExtent());
    const key = `${Math.floor((x - extent[0]) / step)}/${Math.floor((y - extent[1]) / step)}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(feature);
  }
  for (const group of groups.values()) {
    if (group.length < GATHER_LEAST && !group[0].get('cell')) kept.push(...group);
    else kept.push(groupFeature(group));
  }
  return kept;
}

function groupFeature(group) {
  const sums = { plots: 0, ha: 0, corridor_ha: 0, slope: {}, programmes: {} };
  let [weights, x, y] = [0, 0, 0];
  for (const feature of group) {
    const ha = feature.get('ha') ?? 0;
    const weight = Math.max(ha, 1e-6);
    const [fx, fy] = getCenter(feature.getGeometry().getExtent());
    weights += weight;
    x += fx * weight;
    y += fy * weight;
    sums.plots += feature.get('plots') ?? 1;
    sums.ha += ha;
    sums.corridor_ha += feature.get('corridor_ha') ?? 0;
    add(sums.slope, feature.get('slope_ha') ?? { [feature.get('slope_class') ?? 'none']: ha });
    if (!feature.get('cell')) add(sums.programmes, { [feature.get('programme')]: ha }); // the server's cells do not tell programmes
  }
  return new Feature({
    geometry: new Point([x / weights, y / weights]), cell: true, plots: sums.plots, ha: sums.ha, corridor_ha: sums.corridor_ha,
    slope_class: largest(sums.slope), slope_class_hectares: sums.slope, programme: largest(sums.programmes), programme_ha: sums.programmes,
  });
}

function add(sums, parts) {
  for (const [code, ha] of Object.entries(parts)) sums[code] = (sums[code] ?? 0) + ha;
}

// The key with the most hectares; undefined of nothing.
const largest = (sums) => Object.entries(sums).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
