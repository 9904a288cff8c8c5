// Tile sources: GeoJSON tiles of the server, read here so that errors are seen and the fine grid of overview cells is
// gathered into circles far enough apart to be told from each other and clicked.
import VectorTile from 'ol/source/VectorTile.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import { getCenter } from 'ol/extent.js';

const TILE_STATE_ERROR = 3; // ol/TileState.ERROR
export const TILE_PX = 512; // a tile is drawn 360 to 720 px wide: the nearest zoom is taken
const GROUPS_PER_TILE = 16; // circles per tile side, 32 px apart; the server's cells are 64 per side

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
          const features = gatherCells(read, extent);
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

// Replaces overview cells by one feature per group of them: sums of plots and hectares at their weighted middle. Nothing is lost.
export function gatherCells(features, extent) {
  const kept = [];
  const groups = new Map();
  const step = (extent[2] - extent[0]) / GROUPS_PER_TILE;
  for (const feature of features) {
    if (!feature.get('cell')) {
      kept.push(feature);
      continue;
    }
    const [x, y] = getCenter(feature.getGeometry().getExtent());
    const key = `${Math.floor((x - extent[0]) / step)}/${Math.floor((y - extent[1]) / step)}`;
    if (!groups.has(key)) groups.set(key, { plots: 0, ha: 0, corridor_ha: 0, weight: 0, x: 0, y: 0, classes: new Map() });
    addCell(groups.get(key), feature, x, y);
  }
  for (const group of groups.values()) kept.push(groupFeature(group));
  return kept;
}

function addCell(group, feature, x, y) {
  const ha = feature.get('ha') ?? 0;
  const weight = Math.max(ha, 1e-6);
  group.plots += feature.get('plots') ?? 1;
  group.ha += ha;
  group.corridor_ha += feature.get('corridor_ha') ?? 0;
  group.weight += weight;
  group.x += x * weight;
  group.y += y * weight;
  for (const [code, share] of classHectares(feature.get('slope_class_hectares') ?? feature.get('classes'), feature.get('slope_class'), ha)) {
    group.classes.set(code, (group.classes.get(code) ?? 0) + share);
  }
}

// Hectares by class of a cell: as told, or all of them in its main class.
function classHectares(told, main, ha) {
  if (told && typeof told === 'object') return Object.entries(told);
  return main === undefined || main === null ? [] : [[main, ha]];
}

function groupFeature(group) {
  const [main] = [...group.classes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Feature({
    geometry: new Point([group.x / group.weight, group.y / group.weight]),
    cell: true, plots: group.plots, ha: group.ha, corridor_ha: group.corridor_ha, slope_class: main?.[0],
    slope_class_hectares: Object.fromEntries(group.classes),
  });
}
