/* global VOCABULARY -- {code: [es, en]} of crops and practices, put in by build.mjs */
// Spanish and English: texts, numbers and the words of the registry. The choice is kept in localStorage.

const TEXTS = {
  en: {
    subtitle: 'Plot registry for regenerative land',
    language: 'Language',
    mapLabel: 'Map of plots. Arrow keys move it, plus and minus zoom, Enter opens the plot under the cross.',
    zoomIn: 'Zoom in', zoomOut: 'Zoom out', home: 'Show the whole registry',
    legend: 'Map', layers: 'Layers', plots: 'Plots', corridors: 'Biological corridors', regions: 'Regions', graticule: 'Grid of degrees',
    colourBy: 'Colour plots by', bySlope: 'Slope', byProgramme: 'Programme',
    slopeLegend: 'Main slope class', programmeLegend: 'Programme', noData: 'No elevation data',
    otherProgrammes: 'Other programmes', severalProgrammes: 'Several programmes',
    circles: 'Many plots together', circlesHelp: 'Circle area = hectares. Zoom in to see each plot.', circlesAll: 'Circles hold all programmes.',
    inCorridor: 'in a corridor',
    hectares: 'Hectares', hectaresShort: 'ha', hectaresBy: 'Hectares by', distinct: 'Distinct', corridorShare: 'Corridor', 
    distinctHelp: 'Ground counted once where plots overlap',
    programme: 'Programme', allProgrammes: 'All programmes', total: 'Total', none: 'In none', notStated: 'Not stated', noRegion: 'Outside every {name}', noPlot: 'No {name} stated',
    plusMinusHelp: '95 % interval from the accuracy of the boundaries: the true hectares lie within it in 19 of 20 cases', edgeHelp: '{ha} ha of plots near a border of a corridor, within the accuracy of its map',
    statuses: { measured: 'as measured', repaired: 'boundary repaired' },
    csv: 'Download CSV', sortBy: 'Sort by {name}', zoomTo: 'Show {name} on the map', regionNotFound: '{name} is not on the map.',
    dims: { municipality: 'municipality', state: 'state', programme: 'programme', organisation: 'organisation', crop: 'crop',
      practice: 'practice', year: 'year', slope_class: 'slope class', corridor: 'corridor', survey: 'survey method', status: 'status', corridor_name: 'corridor by name', locality: 'locality', ejido: 'ejido' },
    suppressed: 'Not shown: too few producers',
    loading: 'Loading…', loadingTable: 'Loading hectares…', loadingPlot: 'Loading the plot…',
    failedTiles: 'Some of the map could not be loaded.', failedTable: 'The hectares could not be loaded: {why}',
    failedPlot: 'The plot could not be loaded: {why}', retry: 'Try again', noAnswer: 'the server does not answer',
    tableReady: '{n} rows, {ha} hectares in total',
    emptyTitle: 'There are no plots yet', emptyText: 'Import boundaries with this command and load the page again. Add --dry-run to see first what would happen.',
    noRegions: 'No regions of this level in the registry yet. Add them with:',
    close: 'Close', zoomPlot: 'Zoom to the plot', zoomHere: 'Zoom in here',
    plot: 'Plot', cellTitle: '{n} plots', cellOne: '1 plot', cellText: 'Too many to draw one by one at this scale.',
    perimeter: 'Perimeter', slopeMean: 'Mean slope', slopeMax: 'Steepest', slopeClasses: 'Hectares by slope class', corridor: 'Corridor',
    corridorHectares: 'Hectares in corridors', verdict: { inside: 'Inside', edge: 'At the edge', outside: 'Outside', unknown: 'Unknown' },
    verdictHelp: { inside: 'certainly inside a corridor', edge: "within the map's accuracy of a corridor's border", outside: 'certainly outside' },
    municipality: 'Municipality', state: 'State', crops: 'Crops', practices: 'Practices', organisation: 'Organisation', year: 'Year of adoption',
    observed: 'Boundary of', since: 'In the registry since', survey: 'Survey', accuracy: 'Accuracy of its points', declared: 'Declared', surface: 'Sloping surface',
    corridorNames: 'Corridors', slopeSteep: 'Steepest 10 %', slopeSteepText: 'over {pct} %',
    methods: { parcela: 'Parcela', change: 'Change number', area: 'Hectares', area_version: 'Version of the method', slope: 'Slope', slope_table: 'Slope classes', slope_table_source: 'Source of the classes', slope_expected: 'Expected by class', uncertainty: 'Their ±' },
    surveys: { walked: 'walked', digitised: 'digitised', cadastral: 'cadastral', imported: 'imported' },
    milpa: 'Milpa with fruit trees', milpaModule: 'Modules', milpaWidth: '{width} m wide on {ha} ha ({side})', milpaUnder: 'slope under {pct} %', milpaOver: '{pct} % and over',
    milpaRows: 'Rows on the contour', milpaTrees: 'Trees', milpaRatio: 'Soil loss, after / before', milpaPicture: 'Hillside with fruit-tree rows {width} m apart and maize between them',
    milpaHelp: 'In brackets: 90 % interval. Before: {length} m of unbroken slope, unless measured; trees {spacing} m apart.',
    slopeCells: '{m} m cells', expectedHelp: 'expected under the error of the elevation model',
    slopeRange: '{from}–{to} %', slopeOver: 'over {from} %',
    howComputed: 'How these figures are computed', layerEditions: 'Layers', offline: 'Works without internet.', licences: 'Licences',
    plotsHidden: 'Plots are shown only on the computer of the registry; these are the public totals.', mapBy: 'Drawn with OpenLayers', west: 'W', terrain: 'Elevation',
    imports: {
      open: 'Import', title: 'Import plots', check: 'Check (dry run)', commit: 'Import these plots', discard: 'Discard', stop: 'Stop',
      help: 'Nothing is written before you have seen the report. A token of an editor is made with: parcela token add REGISTRY --role editor',
      token: 'Token', drop: 'Drop files here or pick them: all parts of a shapefile together, zip, GeoPackage, KML, GPX, CSV, XLSX…',
      sending: 'Sending…', blocked: 'another program writes', remaining: 'about {s} s left', row: 'row {n}', skip: 'Leave out {n} files that cannot be read',
      tooMuch: 'More than the server takes: {mb} MB and {n} files.',
      kept: 'The file is kept until {when}.',
      whichSystem: 'Which coordinate system is it in? The likeliest first; the share says how many rows would lie in their municipality, or in any.',
      system: '{crs} · {name} · {share}',
      states: { waiting: 'Waiting', running: 'Working', checked: 'Checked: nothing was written yet', committed: 'Imported', reverted: 'Undone', failed: 'Not possible', cancelled: 'Stopped', quarantined: 'Put aside' },
      phases: { reading: 'reading', overlaps: 'looking for overlaps', saving: 'saving' },
      counts: { rows: 'Rows', new: 'New', revised: 'Revised', unchanged: 'Unchanged', held: 'Held', rejected: 'Rejected', repaired: 'Repaired' },
      severities: { error: 'error', warning: 'warning', info: 'note' },
    },
  },
  es: {
    subtitle: 'Registro de parcelas de tierra regenerativa',
    language: 'Idioma',
    mapLabel: 'Mapa de parcelas. Las flechas lo mueven, más y menos acercan y alejan, Intro abre la parcela bajo la cruz.',
    zoomIn: 'Acercar', zoomOut: 'Alejar', home: 'Ver todo el registro',
    legend: 'Mapa', layers: 'Capas', plots: 'Parcelas', corridors: 'Corredores biológicos', regions: 'Regiones', graticule: 'Cuadrícula de grados',
    colourBy: 'Colorear parcelas por', bySlope: 'Pendiente', byProgramme: 'Programa',
    slopeLegend: 'Clase de pendiente principal', programmeLegend: 'Programa', noData: 'Sin datos de elevación',
    otherProgrammes: 'Otros programas', severalProgrammes: 'Varios programas',
    circles: 'Varias parcelas juntas', circlesHelp: 'Área del círculo = hectáreas. Acerque para ver cada parcela.', circlesAll: 'Los círculos reúnen todos los programas.',
    inCorridor: 'en corredor',
    hectares: 'Hectáreas', hectaresShort: 'ha', hectaresBy: 'Hectáreas por', distinct: 'Distintas', corridorShare: 'Corredor', 
    distinctHelp: 'El terreno se cuenta una vez donde las parcelas se enciman',
    programme: 'Programa', allProgrammes: 'Todos los programas', total: 'Total', none: 'En ninguno', notStated: 'Sin dato', noRegion: 'Fuera de todo {name}', noPlot: 'Sin {name}',
    plusMinusHelp: 'intervalo de 95 % por la exactitud de los linderos: las hectáreas verdaderas quedan en él 19 de cada 20 veces', edgeHelp: '{ha} ha de parcelas junto al borde de un corredor, dentro de la exactitud de su mapa',
    statuses: { measured: 'como se midió', repaired: 'lindero reparado' },
    csv: 'Descargar CSV', sortBy: 'Ordenar por {name}', zoomTo: 'Ver {name} en el mapa', regionNotFound: '{name} no está en el mapa.',
    dims: { municipality: 'municipio', state: 'estado', programme: 'programa', organisation: 'organización', crop: 'cultivo',
      practice: 'práctica', year: 'año', slope_class: 'clase de pendiente', corridor: 'corredor', survey: 'levantamiento', status: 'estado del lindero', corridor_name: 'corredor por nombre', locality: 'localidad', ejido: 'ejido' },
    suppressed: 'No se muestra: muy pocos productores',
    loading: 'Cargando…', loadingTable: 'Cargando hectáreas…', loadingPlot: 'Cargando la parcela…',
    failedTiles: 'Una parte del mapa no se pudo cargar.', failedTable: 'No se pudieron cargar las hectáreas: {why}',
    failedPlot: 'No se pudo cargar la parcela: {why}', retry: 'Reintentar', noAnswer: 'el servidor no responde',
    tableReady: '{n} filas, {ha} hectáreas en total',
    emptyTitle: 'Todavía no hay parcelas', emptyText: 'Importe los límites con este comando y vuelva a cargar la página. Con --dry-run se ve antes lo que pasaría.',
    noRegions: 'Todavía no hay regiones de este nivel en el registro. Se agregan con:',
    close: 'Cerrar', zoomPlot: 'Acercar a la parcela', zoomHere: 'Acercar aquí',
    plot: 'Parcela', cellTitle: '{n} parcelas', cellOne: '1 parcela', cellText: 'Son demasiadas para dibujar cada una a esta escala.',
    perimeter: 'Perímetro', slopeMean: 'Pendiente media', slopeMax: 'Máxima', slopeClasses: 'Hectáreas por clase de pendiente', corridor: 'Corredor',
    corridorHectares: 'Hectáreas en corredores', verdict: { inside: 'Dentro', edge: 'En el borde', outside: 'Fuera', unknown: 'Sin dato' },
    verdictHelp: { inside: 'con certeza dentro de un corredor', edge: 'a menos de la exactitud del mapa del borde de un corredor', outside: 'con certeza fuera' },
    municipality: 'Municipio', state: 'Estado', crops: 'Cultivos', practices: 'Prácticas', organisation: 'Organización', year: 'Año de adopción',
    observed: 'Límite del', since: 'En el registro desde', survey: 'Levantamiento', accuracy: 'Exactitud de sus puntos', declared: 'Declaradas', surface: 'Superficie inclinada',
    corridorNames: 'Corredores', slopeSteep: 'El 10 % más inclinado', slopeSteepText: 'más de {pct} %',
    methods: { parcela: 'Parcela', change: 'Número de cambio', area: 'Hectáreas', area_version: 'Versión del método', slope: 'Pendiente', slope_table: 'Clases de pendiente', slope_table_source: 'Fuente de las clases', slope_expected: 'Esperado por clase', uncertainty: 'Su ±' },
    surveys: { walked: 'recorrido', digitised: 'digitalizado', cadastral: 'catastral', imported: 'importado' },
    milpa: 'Milpa con árboles frutales', milpaModule: 'Módulos', milpaWidth: '{width} m de ancho en {ha} ha ({side})', milpaUnder: 'pendiente menor de {pct} %', milpaOver: '{pct} % o más',
    milpaRows: 'Hileras a nivel', milpaTrees: 'Árboles', milpaRatio: 'Pérdida de suelo, después / antes', milpaPicture: 'Ladera con hileras de frutales cada {width} m y maíz entre ellas',
    milpaHelp: 'Entre paréntesis: intervalo de 90 %. Antes: {length} m de ladera sin interrupción, si no se midió; árboles a {spacing} m.',
    slopeCells: 'celdas de {m} m', expectedHelp: 'lo esperado con el error del modelo de elevación',
    slopeRange: '{from}–{to} %', slopeOver: 'más de {from} %',
    howComputed: 'Cómo se calculan estas cifras', layerEditions: 'Capas', offline: 'Funciona sin internet.', licences: 'Licencias',
    plotsHidden: 'Las parcelas se muestran sólo en la computadora del registro; éstos son los totales públicos.', mapBy: 'Dibujado con OpenLayers', west: 'O', terrain: 'Elevación',
    imports: {
      open: 'Importar', title: 'Importar parcelas', check: 'Revisar (simulacro)', commit: 'Importar estas parcelas', discard: 'Descartar', stop: 'Detener',
      help: 'Nada se escribe antes de que vea el informe. El token de un editor se hace con: parcela token add REGISTRO --role editor',
      token: 'Token', drop: 'Suelte aquí los archivos o elíjalos: todas las partes de un shapefile juntas, zip, GeoPackage, KML, GPX, CSV, XLSX…',
      sending: 'Enviando…', blocked: 'otro programa está escribiendo', remaining: 'faltan unos {s} s', row: 'fila {n}', skip: 'Dejar fuera {n} archivos que no se pueden leer',
      tooMuch: 'Más de lo que el servidor acepta: {mb} MB y {n} archivos.',
      kept: 'El archivo se guarda hasta el {when}.',
      whichSystem: '¿En qué sistema de coordenadas está? Primero el más probable; la parte dice cuántas filas quedarían en su municipio, o en alguno.',
      system: '{crs} · {name} · {share}',
      states: { waiting: 'En espera', running: 'Trabajando', checked: 'Revisado: aún no se escribió nada', committed: 'Importado', reverted: 'Deshecho', failed: 'No se pudo', cancelled: 'Detenido', quarantined: 'Apartado' },
      phases: { reading: 'leyendo', overlaps: 'buscando traslapes', saving: 'guardando' },
      counts: { rows: 'Filas', new: 'Nuevas', revised: 'Revisadas', unchanged: 'Sin cambio', held: 'Retenidas', rejected: 'Rechazadas', repaired: 'Reparadas' },
      severities: { error: 'error', warning: 'aviso', info: 'nota' },
    },
  },
};

