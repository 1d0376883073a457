// The network on three canvases: ties and ways below, dots above them, what moves on top.
// While it plays, only changes are added to the lower two; the top one is drawn anew.

const TAU = 2 * Math.PI;
const ROOM = 26; // pixels around the picture
const MOST_ZOOM = 14;
const SCALE = [0.85, 0.86, 1, 1.2, 1.5]; // of a dot in each state; a diamond needs more
const GLOW = 1.1 / DURATION; // share of the playing time for which a dot glows

class Picture {
  constructor(stage) {
    this.layers = {};
    for (const name of ["ground", "dots", "live"]) {
      const canvas = stage.querySelector("canvas." + name);
      this.layers[name] = { canvas, pen: canvas.getContext("2d") };
    }
    this.view = { k: 1, x: 0, y: 0 };
    this.chosen = -1;
    this.hovered = -1;
  }

  show(film) {
    this.film = film;
    this.fit();
  }

  paint(colours) {
    this.colours = colours;
    this.glow = {};
    for (const state of [PASSED, TURNED]) this.glow[state] = halo(colours.state[state]);
    this.isStale = true;
  }

  resize(width, height, ratio) {
    if (width === this.width && height === this.height && ratio === this.ratio) return;
    Object.assign(this, { width, height, ratio });
    for (const { canvas } of Object.values(this.layers)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.fit();
  }

  // Where everybody lies in pixels before zooming. Positions mean nothing by themselves, so the
  // picture may be turned and stretched a little to fill the room.
  fit() {
    if (!this.film || !this.width) return;
    const { position, n } = this.film;
    let reachX = 1e-6, reachY = 1e-6;
    for (let i = 0; i < n; i++) {
      reachX = Math.max(reachX, Math.abs(position[2 * i]));
      reachY = Math.max(reachY, Math.abs(position[2 * i + 1]));
    }
    const wide = Math.max(40, this.width / 2 - ROOM), high = Math.max(40, this.height / 2 - ROOM);
    const turned = (reachX > reachY) !== (wide > high);
    if (turned) [reachX, reachY] = [reachY, reachX];
    const least = Math.min(wide / reachX, high / reachY);
    const sx = Math.min(wide / reachX, least * 1.6), sy = Math.min(high / reachY, least * 1.6);
    this.baseX = new Float32Array(n);
    this.baseY = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      this.baseX[i] = position[2 * i + (turned ? 1 : 0)] * sx;
      this.baseY[i] = position[2 * i + (turned ? 0 : 1)] * sy;
    }
    this.unit = Math.max(1.15, Math.min(4.2, 0.165 * Math.sqrt((4 * wide * high) / Math.max(1, n))));
    this.place();
  }

