// Very many points, or counts. A point is two 16-bit steps in a box and a byte that says how it
// looks: no object for each.
import { classOf, palette, sprites, stamp } from "./looks.js";

const WORLD = 2 ** 32;
const MANY = 3000; // from here on points are stamped into the picture, without soft edges
const REACH = 22; // pixels: half of what a thumb should have to hit
const POINTS_AT_ONCE = 500;
const ROWS_AT_ONCE = 64;

export function parse(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  if (head.mode !== "points") return head;
  const at = 4 + length;
  head.x = new Uint16Array(buffer, at, head.n);
  head.y = new Uint16Array(buffer, at + 2 * head.n, head.n);
  head.look = new Uint8Array(buffer, at + 4 * head.n, head.n);
  return head;
}

export class Dots {
  data = null;
  #looks = null;
  #image = null;

  show(data) {
    this.data = data;
    this.#looks = null;
  }

  *paint(pen, frame) {
    const { mode, n } = this.data ?? {};
    if (mode === "points") yield* n > MANY ? this.#stamped(pen, frame) : this.#drawn(pen, frame);
    if (mode === "cells") yield* this.#cells(pen, frame);
    if (mode === "areas") this.#numbers(pen, frame);
  }

  // A point lies at x * ax + bx, y * ay + by pixels from the frame's corner.
  #steps({ zoom, corner }) {
    const { box } = this.data;
    const scale = (256 * 2 ** zoom) / WORLD;
    return {
      ax: ((box[2] - box[0]) * scale) / 65535,
      bx: box[0] * scale - corner.x,
      ay: ((box[3] - box[1]) * scale) / 65535,
      by: box[1] * scale - corner.y,
    };
  }

  *#drawn(pen, frame) {
    const { x, y, look, n } = this.data;
    const { ax, bx, ay, by } = this.#steps(frame);
    const looks = this.#lookAt(frame);
    for (let i = 0; i < n; i += 1) {
      const px = x[i] * ax + bx;
      const py = y[i] * ay + by;
      if (px < 0 || py < 0 || px >= frame.size.x || py >= frame.size.y) continue;
      const { half } = looks[look[i]];
      pen.drawImage(looks[look[i]], px - half, py - half, 2 * half, 2 * half);
      if (i % 50 === 0) yield;
    }
  }

  // Each look as a list of opaque pixels, written straight into the picture: a point costs some
  // forty writes, where drawing a picture of it would cost a hundred times that.
  *#stamped(pen, frame) {
    const { x, y, look, n } = this.data;
    const { ax, bx, ay, by } = this.#steps(frame);
    const { fine } = frame;
    const { width, height } = pen.canvas;
    const image = this.#empty(pen);
    const pixels = new Uint32Array(image.data.buffer);
    yield;
    const stamps = this.#lookAt(frame).map((picture) => stamp(picture, width));
    yield;
    const [sx, sy, ox, oy] = [ax * fine, ay * fine, bx * fine, by * fine];
    for (let from = 0; from < n; from += POINTS_AT_ONCE) {
      const end = Math.min(from + POINTS_AT_ONCE, n);
      for (let i = from; i < end; i += 1) {
        const px = (x[i] * sx + ox) | 0;
        const py = (y[i] * sy + oy) | 0;
        const { offsets, colours, reach } = stamps[look[i]];
        if (px < reach || py < reach || px >= width - reach || py >= height - reach) continue;
        const at = py * width + px;
        for (let k = 0; k < offsets.length; k += 1) pixels[at + offsets[k]] = colours[k];
      }
      yield;
    }
    for (let row = 0; row < height; row += ROWS_AT_ONCE) {
      pen.putImageData(image, 0, 0, 0, row, width, ROWS_AT_ONCE);
      yield;
    }
  }

  // Eight megabytes on a phone: kept, for making them anew costs more than wiping them.
  #empty(pen) {
    const { width, height } = pen.canvas;
    if (this.#image?.width === width && this.#image.height === height) this.#image.data.fill(0);
    else this.#image = pen.createImageData(width, height);
    return this.#image;
  }

  #lookAt({ zoom, fine }) {
    const radius = zoom < 11.5 ? 3 : zoom < 14 ? 4.5 : 6;
    if (this.#looks?.radius !== radius || this.#looks.fine !== fine) {
      this.#looks = Object.assign(sprites(radius, fine), { radius, fine });
    }
    return this.#looks;
  }

  *#cells(pen, frame) {
    const { cells, classes, zoom, size } = this.data;
    const side = size * 2 ** (frame.zoom - zoom);
    const { seq, font } = palette();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = font(12);
    for (const [column, row, count] of cells) {
      const px = column * side - frame.corner.x;
      const py = row * side - frame.corner.y;
      if (px < -side || py < -side || px > frame.size.x || py > frame.size.y) continue;
      const [fill, ink] = seq[classOf(count, classes)];
      pen.fillStyle = fill;
      pen.fillRect(px + 0.5, py + 0.5, side - 1, side - 1);
      yield;
      if (side < 24) continue;
      const said = count < 1000 ? count : `${Math.round(count / 100) / 10}k`;
      pen.fillStyle = ink;
      pen.fillText(said, px + side / 2, py + side / 2);
    }
  }

  #numbers(pen, frame) {
    const { paper, ink, font } = palette();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = font(13);
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = paper;
    pen.fillStyle = ink;
    const scale = 2 ** frame.zoom;
    for (const { at, count } of this.data.labels ?? []) {
      const [x, y] = [at[0] * scale - frame.corner.x, at[1] * scale - frame.corner.y];
      pen.strokeText(count, x, y);
      pen.fillText(count, x, y);
    }
  }

  // Index of the point nearest to a place on the screen, -1 for none within reach.
  nearest(map, { x: left, y: top }) {
    if (this.data?.mode !== "points") return -1;
    const { x, y, n } = this.data;
    const seen = { zoom: map.getZoom(), corner: map.getPixelBounds().min };
    const { ax, bx, ay, by } = this.#steps(seen);
    let best = -1;
    let least = REACH * REACH;
    for (let i = n - 1; i >= 0; i -= 1) {
      const dx = x[i] * ax + bx - left;
      const dy = y[i] * ay + by - top;
      const far = dx * dx + dy * dy;
      if (far < least) {
        least = far;
        best = i;
      }
    }
    return best;
  }

  place(map, i) {
    const zoom = map.getZoom();
    const { ax, bx, ay, by } = this.#steps({ zoom, corner: { x: 0, y: 0 } });
    return map.unproject([this.data.x[i] * ax + bx, this.data.y[i] * ay + by], zoom);
  }
}