const KEY = 'parcela.language';
const listeners = new Set();
let language = initialLanguage();

function initialLanguage() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // storage may be forbidden; the page works without it
  }
  if (kept in TEXTS) return kept;
  const first = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag in TEXTS);
  return first ?? 'en';
}

export const currentLanguage = () => language;
export const onLanguage = (listener) => listeners.add(listener);

export function setLanguage(next) {
  if (!(next in TEXTS)) return;
  language = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // as above
  }
  translatePage();
  for (const listener of listeners) listener(next);
}

// t('zoomTo', {name: 'Ocosingo'}), t('dims.municipality'); an unknown key comes back as `fallback` or as itself.
export function t(key, values = {}, fallback = key) {
  let text = TEXTS[language];
  for (const part of key.split('.')) text = text?.[part];
  if (typeof text !== 'string') return fallback;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Elements with data-t="key" get that text; data-t-label="key" an aria-label (and a tooltip).
export function translatePage() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel));
    if (node.tagName === 'BUTTON') node.title = t(node.dataset.tLabel);
  }
}

// ---- numbers and words ----

// The reader's own variant where the browser tells one (es-ES writes 1.234,5), else Mexican Spanish (1,234.5).
function locale() {
  const own = (navigator.languages ?? []).find((tag) => tag.startsWith(`${language}-`));
  return own ?? (language === 'es' ? 'es-MX' : 'en');
}

