// Colours that stay apart for colour-blind readers: slope classes on the viridis scale from light (flat) to dark (steep),
// programmes from the palette of Okabe and Ito (2008).

const VIRIDIS = [
  [253, 231, 37], [181, 222, 43], [110, 206, 88], [53, 183, 121], [31, 158, 137], [38, 130, 142],
  [49, 104, 142], [62, 73, 137], [72, 40, 120], [68, 1, 84],
];
const OKABE_ITO = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442', '#000000'];

export const UNKNOWN = '#b4b2ab'; // no elevation data, no programme, a ninth programme
export const NEUTRAL = '#5c6770'; // many plots together

function viridis(t) {
  const at = Math.min(Math.max(t, 0), 1) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const mix = VIRIDIS[i].map((from, k) => Math.round(from + (VIRIDIS[i + 1][k] - from) * (at - i)));
  return `#${mix.map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

// classes: [{code, colour}] from flat to steep -> Map code -> colour; a user's table may say its own.
export function slopeColours(classes) {
  const last = Math.max(classes.length - 1, 1);
  return new Map(classes.map(({ code, colour }, i) => [code, /^#[0-9a-f]{6}$/i.test(colour ?? '') ? colour : viridis(i / last)]));
}

// codes in a stable order -> Map code -> colour; what comes after the eighth shares one grey, and the legend says so.
export function programmeColours(codes) {
  return new Map(codes.map((code, i) => [code, OKABE_ITO[i] ?? UNKNOWN]));
}

export const CORRIDOR = { line: '#2f7d57', hatch: 'rgba(47,125,87,0.42)', fill: 'rgba(47,125,87,0.09)', bar: '#2f7d57' };
