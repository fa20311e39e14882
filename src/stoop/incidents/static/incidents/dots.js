// Very many points, or counts, on one canvas. A point is two 16-bit steps in a box and a byte that
// says how it looks: no object for each, so a hundred thousand of them are drawn at once. While the
// map is dragged the canvas moves as it is; it is drawn anew when the hand lets go.
/* global L */

const WORLD = 2 ** 32;
const KIND_SHOTS = 1;
const REPORTED = 2;
const MANY = 3000; // from here on points are stamped into the picture, without soft edges
const REACH = 22; // pixels: half of what a thumb should have to hit

export function palette() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  const seq = [1, 2, 3, 4, 5].map((n) => [get(`--seq-${n}`), get(`--on-seq-${n}`)]);
  const names = ["paper", "ink", "line", "accent", "due", "rule"];
  return { seq, ...Object.fromEntries(names.map((name) => [name, get(`--${name}`)])) };
}

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

export function classOf(count, classes) {
  let at = 0;
  while (at + 1 < classes.length && count >= classes[at + 1]) at += 1;
  return classes.length < 2 ? 2 : Math.round((at * 4) / (classes.length - 1));
}

function stampOf(sprite, width) {
  const side = sprite.width;
  const pixels = new Uint32Array(sprite.getContext("2d").getImageData(0, 0, side, side).data.buffer);
  const middle = side >> 1;
  const offsets = [];
  const colours = [];
  pixels.forEach((colour, at) => {
    if (colour >>> 24 < 128) return;
    offsets.push((((at / side) | 0) - middle) * width + (at % side) - middle);
    colours.push((colour | 0xff000000) >>> 0);
  });
  return { offsets: Int32Array.from(offsets), colours: Uint32Array.from(colours), reach: middle + 1 };
}