export function number(value, digits = 0) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}
export const hectares = (value) => number(value, 2);
// Half the 95 % interval of a standard error in hectares, "± 0.41"; '' where it is not known.
export const plusMinus = (se) => (Number.isFinite(se) ? `± ${hectares(1.959963984540054 * se)}` : '');
export const percent = (share, digits = 1) => (Number.isFinite(share) ? `${number(share * 100, digits)} %` : '–');

// "2021-03-04" or "2021-03-04T…" -> a date in words; anything else as it is.
export function date(text) {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(String(text));
  if (!match) return String(text);
  const day = new Date(Date.UTC(+match[1], +match[2] - 1, +match[3]));
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeZone: 'UTC' }).format(day);
}

// A code as people read it: "cover_crops" -> "Cover crops". Objects with names give the one of the language.
export function word(value) {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'object') {
    return word(value[`name_${language}`] ?? value.name ?? value.label ?? value.code ?? value.key);
  }
  const text = String(value).replaceAll('_', ' ');
  return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
}

// A crop or practice by its code, in the language; what the lists do not know comes as people wrote it.
export function term(value) {
  const code = typeof value === 'object' && value !== null ? value.code : value;
  const known = Object.hasOwn(VOCABULARY, code ?? '') ? VOCABULARY[code] : null;
  return word(known ? known[language === 'es' ? 0 : 1] : value);
}

export const compare = (a, b) => new Intl.Collator(locale(), { numeric: true, sensitivity: 'base' }).compare(a, b);

// Digits that add up: rounds `values` so that their sum is `total` rounded (largest remainder). Values that do not add up to
// the total in the first place (groups that overlap) are rounded one by one.
export function roundToSum(values, total, digits) {
  const unit = 10 ** digits;
  const scaled = values.map((value) => value * unit);
  const sum = values.reduce((a, b) => a + b, 0);
  if (!(Math.abs(sum - total) <= 1e-6 * Math.max(1, Math.abs(total)))) return values.map((value) => Math.round(value * unit) / unit);
  const floors = scaled.map((value) => Math.floor(value + 1e-9));
  let missing = Math.round(total * unit) - floors.reduce((a, b) => a + b, 0);
  const order = scaled.map((value, i) => [value - floors[i], i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [, i] of order) {
    if (missing <= 0) break;
    floors[i] += 1;
    missing -= 1;
  }
  return floors.map((value) => value / unit);
}
