// The map: layers, picking, and moving about. It knows nothing of the table or the panels; it reports through callbacks.
import OlMap from 'ol/Map.js';
import View from 'ol/View.js';
import VectorTileLayer from 'ol/layer/VectorTile.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import Graticule from 'ol/layer/Graticule.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import { defaults as defaultInteractions } from 'ol/interaction/defaults.js';
import { transformExtent } from 'ol/proj.js';
import { buffer, getCenter, isEmpty } from 'ol/extent.js';

import { t } from './i18n.js';
import { findRegion, regionLabels } from './regions.js';
import { chosenStyle, corridorStyle, graticuleStyle, graticuleText, plotStyle, regionStyle } from './styles.js';
import { tileSource } from './tiles.js';

const MEXICO = [-117.5, 14.3, -86.5, 32.8]; // where to look while the registry is empty
const HIT_TOLERANCE = 5;
const VIEW_MAX_ZOOM = 19;

// on: {pick(feature or null), hover(feature or null, pixel), loading(busy), failed(), moved()}
export function createMap(target, tileJsons, on) {
  const regionBounds = validBounds(tileJsons.regions?.bounds);
  const bounds = validBounds(tileJsons.plots?.bounds) ?? regionBounds ?? MEXICO;
  const extent = transformExtent(bounds, 'EPSG:4326', 'EPSG:3857');
  const look = { colourBy: 'slope', slope: new Map(), programmes: new Map(), only: '', reference: 0 };
  const largestOf = new Map(); // zoom -> hectares of its largest circle so far
  const mixed = new Set(); // zooms with circles that hold all programmes together
  const picked = { key: undefined };
  const labels = regionLabels();

  const sources = {
    regions: tileSource('regions', tileJsons.regions?.maxzoom ?? 14, { onFeatures: labels.add, onError: on.failed }),
    corridors: tileSource('corridors', tileJsons.corridors?.maxzoom ?? 14, { onError: on.failed }),
    plots: tileSource('plots', tileJsons.plots?.maxzoom ?? 14, { onFeatures: rememberLargest, onError: on.failed }),
  };
  const layers = {
    regions: new VectorTileLayer({ source: sources.regions, style: regionStyle(picked), renderMode: 'vector' }),
    corridors: new VectorTileLayer({ source: sources.corridors, style: corridorStyle(devicePixelRatio || 1), renderMode: 'vector' }),
    plots: new VectorTileLayer({ source: sources.plots, style: plotStyle(look), renderBuffer: 24 }),
    graticule: new Graticule({
      strokeStyle: graticuleStyle, showLabels: true, wrapX: false, targetSize: 140,
      lonLabelStyle: graticuleText({ textBaseline: 'top' }), latLabelStyle: graticuleText({ textAlign: 'end' }), lonLabelPosition: 0.992, latLabelPosition: 0.995,
      lonLabelFormatter: (degrees) => angle(degrees, 'E', t('west')), latLabelFormatter: (degrees) => angle(degrees, 'N', 'S'),
    }),
  };
  const chosen = new VectorSource();
  const map = new OlMap({
    target,
    controls: [new ScaleLine({ units: 'metric', minWidth: 64 })],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, zoomDuration: 180 }),
    layers: [layers.regions, layers.graticule, layers.corridors, layers.plots, labels.layer, new VectorLayer({ source: chosen, style: chosenStyle })],
    view: new View({ projection: 'EPSG:3857', center: getCenter(extent), zoom: 5, maxZoom: VIEW_MAX_ZOOM, enableRotation: false }),
  });
  const view = map.getView();
  const shownZoom = (source) => source.getTileGrid().getZForResolution(view.getResolution() ?? 1, source.zDirection);
  layers.plots.setVisible(!tileJsons.plots?.hidden);
  home(0);
  watch();

  // ---- moving ----

  // Free map beside the panels that lie over it (top, right, bottom, left).
  function padding() {
    const [legend, detail] = ['legend', 'detail'].map((id) => document.getElementById(id));
    const [wide, tall] = [target.clientWidth > 820, target.clientHeight];
    const below = !wide && !detail.hidden ? Math.min(detail.offsetHeight + 16, tall * 0.7) : 44;
    return [36, wide && !detail.hidden ? detail.offsetWidth + 36 : 36, below, wide && legend.open ? legend.offsetWidth + 36 : 36];
  }
  function fit(where, duration = 450) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    view.fit(where, { padding: padding(), duration: calm ? 0 : duration, maxZoom: 16.5 });
  }
  function home(duration) {
    fit(extent, duration);
  }
  function zoomBy(step) {
    view.animate({ zoom: view.getZoom() + step, duration: 180 });
  }

  // ---- what tiles tell ----

  function rememberLargest(features, [z]) {
    const largest = features.reduce((most, feature) => (feature.get('cell') ? Math.max(most, feature.get('ha') ?? 0) : most), largestOf.get(z) ?? 0);
    largestOf.set(z, largest);
    if (features.some((feature) => feature.get('cell') && feature.get('programme') === undefined)) mixed.add(z);
    scaleCircles();
  }

  // Circles are drawn against the largest of their zoom; plots are drawn anew only when that changes.
  function scaleCircles() {
    const reference = largestOf.get(shownZoom(sources.plots)) ?? 0;
    if (reference === look.reference) return;
    look.reference = reference;
    layers.plots.changed();
    on.moved();
  }

  function watch() {
    let busy = 0;
    for (const source of Object.values(sources)) {
      source.on('tileloadstart', () => on.loading(++busy > 0));
      source.on(['tileloadend', 'tileloaderror'], () => on.loading(--busy > 0));
    }
    map.on('moveend', () => {
      labels.show(shownZoom(sources.regions));
      scaleCircles();
    });
    map.on('click', (event) => on.pick(at(event.pixel)));
    let pixel = null; // where the pointer is; looked at once per frame
    map.on('pointermove', (event) => {
      if (pixel === null) requestAnimationFrame(lookUnder);
      pixel = event.dragging ? undefined : event.pixel;
    });
    const lookUnder = () => {
      const feature = pixel ? at(pixel) : null;
      target.classList.toggle('over-plot', Boolean(feature));
      on.hover(feature, pixel);
      pixel = null;
    };
    target.addEventListener('pointerleave', () => on.hover(null));
    target.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target === target) on.pick(at([target.clientWidth / 2, target.clientHeight / 2]));
    });
  }

  // The plot or circle nearest to a pixel, or null.
  function at(pixel) {
    let found = null;
    map.forEachFeatureAtPixel(pixel, (feature) => (found = feature), { layerFilter: (layer) => layer === layers.plots, hitTolerance: HIT_TOLERANCE });
    return found;
  }

  return {
    map, look, home, zoomBy,
    restyle: () => layers.plots.changed(),
    setVisible(name, visible) {
      layers[name].setVisible(visible);
      if (name === 'regions') labels.layer.setVisible(visible);
    },
    // Hectares of the largest circle at this zoom, 0 when plots are drawn one by one.
    largestCell: () => look.reference,
    mixedCells: () => mixed.has(shownZoom(sources.plots)),
    zoomInAt(feature) {
      view.animate({ center: getCenter(feature.getGeometry().getExtent()), zoom: view.getZoom() + 2.2, duration: 350 });
    },
    // Marks a plot by the exact geometry of its record (GeoJSON), or a circle; null clears.
    choose(geometry) {
      chosen.clear();
      if (!geometry) return;
      const drawn = geometry.type ? new GeoJSON().readGeometry(geometry, { featureProjection: 'EPSG:3857' }) : new Point(getCenter(geometry.getGeometry().getExtent()));
      chosen.addFeature(new Feature(drawn));
    },
    zoomToChosen() {
      const where = chosen.getExtent();
      if (where && !isEmpty(where)) fit(buffer(where, 40));
    },
    // Moves the map when the chosen plot lies under a panel.
    uncover(panel) {
      const where = chosen.getExtent();
      if (!where || isEmpty(where)) return;
      const [x, y] = map.getPixelFromCoordinate(getCenter(where)) ?? [0, 0];
      const [frame, box] = [target.getBoundingClientRect(), panel.getBoundingClientRect()];
      const covered = x + frame.left > box.left - 20 && x + frame.left < box.right && y + frame.top > box.top - 20 && y + frame.top < box.bottom + 20;
      if (!covered) return;
      const [top, right, bottom, left] = padding();
      const middle = [(left + frame.width - right) / 2, (top + frame.height - bottom) / 2];
      const [cx, cy] = view.getCenter();
      const resolution = view.getResolution();
      view.animate({ center: [cx + (x - middle[0]) * resolution, cy - (y - middle[1]) * resolution], duration: 250 });
    },
    // Zooms to a region and outlines it; false when it is not on the map.
    async zoomToRegion(level, key) {
      const where = await findRegion(level, key, transformExtent(regionBounds ?? bounds, 'EPSG:4326', 'EPSG:3857'));
      picked.key = where ? key : undefined;
      layers.regions.changed();
      if (where) fit(where);
      return Boolean(where);
    },
    clearRegion() {
      picked.key = undefined;
      layers.regions.changed();
    },
  };
}

// 92.5 -> 92°30′ and the letter of its side.
function angle(degrees, positive, negative) {
  const seconds = Math.round(Math.abs(degrees) * 3600);
  const parts = [[Math.floor(seconds / 3600), '°'], [Math.floor(seconds / 60) % 60, '′'], [seconds % 60, '″']];
  while (parts.length > 1 && parts[parts.length - 1][0] === 0) parts.pop();
  return `${parts.map(([value, sign]) => value + sign).join('')} ${degrees < 0 ? negative : positive}`;
}

// [west, south, east, north] in degrees, or null; a single point gets some room around it.
function validBounds(bounds) {
  if (!Array.isArray(bounds) || bounds.length < 4) return null;
  const [west, south, east, north] = bounds.map(Number);
  const inside = west >= -180 && east <= 180 && south >= -90 && north <= 90 && west <= east && south <= north;
  if (!inside || (east - west > 350 && north - south > 160)) return null;
  const room = Math.max(0.002, (east - west) * 0.01);
  return [west - room, Math.max(south - room, -85), east + room, Math.min(north + room, 85)];
}
