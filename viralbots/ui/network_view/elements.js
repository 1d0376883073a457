// Elements, texts and colours.

function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text; // never as HTML: names may come from a file
  return element;
}

function isEqual(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
}

function drawing(box) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

function sample(colour, dash, width = 3) {
  const svg = drawing("0 0 26 10"), line = document.createElementNS(svg.namespaceURI, "path");
  line.setAttribute("d", "M1.5 5H24.5");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", width);
  if (dash[1]) line.setAttribute("stroke-dasharray", "7 5");
  svg.append(line);
  return svg;
}

const probe = document.createElement("canvas").getContext("2d");

function plainColour(text) {
  probe.fillStyle = "#000000";
  probe.fillStyle = text;
  const found = probe.fillStyle; // #rrggbb, or rgba(…) where it is translucent
  if (found[0] === "#") return found;
  const parts = found.match(/[\d.]+/g).slice(0, 3);
  return "#" + parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
}

function channels(colour) { return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)); }

function mix(a, b, share) {
  const [x, y] = [channels(a), channels(b)];
  return "#" + x.map((v, i) => Math.round(v + (y[i] - v) * share).toString(16).padStart(2, "0")).join("");
}

function light(colour) {
  const [r, g, b] = channels(colour);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
