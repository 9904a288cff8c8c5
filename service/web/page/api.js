// Everything the page asks of the server it came from. Answers are plain objects; failures are ApiError with a readable message.

import { currentLanguage } from './i18n.js';

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status; // 0: no answer at all
    this.problem = problem;
  }
}

async function get(path, signal) {
  let answer;
  try {
    answer = await fetch(path, { signal, headers: { Accept: 'application/geo+json, application/json;q=0.9', 'Accept-Language': currentLanguage() } });
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new ApiError(0, { title: 'no answer' });
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok || body === null) throw new ApiError(answer.status, body ?? {});
  return body;
}

// Hectares grouped by one dimension; programme '' = all.
export function hectaresPath(by, programme, csv = false) {
  const query = new URLSearchParams({ by });
  if (programme) query.set('programme', programme);
  if (csv) query.set('f', 'csv');
  return `/hectares?${query}`;
}
export const getHectares = (by, programme, signal) => get(hectaresPath(by, programme), signal);

export const getPlot = (id, signal) => get(`/collections/plots/items/${encodeURIComponent(id)}`, signal);
export const getMilpa = (id, signal) => get(`/milpa?${new URLSearchParams({ plot: id })}`, signal);
export const getTileJson = (layer, signal) => get(`/tiles/${layer}.json`, signal);
export const getRegionTile = (level, z, x, y) => get(`/tiles/regions/${z}/${x}/${y}.geojson?${new URLSearchParams({ level })}`);

// What lies in the registry and in which edition: [{kind, level, source, edition, bbox, …}].
export async function getLayers(signal) {
  const { layers } = await get('/layers', signal);
  return Array.isArray(layers) ? layers : [];
}