export const Dots = L.Renderer.extend({
  options: { padding: 0.35 },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = "dots";
    this._pen = this._container.getContext("2d");
    this._data = null;
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const fine = Math.min(window.devicePixelRatio || 1, 2);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * fine;
    this._container.height = size.y * fine;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._pen.setTransform(fine, 0, 0, fine, 0, 0);
    this._fine = fine;
    this.draw();
  },

  show(data) {
    this._data = data;
    this._sprites = null;
    if (this._map) this.draw();
  },

  // Where the canvas's corner is, in pixels of the world at this zoom.
  _corner() {
    return this._map.getPixelOrigin().add(this._bounds.min);
  },

  draw() {
    const began = performance.now();
    const size = this._bounds.getSize();
    this._pen.clearRect(0, 0, size.x, size.y);
    if (this._data?.mode === "points") this._points(size);
    if (this._data?.mode === "cells") this._cells();
    if (this._data?.mode === "areas") this._numbers();
    this._container.dataset.ms = (performance.now() - began).toFixed(1);
  },

  // px = x * a + b
  _steps() {
    const { box } = this._data;
    const scale = (256 * 2 ** this._map.getZoom()) / WORLD;
    const corner = this._corner();
    return {
      ax: ((box[2] - box[0]) * scale) / 65535,
      bx: box[0] * scale - corner.x,
      ay: ((box[3] - box[1]) * scale) / 65535,
      by: box[1] * scale - corner.y,
    };
  },

  _points(size) {
    const { x, y, look, n } = this._data;
    const { ax, bx, ay, by } = this._steps();
    const zoom = this._map.getZoom();
    const sprites = this._looks(zoom < 11.5 ? 3 : zoom < 14 ? 4.5 : 6);
    if (n > MANY) {
      this._stamp(sprites);
      return;
    }
    for (let i = 0; i < n; i += 1) {
      const px = x[i] * ax + bx;
      const py = y[i] * ay + by;
      if (px < 0 || py < 0 || px >= size.x || py >= size.y) continue;
      const { half } = sprites[look[i]];
      this._pen.drawImage(sprites[look[i]], px - half, py - half, 2 * half, 2 * half);
    }
  },

  // Each look as a list of opaque pixels, written straight into the picture: a point costs some
  // forty writes, where drawing a picture of it would cost a hundred times that.
  _stamp(sprites) {
    const { x, y, look, n } = this._data;
    const { ax, bx, ay, by } = this._steps();
    const { width, height } = this._container;
    const fine = this._fine;
    const image = this._pen.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const stamps = sprites.map((sprite) => stampOf(sprite, width));
    const [sx, sy, ox, oy] = [ax * fine, ay * fine, bx * fine, by * fine];
    for (let i = 0; i < n; i += 1) {
      const px = (x[i] * sx + ox) | 0;
      const py = (y[i] * sy + oy) | 0;
      const { offsets, colours, reach } = stamps[look[i]];
      if (px < reach || py < reach || px >= width - reach || py >= height - reach) continue;
      const at = py * width + px;
      for (let k = 0; k < offsets.length; k += 1) pixels[at + offsets[k]] = colours[k];
    }
    this._pen.putImageData(image, 0, 0);
  },

  _looks(radius) {
    if (this._sprites?.radius === radius) return this._sprites;
    const colours = palette();
    this._sprites = Array.from({ length: 12 }, (_, look) => this._sprite(look, radius, colours));
    this._sprites.radius = radius;
    return this._sprites;
  },

  _sprite(look, radius, colours) {
    const age = look >> 2;
    const colour = age < 2 ? colours.accent : colours.seq[3][0];
    const size = age < 2 ? radius + 2 : radius;
    const half = size + (age === 0 ? 5 : 2);
    const sprite = document.createElement("canvas");
    sprite.width = sprite.height = Math.ceil(2 * half * this._fine);
    sprite.half = half;
    const pen = sprite.getContext("2d");
    pen.scale(this._fine, this._fine);
    pen.translate(half, half);
    pen.beginPath();
    if (look & KIND_SHOTS) {
      pen.moveTo(0, -size);
      pen.lineTo(size, size * 0.8);
      pen.lineTo(-size, size * 0.8);
      pen.closePath();
    } else {
      pen.arc(0, 0, size - 0.5, 0, 7);
    }
    if (look & REPORTED) {
      pen.fillStyle = colours.paper;
      pen.strokeStyle = colour;
      pen.lineWidth = 2;
    } else {
      pen.fillStyle = colour;
      pen.strokeStyle = colours.paper;
      pen.lineWidth = 1;
    }
    pen.fill();
    pen.stroke();
    if (age === 0) {
      pen.beginPath();
      pen.arc(0, 0, half - 1.5, 0, 7);
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 2;
      pen.stroke();
    }
    return sprite;
  },

  _cells() {
    const { cells, classes, zoom, size } = this._data;
    const side = size * 2 ** (this._map.getZoom() - zoom);
    const corner = this._corner();
    const { seq } = palette();
    const pen = this._pen;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "600 12px system-ui, sans-serif";
    for (const [column, row, count] of cells) {
      const [fill, ink] = seq[classOf(count, classes)];
      const px = column * side - corner.x;
      const py = row * side - corner.y;
      pen.fillStyle = fill;
      pen.fillRect(px + 0.5, py + 0.5, side - 1, side - 1);
      if (side < 24) continue;
      pen.fillStyle = ink;
      pen.fillText(count < 1000 ? count : `${Math.round(count / 100) / 10}k`, px + side / 2, py + side / 2);
    }
  },

  _numbers() {
    const pen = this._pen;
    const { paper, ink } = palette();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "600 13px system-ui, sans-serif";
    pen.lineWidth = 3;
    pen.strokeStyle = paper;
    pen.fillStyle = ink;
    for (const { at, count } of this._data.labels ?? []) {
      const point = this._map.latLngToLayerPoint([at[1], at[0]]).subtract(this._bounds.min);
      pen.strokeText(count, point.x, point.y);
      pen.fillText(count, point.x, point.y);
    }
  },

  // Index of the point nearest to a place on the screen, -1 for none within reach.
  nearest(containerPoint) {
    if (this._data?.mode !== "points") return -1;
    const at = this._map.containerPointToLayerPoint(containerPoint).subtract(this._bounds.min);
    const { x, y, n } = this._data;
    const { ax, bx, ay, by } = this._steps();
    let best = -1;
    let least = REACH * REACH;
    for (let i = n - 1; i >= 0; i -= 1) {
      const dx = x[i] * ax + bx - at.x;
      const dy = y[i] * ay + by - at.y;
      const far = dx * dx + dy * dy;
      if (far < least) {
        least = far;
        best = i;
      }
    }
    return best;
  },

  place(i) {
    const { ax, bx, ay, by } = this._steps();
    const corner = this._corner();
    const point = L.point(this._data.x[i] * ax + bx, this._data.y[i] * ay + by).add(corner);
    return this._map.unproject(point);
  },
});
