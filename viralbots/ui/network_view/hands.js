// What a visitor does with mouse, fingers and keys.

const STILL = 5; // pixels: a click may tremble so much
const NEAR = { touch: 24, mouse: 16, pen: 16 }; // pixels from a dot that count as on it

class Hands {
  constructor(view) {
    this.view = view;
    this.live = view.live;
    this.pointers = new Map(); // fingers on the picture: where each of them is
    this.moved = 0; // pixels since the first of them came down
    this.listenToButtons();
    this.listenToCurve();
    this.listenToPicture();
  }

  listenToButtons() {
    const { view } = this;
    const click = (selector, act) => { view.find(selector).onclick = act; };
    click(".play", () => this.toggle());
    click(".back", () => view.move(-1));
    click(".next", () => view.move(1));
    click(".in", () => this.zoom(1.5));
    click(".out", () => this.zoom(1 / 1.5));
    click(".whole", () => this.whole());
    const clear = () => { view.choose(-1, true); this.live.focus({ preventScroll: true }); };
    click(".clear", clear); // by the keyboard; a press of the mouse acts at once
    view.find(".clear").onpointerdown = (event) => { event.preventDefault(); clear(); };
    view.find("select").onchange = (event) => { view.speed = Number(event.target.value); };
    view.slider.oninput = () => this.jump(view.film.minuteOf(view.slider.value / 1000));
    view.root.onkeydown = (event) => this.press(event);
  }

  listenToCurve() {
    const { curve } = this.view, { canvas } = curve;
    const point = (event) => { if (event.buttons) this.jump(curve.minuteAt(event.offsetX)); };
    canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); point(event); };
    canvas.onpointermove = point;
  }

  press(event) {
    const { view } = this, { key, target } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || target.tagName === "SELECT") return;
    if (key === " " && target.tagName === "BUTTON") return;
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => view.move(-1),
      ArrowRight: () => view.move(1),
      Home: () => view.goTo(0),
      End: () => view.goTo(view.film.nSteps - 1),
      "+": () => this.zoom(1.5),
      "=": () => this.zoom(1.5),
      "-": () => this.zoom(1 / 1.5),
      0: () => this.whole(),
      Escape: () => view.choose(-1, true),
    };
    if (!acts[key]) return;
    event.preventDefault();
    acts[key]();
  }

  toggle() {
    if (this.view.isPlaying) this.view.pause();
    else this.view.play();
  }

  jump(minute) { this.view.goTo(this.view.film.nearestStep(minute)); }

  zoom(factor, x, y) {
    this.view.hover(-1);
    this.view.picture.zoom(factor, x, y);
    this.view.render();
  }

  whole() {
    this.view.picture.whole();
    this.view.render();
  }

  listenToPicture() {
    const { live, view } = this, at = (event) => [event.offsetX, event.offsetY];
    live.onwheel = (event) => {
      // Only for whoever works with the picture; others want to scroll past it.
      if (!event.ctrlKey && view.root.getRootNode().activeElement !== live) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...at(event));
    };
    live.onpointerdown = (event) => {
      live.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, at(event));
      this.moved = this.pointers.size > 1 ? Infinity : 0;
    };
    live.onpointermove = (event) => {
      if (this.pointers.has(event.pointerId)) this.drag(event.pointerId, at(event));
      else if (event.pointerType !== "touch") this.point(event, at(event));
    };
    live.onpointerup = (event) => {
      const wasOne = this.pointers.delete(event.pointerId) && !this.pointers.size;
      live.classList.remove("panning");
      if (!wasOne || this.moved > STILL) return;
      view.choose(this.point(event, at(event)), true);
    };
    live.onpointercancel = (event) => this.pointers.delete(event.pointerId);
    live.onpointerleave = () => view.hover(-1);
  }

  // Tell who lies there.
  point(event, [x, y]) {
    const i = this.view.picture.nearest(x, y, NEAR[event.pointerType] || NEAR.mouse);
    this.view.hover(i, x, y);
    return i;
  }

  // One finger moves the picture, two stretch it.
  drag(pointer, [x, y]) {
    const { view } = this, [fromX, fromY] = this.pointers.get(pointer);
    const other = [...this.pointers].find(([id]) => id !== pointer);
    this.pointers.set(pointer, [x, y]);
    this.moved += Math.hypot(x - fromX, y - fromY);
    if (other) {
      const [otherX, otherY] = other[1];
      const before = Math.max(20, Math.hypot(fromX - otherX, fromY - otherY));
      const factor = Math.hypot(x - otherX, y - otherY) / before;
      this.zoom(factor, (x + otherX) / 2, (y + otherY) / 2);
    } else if (this.moved > STILL) {
      this.live.classList.add("panning");
      view.hover(-1);
      view.picture.pan(x - fromX, y - fromY);
      view.render();
    }
  }
}
