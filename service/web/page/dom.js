// Small helpers that build DOM nodes. Text goes in as text nodes only: names in the data are never read as HTML.

const SVG = 'http://www.w3.org/2000/svg';

// el('button', { class: 'x', 'aria-label': '…', onclick: f, hidden: true }, child, 'text', …); null and false children are left out.
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function replace(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

// A horizontal bar made of parts [{value, colour, title}]; `scale` is the value that fills the whole width.
export function bar(parts, scale, { width = 100, height = 10, label } = {}) {
  const picture = svg('svg', {
    class: 'bar', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: label ? 'img' : null,
    'aria-label': label, 'aria-hidden': label ? null : 'true',
  });
  picture.append(svg('rect', { class: 'bar-ground', x: 0, y: 0, width, height }));
  let x = 0;
  for (const { value, colour, title } of parts) {
    if (!(value > 0) || !(scale > 0)) continue;
    const w = (value / scale) * width;
    const rect = svg('rect', { x: x.toFixed(3), y: 0, width: Math.max(w, 0.4).toFixed(3), height, fill: colour });
    if (title) rect.append(svg('title', {}, title));
    picture.append(rect);
    x += w;
  }
  return picture;
}
