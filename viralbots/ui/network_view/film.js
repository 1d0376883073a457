// What is known of the film: unpacked once, then only asked.

const DURATION = 36; // seconds of a whole film at single speed
const NONE = 0, HEARD = 1, READ = 2, PASSED = 3, TURNED = 4;
const TOLD = 0, WON = 1, COUNTERED = 2;
const KINDS = {
  "<i4": Int32Array, "<f4": Float32Array, "<i2": Int16Array, "<u2": Uint16Array, "|u1": Uint8Array,
};
const LONGEST = 0.9 / DURATION, SHORTEST = 0.22 / DURATION; // a pulse on its way
const BREAK_AT = 0.9; // of the width: where the time line goes over to its compressed end

function unpack(data) {
  const bytes = new Uint8Array(data.byteLength); // a copy, for arrays must begin at multiples of 4
  bytes.set(data);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  for (const [name, [kind, start, size]] of Object.entries(head.arrays)) {
    head[name] = new KINDS[kind](bytes.buffer, start, size);
  }
  return head;
}

class Film {
  constructor(head) {
    Object.assign(this, head);
    this.n = this.users.length;
    this.nSteps = this.steps.length;
    this.arrange();
    this.sizes();
  }

  // The same film again, in another language or with other wishes.
  sameAs(head) { return head.film === this.film; }

  // -- time: minutes, shares of the playing time, places on the time line ------------------

  paceAt(minute) { return this.between(this.steps, this.pace, minute); }
  minuteAt(share) { return this.between(this.pace, this.steps, share); }

  between(xs, ys, x) {
    const i = Math.max(1, Math.min(xs.length - 1, after(xs, x)));
    if (xs.length < 2) return ys[0];
    const part = (x - xs[i - 1]) / Math.max(1e-9, xs[i] - xs[i - 1]);
    return ys[i - 1] + Math.max(0, Math.min(1, part)) * (ys[i] - ys[i - 1]);
  }

  get isBroken() { return this.settled < this.horizon; }

  placeOf(minute) {
    if (!this.isBroken) return minute / this.horizon;
    if (minute <= this.settled) return (BREAK_AT * minute) / this.settled;
    const rest = (minute - this.settled) / (this.horizon - this.settled);
    return BREAK_AT + (1 - BREAK_AT) * rest;
  }

  minuteOf(place) {
    const x = Math.max(0, Math.min(1, place));
    if (!this.isBroken) return x * this.horizon;
    if (x <= BREAK_AT) return (x / BREAK_AT) * this.settled;
    return this.settled + ((x - BREAK_AT) / (1 - BREAK_AT)) * (this.horizon - this.settled);
  }

  // The last step that has been reached.
  stepAt(minute) { return Math.max(0, after(this.steps, minute + 1e-6) - 1); }

  nearestStep(minute) {
    const i = this.stepAt(minute);
    if (i + 1 >= this.nSteps) return i;
    return minute - this.steps[i] > this.steps[i + 1] - minute ? i + 1 : i;
  }

  // A count of the whole world at a minute.
  count(curve, minute) {
    const hour = minute / 60, i = Math.min(curve.length - 1, Math.floor(hour));
    if (i + 1 >= curve.length) return curve[i];
    return Math.floor(curve[i] + (hour - i) * (curve[i + 1] - curve[i]));
  }

  // -- states ------------------------------------------------------------------------------

  has(at, minute) { return at >= 0 && (at < minute || minute >= this.horizon); }

  stateAt(i, minute) {
    const passed = this.adopted_at[i], turned = this.turned_at[i];
    const isPassed = this.has(passed, minute);
    if (this.has(turned, minute) && !(isPassed && passed > turned)) return TURNED;
    if (isPassed) return PASSED;
    if (this.has(this.read_at[i], minute)) return READ;
    return this.has(this.heard_at[i], minute) ? HEARD : NONE;
  }

  // -- prepared once -----------------------------------------------------------------------

  arrange() {
    // All changes of a dot in order of time, packed as minute and user in one number.
    const lists = [this.heard_at, this.read_at, this.converted_at, this.adopted_at, this.turned_at];
    const packed = [];
    for (const list of lists) {
      for (let i = 0; i < this.n; i++) if (list[i] >= 0) packed.push(list[i] * 16384 + i);
    }
    packed.sort((a, b) => a - b);
    this.changeAt = Int32Array.from(packed, (x) => Math.floor(x / 16384));
    this.changeOf = Int32Array.from(packed, (x) => x % 16384);
    // When the pulse of each way leaves (never before it was sent), is due, and ends.
    const n = (this.nWays = this.way_at.length);
    this.leaves = new Float32Array(n);
    this.due = new Float32Array(n);
    this.ends = new Float32Array(n);
    for (let w = 0; w < n; w++) {
      const sentAt = this.way_kind[w] === COUNTERED ? this.countered_at : this.adopted_at;
      const sent = this.paceAt(Math.max(0, sentAt[this.ways[2 * w]]));
      this.due[w] = this.paceAt(this.way_at[w]);
      this.leaves[w] = Math.max(sent, this.due[w] - LONGEST);
      this.ends[w] = Math.max(this.due[w], this.leaves[w] + SHORTEST);
    }
    this.glowing = []; // [share of the playing time, user, colour]
    for (let i = 0; i < this.n; i++) {
      const turned = this.turned_at[i];
      if (this.adopted_at[i] >= 0) this.glowing.push([this.paceAt(this.adopted_at[i]), i, PASSED]);
      if (turned >= 0 && turned < this.horizon) {
        this.glowing.push([this.paceAt(turned), i, TURNED]);
      }
    }
    this.glowing.sort((a, b) => a[0] - b[0]);
    this.glowAt = Float32Array.from(this.glowing, (g) => g[0]);
    this.won = new Int32Array(this.n);
    for (let i = 0; i < this.n; i++) {
      if (this.adopted_at[i] >= 0 && this.source[i] >= 0) this.won[this.source[i]]++;
    }
  }

  sizes() {
    const sorted = Int32Array.from(this.degree).sort();
    const many = Math.max(4, sorted[Math.floor(sorted.length * 0.98)] || 0);
    this.size = Float32Array.from(this.degree, (d) => 0.78 + 0.9 * Math.sqrt(Math.min(1, d / many)));
  }

  // From a user back to where it began.
  pathOf(i) {
    const isCounter = this.source[i] < 0 && this.adopted_at[i] < 0 && this.countered_by[i] !== -1;
    const path = [i], met = new Set(path);
    for (let at = i; ; ) {
      const next = isCounter ? this.countered_by[at] : this.source[at];
      if (next < 0 || met.has(next)) return path;
      path.push(next);
      met.add((at = next));
    }
  }
}

// How many entries of an ascending array are at most x.
function after(xs, x) {
  let low = 0, high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