  place() {
    const { k, x, y } = this.view, { n } = this.film;
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      this.x[i] = this.width / 2 + k * this.baseX[i] + x;
      this.y[i] = this.height / 2 + k * this.baseY[i] + y;
    }
    this.isStale = true;
  }

  zoom(factor, atX = this.width / 2, atY = this.height / 2) {
    const v = this.view, k = Math.max(1, Math.min(MOST_ZOOM, v.k * factor));
    const cx = atX - this.width / 2, cy = atY - this.height / 2;
    v.x = cx - ((cx - v.x) * k) / v.k;
    v.y = cy - ((cy - v.y) * k) / v.k;
    v.k = k;
    this.hold();
  }

  pan(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.hold();
  }

  // Never so far that the picture is lost.
  hold() {
    const v = this.view, most = [(v.k * this.width) / 2, (v.k * this.height) / 2];
    if (v.k === 1) v.x = v.y = 0;
    v.x = Math.max(-most[0], Math.min(most[0], v.x));
    v.y = Math.max(-most[1], Math.min(most[1], v.y));
    this.place();
  }

  whole() {
    this.view = { k: 1, x: 0, y: 0 };
    this.place();
  }

  radius(i) { return this.unit * Math.sqrt(this.view.k) * this.film.size[i]; }

  nearest(x, y, within) {
    let best = -1, least = within * within;
    for (let i = 0; i < this.film.n; i++) {
      const dx = this.x[i] - x, dy = this.y[i] - y, d = dx * dx + dy * dy;
      if (d < least) [best, least] = [i, d];
    }
    return best;
  }

  // -- drawing -----------------------------------------------------------------------------

  draw(minute, share, moving) {
    if (!this.film || !this.width) return;
    if (this.isStale || minute < this.minute) this.drawAll(minute);
    else if (minute > this.minute) this.drawChanges(minute);
    this.minute = minute;
    this.drawLive(minute, share, moving);
  }

  clear(name) {
    const { canvas, pen } = this.layers[name];
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.lineCap = "round";
    return pen;
  }

  drawAll(minute) {
    const pen = this.clear("ground"), { ties, n } = this.film, { x, y } = this;
    pen.strokeStyle = this.colours.tie;
    pen.globalAlpha = Math.max(0.1, Math.min(0.5, 1500 / (ties.length / 2 + 1))) * this.colours.ties;
    pen.lineWidth = 0.6;
    pen.beginPath();
    for (let t = 0; t < ties.length; t += 2) {
      pen.moveTo(x[ties[t]], y[ties[t]]);
      pen.lineTo(x[ties[t + 1]], y[ties[t + 1]]);
    }
    pen.stroke();
    this.nextWay = this.nextChange = 0;
    this.drawWays(minute);
    const order = [[], [], [], [], []];
    this.drawn = Uint8Array.from({ length: n }, (_, i) => this.film.stateAt(i, minute));
    this.drawn.forEach((state, i) => order[state].push(i));
    const dots = this.clear("dots");
    for (let state = 0; state < order.length; state++) this.drawDots(dots, order[state], state);
    this.drawRings(dots, order.flat().filter((i) => this.film.has(this.film.converted_at[i], minute)));
    this.skipChanges(minute);
    this.isStale = false;
  }

  drawChanges(minute) {
    this.drawWays(minute);
    const { film } = this, pen = this.layers.dots.pen, first = this.nextChange;
    this.skipChanges(minute);
    for (const i of new Set(film.changeOf.subarray(first, this.nextChange))) {
      // Only what was there: a wider hole would cut into the neighbours.
      pen.globalCompositeOperation = "destination-out";
      pen.globalAlpha = 1;
      pen.beginPath();
      pen.arc(this.x[i], this.y[i], this.radius(i) * SCALE[this.drawn[i]] + 0.7, 0, TAU);
      pen.fill();
      pen.globalCompositeOperation = "source-over";
      this.drawn[i] = film.stateAt(i, minute);
      this.drawDots(pen, [i], this.drawn[i]);
      if (film.has(film.converted_at[i], minute)) this.drawRings(pen, [i]);
    }
  }

  skipChanges(minute) {
    const { changeAt, horizon } = this.film;
    const end = minute >= horizon ? changeAt.length : after(changeAt, Math.ceil(minute) - 1);
    this.nextChange = Math.max(this.nextChange, end);
  }

  // Ways that have carried something stay as thin lines.
  drawWays(minute) {
    const { film } = this, pen = this.layers.ground.pen, { way } = this.colours;
    const faint = Math.max(0.1, Math.min(1, Math.sqrt(500 / (film.nWays + 1))));
    for (; this.nextWay < film.nWays; this.nextWay++) {
      const w = this.nextWay, kind = film.way_kind[w];
      if (!(film.way_at[w] < minute || minute >= film.horizon)) return;
      pen.strokeStyle = way[kind];
      pen.globalAlpha = (kind === TOLD ? 0.3 : 0.7) * faint * this.colours.ways;
      pen.lineWidth = kind === TOLD ? 0.6 : 0.9;
      pen.beginPath();
      this.trace(pen, film.ways[2 * w], film.ways[2 * w + 1], 1);
      pen.stroke();
    }
  }

  // A gentle arc from a to b, as far as a share of its length; returns the point reached.
  trace(pen, a, b, end, start = 0) {
    const { x, y } = this, bend = 0.09;
    const mx = (x[a] + x[b]) / 2 + bend * (y[b] - y[a]), my = (y[a] + y[b]) / 2 - bend * (x[b] - x[a]);
    if (start === 0 && end === 1) {
      pen.moveTo(x[a], y[a]);
      pen.quadraticCurveTo(mx, my, x[b], y[b]);
      return null;
    }
    const at = (t) => {
      const u = 1 - t;
      return [u * u * x[a] + 2 * u * t * mx + t * t * x[b], u * u * y[a] + 2 * u * t * my + t * t * y[b]];
    };
    const tip = at(end);
    pen.moveTo(...at(start));
    pen.lineTo(...at((start + end) / 2));
    pen.lineTo(...tip);
    return tip;
  }

  drawDots(pen, users, state) {
    if (!users.length) return;
    const colour = this.colours.state[state], { x, y } = this;
    const scale = SCALE[state];
    pen.globalAlpha = 1;
    pen.fillStyle = pen.strokeStyle = colour;
    pen.beginPath();
    for (const i of users) {
      const r = this.radius(i) * scale;
      if (state === TURNED) {
        pen.moveTo(x[i], y[i] - r);
        pen.lineTo(x[i] + r, y[i]);
        pen.lineTo(x[i], y[i] + r);
        pen.lineTo(x[i] - r, y[i]);
        pen.closePath();
      } else {
        pen.moveTo(x[i] + r, y[i]);
        pen.arc(x[i], y[i], r, 0, TAU);
      }
    }
    if (state !== HEARD) return pen.fill();
    pen.lineWidth = Math.max(0.9, 0.42 * this.unit * Math.sqrt(this.view.k));
    pen.stroke();
  }

  drawRings(pen, users) {
    pen.globalAlpha = 1;
    pen.strokeStyle = this.colours.ring;
    pen.lineWidth = Math.max(1, 0.45 * this.unit * Math.sqrt(this.view.k));
    pen.beginPath();
    for (const i of users) {
      const r = this.radius(i) * 1.2 + 1.4;
      pen.moveTo(this.x[i] + r, this.y[i]);
      pen.arc(this.x[i], this.y[i], r, 0, TAU);
    }
    pen.stroke();
  }

  drawLive(minute, share, moving) {
    const pen = this.clear("live");
    this.drawGlow(pen, share);
    if (moving) this.drawPulses(pen, share);
    if (this.chosen >= 0) this.drawPath(pen, this.film.pathOf(this.chosen));
    if (this.hovered >= 0) this.drawHover(pen, this.hovered);
  }

  // Who passes it on just now.
  drawGlow(pen, share) {
    const { glowing, glowAt } = this.film;
    const last = share >= 1 ? 0 : after(glowAt, share);
    for (let g = after(glowAt, share - GLOW); g < last; g++) {
      const [at, i, state] = glowing[g], age = (share - at) / GLOW;
      const r = this.radius(i) * (3.2 + 2.2 * age) + 3;
      pen.globalAlpha = (1 - age) * this.colours.glow;
      pen.drawImage(this.glow[state], this.x[i] - r, this.y[i] - r, 2 * r, 2 * r);
    }
  }

  drawPulses(pen, share) {
    const { film, colours } = this, tips = [[], [], []];
    const from = after(film.due, share - SHORTEST), until = after(film.due, share + LONGEST);
    pen.lineWidth = 1.2;
    for (let kind = TOLD; kind <= COUNTERED; kind++) {
      pen.strokeStyle = pen.fillStyle = colours.pulse[kind];
      pen.globalAlpha = kind === TOLD ? 0.6 : 0.95;
      pen.beginPath();
      for (let w = from; w < until; w++) {
        if (film.way_kind[w] !== kind || film.leaves[w] > share || film.ends[w] < share) continue;
        const t = (share - film.leaves[w]) / (film.ends[w] - film.leaves[w]);
        const [a, b] = [film.ways[2 * w], film.ways[2 * w + 1]];
        tips[kind].push(this.trace(pen, a, b, t, Math.max(0.001, t - 0.2)));
      }
      pen.stroke();
      pen.beginPath();
      const r = kind === TOLD ? 1.3 : 1.9;
      for (const [x, y] of tips[kind]) {
        pen.moveTo(x + r, y);
        pen.arc(x, y, r, 0, TAU);
      }
      pen.fill();
    }
  }

  // The way back: a line, a ring around the one chosen, two around the one with whom it began.
  drawPath(pen, path) {
    const { ink, ground } = this.colours, root = path[path.length - 1];
    const ring = (i, more) => {
      const r = this.radius(i) * 1.3 + more;
      pen.moveTo(this.x[i] + r, this.y[i]);
      pen.arc(this.x[i], this.y[i], r, 0, TAU);
    };
    pen.globalAlpha = 1;
    for (const [colour, width] of [[ground, 4.5], [ink, path.length > 8 ? 1.5 : 2.2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      for (let p = path.length - 1; p > 0; p--) this.trace(pen, path[p], path[p - 1], 1);
      ring(path[0], 4);
      if (path.length > 1) [3, 7].forEach((more) => ring(root, more));
      pen.stroke();
    }
    pen.fillStyle = ink;
    pen.beginPath();
    for (const i of path.slice(1, -1)) {
      pen.moveTo(this.x[i] + 2.6, this.y[i]);
      pen.arc(this.x[i], this.y[i], 2.6, 0, TAU);
    }
    pen.fill();
  }

  drawHover(pen, i) {
    pen.globalAlpha = 1;
    pen.strokeStyle = this.colours.ink;
    pen.lineWidth = 1.8;
    pen.beginPath();
    pen.arc(this.x[i], this.y[i], this.radius(i) * 1.3 + 3.5, 0, TAU);
    pen.stroke();
  }
}

function halo(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d"), fade = pen.createRadialGradient(32, 32, 2, 32, 32, 32);
  fade.addColorStop(0, colour);
  fade.addColorStop(0.35, colour + "88");
  fade.addColorStop(1, colour + "00");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 64, 64);
  return canvas;
}
