// The parts put together: one clock moves picture, curve, slider, counts and spoken account.

const ALONE = 420; // milliseconds: an account is spoken when the reader has come to rest
const WHILE_PLAYING = 6000;
const views = new WeakMap(); // by the element in which a view lives
const remembered = new Map(); // by key: which film, and where it was stopped

class View {
  constructor(parent) {
    this.root = parent.querySelector(".watch");
    this.find = (selector) => this.root.querySelector(selector);
    this.stage = this.find(".stage");
    this.live = this.find(".live");
    this.slider = this.find(".moment");
    this.picture = new Picture(this.stage);
    this.curve = new Curve(this.find(".curve"));
    this.share = 0; // of the playing time
    this.speed = 1;
    this.isPlaying = false;
    this.isSeen = false;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.observers = [new ResizeObserver(() => this.measure()), this.watchSight()];
    this.observers[0].observe(this.stage);
    this.hands = new Hands(this);
  }

  // -- what Python says --------------------------------------------------------------------

  update({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    if (!this.data || !isEqual(data, this.data)) {
      this.data = data;
      const head = unpack(data), isSame = this.film && this.film.sameAs(head);
      this.key = head.key;
      const wished = head.chosen !== this.wished;
      this.wished = head.chosen;
      this.film = new Film(head);
      this.picture.show(this.film);
      if (!isSame) this.begin();
      const place = wished || !isSame ? this.film.users.indexOf(head.chosen) : this.picture.chosen;
      this.choose(place, false);
      this.write();
    }
    this.dress();
  }

  begin() {
    const known = remembered.get(this.key);
    const isKnown = known && known.film === this.film.film;
    this.share = isKnown ? known.share : 0;
    this.picture.view = { k: 1, x: 0, y: 0 };
    this.picture.hovered = this.picture.chosen = -1;
    this.spokenStep = -1;
    this.pause();
    this.mayBegin = !isKnown && this.film.autoplay && !this.calm.matches;
    if (this.mayBegin && this.isSeen) this.play();
  }

  destroy() {
    this.pause();
    clearTimeout(this.speaking);
    this.observers.forEach((observer) => observer.disconnect());
  }

  // -- words and colours -------------------------------------------------------------------

  write() {
    const { texts, n, n_users: all } = this.film;
    const name = (selector, text) => {
      const element = this.find(selector);
      element.setAttribute("aria-label", text);
      if (element.tagName === "BUTTON") element.title = text;
    };
    for (const part of ["back", "next", "in", "out", "whole", "clear"]) name("." + part, texts[part]);
    name(".zoom", texts.zoom);
    name(".live", fill(texts.picture, { shown: grouped(n), all: grouped(all) }));
    name(".curve", texts.curve);
    name(".moment", texts.moment);
    this.find(".speed span").textContent = texts.speed;
    this.find(".keys").textContent = texts.keys;
    this.find(".notes").replaceChildren(...this.film.notes.map((note) => make("p", "", note)));
    this.root.setAttribute("lang", this.film.lang);
  }

  dress() {
    const style = getComputedStyle(this.root);
    const read = (name, otherwise) => plainColour(style.getPropertyValue(name).trim() || otherwise);
    const ground = read("--st-background-color", "#ffffff"), ink = read("--st-text-color", "#0c1219");
    const isDark = light(ground) < 0.4, theme = this.film.palette[isDark ? "dark" : "light"];
    const stage = mix(ground, read("--st-secondary-background-color", "#f2f5f8"), isDark ? 0.35 : 0.4);
    const { benefit, counter, ring } = theme;
    this.colours = {
      ground: stage, ink, quiet: mix(ink, ground, 0.3), line: mix(ground, ink, 0.17),
      hover: mix(ground, ink, 0.07), font: style.fontFamily, tie: ink, ties: isDark ? 0.32 : 0.3,
      ways: isDark ? 0.8 : 1, glow: isDark ? 0.95 : 0.75, ring,
      state: [mix(stage, ink, isDark ? 0.3 : 0.24), mix(benefit, stage, 0.25),
        mix(benefit, stage, 0.5), benefit, counter],
      way: [benefit, benefit, counter], pulse: [mix(benefit, stage, 0.2), benefit, counter],
    };
    const set = (name, value) => this.root.style.setProperty(name, value);
    const { quiet, line, hover } = this.colours;
    for (const [name, value] of Object.entries({ quiet, line, hover, stage })) set("--" + name, value);
    set("--panel", mix(ground, stage, 0.2));
    set("--on-primary", light(read("--st-primary-color", benefit)) > 0.5 ? "#06131f" : "#ffffff");
    this.root.style.colorScheme = isDark ? "dark" : "light";
    this.picture.paint(this.colours);
    this.writeKeys();
    this.measure();
  }

  // What colours, shapes and lines stand for.
  writeKeys() {
    const { film } = this, { texts } = film;
    this.lines = [[film.reach, this.colours.state[1], [1, 0], "reach"],
      [film.adopters, this.colours.state[3], [1, 0], "adopters"]];
    if (film.counter[film.counter.length - 1] > 0) {
      this.lines.push([film.counter, this.colours.state[4], [6, 4], "counter"]);
    }
    this.numbers = this.lines.map(() => make("b"));
    this.find(".counts").replaceChildren(...this.lines.map(([, colour, dash, name], i) => {
      const item = make("li");
      item.append(sample(colour, dash), this.numbers[i], make("span", "", texts[name]));
      return item;
    }));
    const shown = [0, 1, 2, 3].concat(film.turned_at.some((at) => at >= 0) ? [4] : [])
      .concat(film.converted_at.some((at) => at >= 0) ? ["ring"] : []);
    this.find(".legend").replaceChildren(...shown.map((state) => {
      const item = make("li");
      item.append(this.sign(state), make("span", "", texts["state_" + state]));
      return item;
    }));
    const way = make("li");
    way.append(sample(this.colours.way[WON], [1, 0], 1.2), make("span", "", texts.way));
    this.find(".legend").append(way);
  }

  sign(state) {
    const colour = state === "ring" ? this.colours.ring : this.colours.state[state];
    const svg = drawing("0 0 16 16"), isOpen = state === HEARD || state === "ring";
    const shape = document.createElementNS(svg.namespaceURI, state === TURNED ? "path" : "circle");
    const traits = state === TURNED ? { d: "M8 1.5 14.5 8 8 14.5 1.5 8Z" }
      : { cx: 8, cy: 8, r: state === "ring" ? 6 : [3.2, 4.2, 4.4, 6][state] };
    for (const [name, value] of Object.entries(traits)) shape.setAttribute(name, value);
    shape.setAttribute("fill", isOpen ? "none" : colour);
    shape.setAttribute("stroke", isOpen ? colour : "none");
    svg.append(shape);
    return svg;
  }

  // -- size --------------------------------------------------------------------------------

  measure() {
    if (!this.film) return;
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    const ratio = Math.min(3, window.devicePixelRatio || 1), curve = this.curve.canvas;
    this.picture.resize(width, height, ratio);
    this.curve.prepare(this.film, this.lines, this.colours, this.film.texts,
      curve.clientWidth, curve.clientHeight, ratio);
    this.render();
  }

  watchSight() {
    const observer = new IntersectionObserver((entries) => {
      this.isSeen = entries.some((entry) => entry.isIntersecting);
      if (this.isSeen && this.mayBegin) this.play();
      else if (this.isSeen && this.isPlaying) this.run();
    }, { threshold: 0.25 });
    observer.observe(this.stage);
    return observer;
  }

  // -- time --------------------------------------------------------------------------------

  get minute() { return this.film.minuteAt(this.share); }

  play() {
    this.mayBegin = false;
    if (this.share >= 1) this.share = 0;
    this.isPlaying = true;
    this.run();
    this.render();
  }

  pause() {
    this.isPlaying = this.mayBegin = false;
    if (this.film) this.render();
  }

  // One loop at a time; it rests while the picture is out of sight.
  run() {
    if (this.isRunning) return;
    this.isRunning = true;
    let before = performance.now();
    const turn = (now) => {
      this.isRunning = this.isPlaying && this.isSeen && this.root.isConnected;
      if (!this.isRunning) return;
      const passed = Math.min(100, now - before) / 1000;
      before = now;
      this.share = Math.min(1, this.share + (passed * this.speed) / DURATION);
      if (this.share >= 1) this.isPlaying = false;
      this.render();
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  goTo(step) {
    const { film } = this;
    this.isPlaying = this.mayBegin = false;
    this.share = film.pace[Math.max(0, Math.min(film.nSteps - 1, step))];
    this.render();
  }

  move(by) {
    const { film, minute } = this, here = film.stepAt(minute);
    const isBetween = minute - film.steps[here] > 0.01;
    this.goTo(here + (by < 0 && isBetween ? by + 1 : by));
  }

  render() {
    if (!this.picture.width) return;
    const { film, minute, share } = this, step = film.stepAt(minute);
    this.picture.draw(minute, share, !this.calm.matches);
    this.curve.draw(minute);
    const [day, time] = this.clock(minute);
    this.find(".day").textContent = day;
    this.find(".time").textContent = time;
    this.lines.forEach(([curve], i) => {
      this.numbers[i].textContent = grouped(film.count(curve, minute));
    });
    const place = film.placeOf(minute);
    this.slider.value = String(1000 * place);
    this.slider.style.setProperty("--past", `${100 * place}%`);
    this.slider.setAttribute("aria-valuetext", `${day} ${time}`);
    this.root.dataset.playing = String(this.isPlaying);
    this.root.dataset.ended = String(share >= 1);
    this.root.dataset.step = String(step);
    const label = film.texts[this.isPlaying ? "pause" : share >= 1 ? "again" : "play"];
    const button = this.find(".play");
    if (button.title !== label) button.setAttribute("aria-label", (button.title = label));
    this.find(".back").disabled = share <= 0;
    this.find(".next").disabled = share >= 1;
    this.live.classList.toggle("zoomed", this.picture.view.k > 1);
    this.speak(step);
    remembered.set(this.key, { film: film.film, share });
  }

  clock(minute) {
    const whole = Math.floor(minute + 1e-3) + 480, rest = whole % 1440, two = (x) => String(x).padStart(2, "0");
    const day = fill(this.film.texts.day, { day: Math.floor(whole / 1440) + 1 });
    return [day, `${two(Math.floor(rest / 60))}:${two(rest % 60)}`];
  }

  when(at) {
    return at >= this.film.horizon ? this.film.texts.by_end : this.clock(at).join(" ");
  }

  // Seldom enough to be listened to.
  speak(step) {
    if (step === this.spokenStep) return;
    this.spokenStep = step;
    if (this.isPlaying && this.speaking) return;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.speaking = null;
      this.find(".spoken").textContent = this.film.accounts[this.spokenStep] || "";
    }, this.isPlaying ? WHILE_PLAYING : ALONE);
  }

  // -- people ------------------------------------------------------------------------------

  who(i) {
    const { names, users, texts } = this.film;
    return fill(texts.who, { name: names[i], number: users[i] });
  }

  hover(i, x, y) {
    const tip = this.find(".tip"), changed = i !== this.picture.hovered;
    this.picture.hovered = i;
    this.live.classList.toggle("over", i >= 0);
    tip.hidden = i < 0;
    if (changed) this.render();
    if (i < 0) return;
    if (changed) tip.replaceChildren(...this.facts(i));
    const { width, height } = this.picture, w = tip.offsetWidth, h = tip.offsetHeight;
    const left = x + 18 + w > width ? x - 18 - w : x + 18;
    tip.style.left = `${Math.max(8, Math.min(width - w - 8, left))}px`;
    tip.style.top = `${Math.max(8, Math.min(height - h - 8, y - h / 2))}px`;
  }

  facts(i) {
    const { film } = this, { texts } = film, minute = this.minute, state = film.stateAt(i, minute);
    const head = make("span", "state", texts["state_" + state]);
    head.prepend(this.sign(state));
    const lines = [make("b", "", film.names[i]), head];
    const add = (at, text, from) => {
      if (!film.has(at, minute)) return;
      const by = from >= 0 ? fill(texts.from, { who: film.names[from] }) : "";
      lines.push(make("span", "", fill(text, { when: this.when(at) }) + by));
    };
    const passed = film.adopted_at[i];
    add(film.heard_at[i], texts.heard_at, passed >= 0 ? -1 : film.source[i]);
    add(film.converted_at[i], texts.converted_at, -1);
    add(passed, film.source[i] === -1 ? texts.began_at : texts.adopted_at, film.source[i]);
    const isCounter = film.turned_at[i] === film.countered_at[i];
    add(film.turned_at[i], texts.turned_at, isCounter ? film.countered_by[i] : -1);
    if (film.won[i] && film.has(passed, minute)) {
      lines.push(make("span", "", fill(texts.won, { n: grouped(film.won[i]) })));
    }
    lines.push(make("span", "", fill(texts.number, { number: film.users[i] })));
    return lines;
  }

  choose(i, isOwn) {
    this.picture.chosen = i;
    this.find(".chosen").hidden = i < 0;
    if (i >= 0) {
      const { film } = this, { texts } = film, path = film.pathOf(i).reverse();
      const names = path.map((j) => film.names[j]);
      if (names.length > 9) names.splice(4, names.length - 8, "…");
      const isRoot = film.adopted_at[i] >= 0 || film.countered_at[i] >= 0;
      const text = path.length > 1 ? texts.path : isRoot ? texts.root : texts.no_path;
      const told = fill(text, { who: this.who(i), n: path.length - 1 });
      this.find(".chosen p").textContent = told + (path.length > 1 ? names.join(" → ") : "");
      if (isOwn) this.tell("selected", film.users[i]);
    }
    if (this.colours) this.render();
  }
}

// Called at every rerun, and when the theme changes: the view stays what it is.
export default function (component) {
  const parent = component.parentElement;
  if (!component.data || !parent.querySelector(".watch")) return undefined;
  if (!views.has(parent)) views.set(parent, new View(parent));
  const view = views.get(parent);
  view.update(component);
  return () => {
    view.destroy();
    views.delete(parent);
  };
}
