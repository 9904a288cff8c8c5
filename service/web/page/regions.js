// Regions on the map: one name per region, and where a region lies.
import VectorSource from 'ol/source/Vector.js';
import VectorLayer from 'ol/layer/Vector.js';
import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import { buffer, createEmpty, extend, getHeight, getWidth, isEmpty } from 'ol/extent.js';
import { createXYZ } from 'ol/tilegrid.js';

import { getRegionTile } from './api.js';
import { labelStyle } from './styles.js';
import { TILE_PX } from './tiles.js';

// A region comes in as many pieces as tiles it crosses; its name is written once, in its largest piece of the zoom shown.
export function regionLabels() {
  const source = new VectorSource();
  const layer = new VectorLayer({ source, style: labelStyle(), declutter: true, updateWhileAnimating: true });
  const pieces = new Map(); // zoom -> region -> {area, point, name}
  let shown = null;

  function add(features, [z]) {
    if (!pieces.has(z)) pieces.set(z, new Map());
    const level = pieces.get(z);
    let changed = false;
    for (const feature of features) {
      const name = feature.get('name');
      const geometry = feature.getGeometry();
      if (!name || !geometry?.getType().endsWith('Polygon')) continue;
      const id = `${feature.get('level') ?? ''}/${feature.get('key') ?? name}`;
      const largest = largestPolygon(geometry);
      const area = Math.abs(largest.getArea());
      if (area > (level.get(id)?.area ?? 0)) {
        level.set(id, { area, point: largest.getInteriorPoint().getCoordinates().slice(0, 2), name });
        changed = true;
      }
    }
    if (changed && z === shown) show(z, true);
  }

  function show(z, force = false) {
    if (z === shown && !force) return;
    shown = z;
    source.clear(true);
    source.addFeatures([...(pieces.get(z)?.values() ?? [])].map(({ point, name }) => new Feature({ geometry: new Point(point), name })));
  }

  return { layer, add, show };
}

function largestPolygon(geometry) {
  if (geometry.getType() === 'Polygon') return geometry;
  return geometry.getPolygons().reduce((best, polygon) => (Math.abs(polygon.getArea()) > Math.abs(best.getArea()) ? polygon : best));
}

const MOST_TILES = 64;

// The extent (EPSG:3857) of the region with this key, from the same tiles as the map; null when the map does not know it. A
// region of a few pixels is looked at a second time, closer.
export async function findRegion(level, key, bounds) {
  const grid = createXYZ({ tileSize: TILE_PX });
  const format = new GeoJSON({ featureProjection: 'EPSG:3857' });
  const first = grid.getZForResolution(Math.max(getWidth(bounds), getHeight(bounds)) / (2 * TILE_PX));
  for (const z of [first, first + 2]) {
    const coordinates = [];
    grid.forEachTileCoord(bounds, z, (coordinate) => coordinates.push(coordinate.slice()));
    if (coordinates.length > MOST_TILES) return null;
    const tiles = await Promise.all(coordinates.map(([tz, x, y]) => getRegionTile(level, tz, x, y)));
    const found = createEmpty();
    for (const feature of tiles.flatMap((tile) => format.readFeatures(tile))) {
      const shape = feature.getGeometry(); // a point where the region is too small to draw
      if (String(feature.get('key')) === key) extend(found, shape.getType() === 'Point' ? buffer(shape.getExtent(), grid.getResolution(z)) : shape.getExtent());
    }
    if (!isEmpty(found) && (z > first || getWidth(found) > 16 * grid.getResolution(z))) return found;
  }
  return null;
}
