// The growth curve: drawn once faintly for what is to come and once fully for what has been;
// the moment decides how much of the second is seen.

const PAD = 10; // half the slider's thumb, so that both have the same scale
const TOP = 16, FOOT = 22;

class Curve {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
  }

  // lines: [curve, colour, dash]
  prepare(film, lines, colours, texts, width, height, ratio) {
    Object.assign(this, { film, lines, colours, texts, width, height, ratio });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.top = Math.max(1, ...lines.map(([curve]) => curve[curve.length - 1]));
    this.future = this.sheet(false);
    this.past = this.sheet(true);
  }

  x(minute) { return PAD + this.film.placeOf(minute) * (this.width - 2 * PAD); }
  y(count) { return this.height - FOOT - (count / this.top) * (this.height - FOOT - TOP); }
  minuteAt(x) { return this.film.minuteOf((x - PAD) / (this.width - 2 * PAD)); }

  sheet(isPast) {
    const canvas = document.createElement("canvas");
    canvas.width = this.canvas.width;
    canvas.height = this.canvas.height;
    const pen = canvas.getContext("2d");
    pen.scale(this.ratio, this.ratio);
    if (!isPast) this.drawAxis(pen);
    this.lines.forEach(([curve, colour, dash], number) => {
      pen.strokeStyle = pen.fillStyle = colour;
      pen.lineJoin = "round";
      pen.lineWidth = isPast ? 2.2 : 1.4;
      pen.setLineDash(dash);
      pen.globalAlpha = isPast ? 1 : 0.34;
      pen.beginPath();
      this.follow(pen, curve);
      pen.stroke();
      if (number > 0) return;
      pen.lineTo(this.x(this.film.horizon), this.y(0));
      pen.lineTo(this.x(0), this.y(0));
      pen.globalAlpha = isPast ? 0.14 : 0.05;
      pen.fill();
    });
    return canvas;
  }

  follow(pen, curve) {
    const { film } = this, every = Math.max(1, Math.floor(curve.length / this.width));
    pen.moveTo(this.x(0), this.y(curve[0]));
    for (let h = every; h < curve.length; h += every) {
      pen.lineTo(this.x(Math.min(60 * h, film.horizon)), this.y(curve[h]));
    }
    pen.lineTo(this.x(film.horizon), this.y(curve[curve.length - 1]));
  }

  drawAxis(pen) {
    const { film, height, width } = this, foot = height - FOOT;
    pen.font = `12px ${this.colours.font}`;
    pen.fillStyle = this.colours.quiet;
    pen.strokeStyle = this.colours.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(PAD, foot + 0.5);
    pen.lineTo(width - PAD, foot + 0.5);
    pen.stroke();
    // Midnights; as many days are named as have room.
    const until = film.settled / 1440, room = this.x(film.settled) - PAD;
    const each = [1, 2, 3, 5, 7, 10, 14, 30, 60, 90].find((d) => (room / until) * d > 66) || 180;
    pen.textAlign = "left";
    pen.textBaseline = "bottom";
    const last = film.isBroken ? this.x(film.settled) - 12 : width - 40;
    for (let day = 0; day * 1440 - 480 < film.settled; day += each) {
      const x = this.x(Math.max(0, day * 1440 - 480));
      if (x + 34 > last && day > 0) break;
      pen.fillText(this.texts.day.replace("{day}", day + 1), x, height - 3);
      pen.beginPath();
      pen.moveTo(x + 0.5, foot);
      pen.lineTo(x + 0.5, foot + 4);
      pen.stroke();
    }
    if (film.isBroken) this.drawBreak(pen);
    pen.textBaseline = "alphabetic";
    pen.fillText(grouped(this.top), PAD, TOP - 4);
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(PAD, TOP + 0.5);
    pen.lineTo(width - PAD, TOP + 0.5);
    pen.stroke();
    pen.setLineDash([]);
  }

  // From here on time is compressed.
  drawBreak(pen) {
    const x = this.x(this.film.settled), foot = this.height - FOOT;
    const last = Math.ceil((this.film.horizon + 480) / 1440);
    pen.save();
    pen.beginPath();
    pen.rect(x, TOP, this.width - PAD - x, foot - TOP);
    pen.clip();
    pen.strokeStyle = this.colours.hover;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let at = x - foot; at < this.width; at += 6) {
      pen.moveTo(at, foot);
      pen.lineTo(at + foot, 0);
    }
    pen.stroke();
    pen.restore();
    pen.textAlign = "right";
    pen.fillText(this.texts.day.replace("{day}", last), this.width - PAD, this.height - 3);
    pen.textAlign = "left";
    pen.beginPath();
    for (const shift of [0, 4]) {
      pen.moveTo(x + shift - 4, foot + 5);
      pen.lineTo(x + shift, foot - 4);
    }
    pen.stroke();
  }

  draw(minute) {
    if (!this.future) return;
    const { pen, canvas, ratio } = this, x = this.x(minute);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.future, 0, 0);
    const cut = Math.max(1, Math.round(x * ratio));
    pen.drawImage(this.past, 0, 0, cut, canvas.height, 0, 0, cut, canvas.height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.strokeStyle = this.colours.ink;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.55;
    pen.beginPath();
    pen.moveTo(x, TOP - 4);
    pen.lineTo(x, this.height - FOOT + 6);
    pen.stroke();
    pen.globalAlpha = 1;
    for (const [curve, colour] of this.lines) {
      pen.fillStyle = colour;
      pen.strokeStyle = this.colours.ground;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(x, this.y(this.film.count(curve, minute)), 4, 0, TAU);
      pen.stroke();
      pen.fill();
    }
  }
}

// As everywhere in the app: groups of three digits.
function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
