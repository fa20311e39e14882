// Very many points, or counts, on one canvas. A point is two 16-bit steps in a box and a byte that
// says how it looks: no object for each. While the map moves, the canvas that is there moves with
// it; another is drawn meanwhile, a few milliseconds in each frame, and takes its place when done.
/* global L */
import { classOf, palette, sprites, stamp } from "./looks.js";

const WORLD = 2 ** 32;
const MANY = 3000; // from here on points are stamped into the picture, without soft edges
const REACH = 22; // pixels: half of what a thumb should have to hit
const PAD = 0.35; // of the map's size, drawn around it
const ENOUGH = 0.1; // of its size, that must be left around it
const SLICE_MS = 5; // of each frame; the rest is for the hand
const POINTS_AT_ONCE = 1000;
const ROWS_AT_ONCE = 128;

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

export const Dots = L.Layer.extend({
  onAdd(map) {
    this._map = map;
    this._data = null;
    this._shown = this._sheet();
    this._spare = this._sheet();
    map.getPanes().overlayPane.append(this._shown.canvas);
    this._moved();
  },

  onRemove() {
    this._stop();
    this._shown.canvas.remove();
  },

  getEvents() {
    return {
      zoomstart: this._stop,
      zoom: this._place,
      viewreset: this._place,
      zoomanim: this._glide,
      move: this._outgrown,
      moveend: this._moved,
    };
  },

  show(data) {
    this._data = data;
    this._looks = null;
    if (this._map) this.draw();
  },

  _sheet() {
    const canvas = document.createElement("canvas");
    canvas.className = "dots leaflet-zoom-animated";
    return { canvas, pen: canvas.getContext("2d"), frame: null };
  },

  // What the next canvas will hold: a part of the world, in pixels of the zoom.
  _frame() {
    const pad = this._map.getSize().multiplyBy(PAD).round();
    return {
      zoom: this._map.getZoom(),
      corner: this._map.getPixelBounds().min.round().subtract(pad),
      size: this._map.getSize().add(pad.multiplyBy(2)),
      fine: Math.min(window.devicePixelRatio || 1, 2),
    };
  },

  // Whether what is drawn still lies around all that is seen.
  _holds(frame) {
    if (frame?.zoom !== this._map.getZoom()) return false;
    const { min, max } = this._map.getPixelBounds();
    const rest = this._map.getSize().multiplyBy(ENOUGH);
    return new L.Bounds(frame.corner, frame.corner.add(frame.size)).contains(
      new L.Bounds(min.subtract(rest), max.add(rest)),
    );
  },

  _moved() {
    this._place();
    if (!this._holds((this._drawing ?? this._shown).frame)) this.draw();
  },

  // A long drag comes to the edge of what is drawn before the hand lets go.
  _outgrown() {
    if (this._drawing || this._map.getZoom() !== this._shown.frame?.zoom) return;
    if (!this._holds(this._shown.frame)) this.draw();
  },

  _place() {
    const { canvas, frame } = this._shown;
    if (!frame) return;
    const scale = this._map.getZoomScale(this._map.getZoom(), frame.zoom);
    const at = frame.corner.multiplyBy(scale).subtract(this._map.getPixelOrigin());
    L.DomUtil.setTransform(canvas, at, scale);
  },

  _glide({ zoom, center }) {
    const { canvas, frame } = this._shown;
    if (!frame) return;
    const corner = this._map.unproject(frame.corner, frame.zoom);
    const at = this._map._latLngToNewLayerPoint(corner, zoom, center);
    L.DomUtil.setTransform(canvas, at, this._map.getZoomScale(zoom, frame.zoom));
  },

  draw() {
    this._stop();
    this._drawing = this._spare;
    this._drawing.frame = this._frame();
    const work = this._drawn(this._drawing);
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      while (performance.now() < end) {
        if (work.next().done) {
          this._exchange();
          return;
        }
      }
      this._next = requestAnimationFrame(slice);
    };
    slice();
  },

  _stop() {
    cancelAnimationFrame(this._next);
    this._drawing = null;
  },

  _exchange() {
    [this._shown, this._spare] = [this._drawing, this._shown];
    this._drawing = null;
    this._place();
    this._spare.canvas.replaceWith(this._shown.canvas);
    this._shown.canvas.dataset.mode = this._data?.mode ?? "";
  },

  *_drawn({ canvas, pen, frame }) {
    const { size, fine } = frame;
    canvas.width = size.x * fine;
    canvas.height = size.y * fine;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    yield;
    if (this._data?.mode === "points") yield* this._points(pen, frame);
    if (this._data?.mode === "cells") this._cells(pen, frame);
    if (this._data?.mode === "areas") this._numbers(pen, frame);
  },

  // A point lies at x * ax + bx, y * ay + by pixels from the frame's corner.
  _steps({ zoom, corner }) {
    const { box } = this._data;
    const scale = (256 * 2 ** zoom) / WORLD;
    return {
      ax: ((box[2] - box[0]) * scale) / 65535,
      bx: box[0] * scale - corner.x,
      ay: ((box[3] - box[1]) * scale) / 65535,
      by: box[1] * scale - corner.y,
    };
  },

  *_points(pen, frame) {
    const { x, y, look, n } = this._data;
    const { ax, bx, ay, by } = this._steps(frame);
    const looks = this._lookAt(frame);
    if (n > MANY) {
      yield* this._stamped(pen, frame, looks);
      return;
    }
    for (let i = 0; i < n; i += 1) {
      const px = x[i] * ax + bx;
      const py = y[i] * ay + by;
      if (px < 0 || py < 0 || px >= frame.size.x || py >= frame.size.y) continue;
      const { half } = looks[look[i]];
      pen.drawImage(looks[look[i]], px - half, py - half, 2 * half, 2 * half);
      if (i % 100 === 99) yield;
    }
  },

  // Each look as a list of opaque pixels, written straight into the picture: a point costs some
  // forty writes, where drawing a picture of it would cost a hundred times that.
  *_stamped(pen, frame, looks) {
    const { x, y, look, n } = this._data;
    const { ax, bx, ay, by } = this._steps(frame);
    const { fine } = frame;
    const { width, height } = pen.canvas;
    const image = pen.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const stamps = looks.map((picture) => stamp(picture, width));
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
  },

  _lookAt({ zoom, fine }) {
    const radius = zoom < 11.5 ? 3 : zoom < 14 ? 4.5 : 6;
    if (this._looks?.radius !== radius || this._looks.fine !== fine) {
      this._looks = Object.assign(sprites(radius, fine), { radius, fine });
    }
    return this._looks;
  },

  _cells(pen, frame) {
    const { cells, classes, zoom, size } = this._data;
    const side = size * 2 ** (frame.zoom - zoom);
    const { seq } = palette();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "600 12px system-ui, sans-serif";
    for (const [column, row, count] of cells) {
      const [fill, ink] = seq[classOf(count, classes)];
      const px = column * side - frame.corner.x;
      const py = row * side - frame.corner.y;
      pen.fillStyle = fill;
      pen.fillRect(px + 0.5, py + 0.5, side - 1, side - 1);
      if (side < 24) continue;
      const said = count < 1000 ? count : `${Math.round(count / 100) / 10}k`;
      pen.fillStyle = ink;
      pen.fillText(said, px + side / 2, py + side / 2);
    }
  },

  _numbers(pen, frame) {
    const { paper, ink } = palette();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "600 13px system-ui, sans-serif";
    pen.lineWidth = 3;
    pen.strokeStyle = paper;
    pen.fillStyle = ink;
    for (const { at, count } of this._data.labels ?? []) {
      const point = this._map.project([at[1], at[0]], frame.zoom).subtract(frame.corner);
      pen.strokeText(count, point.x, point.y);
      pen.fillText(count, point.x, point.y);
    }
  },

  // Index of the point nearest to a place on the screen, -1 for none within reach.
  nearest(containerPoint) {
    if (this._data?.mode !== "points") return -1;
    const { x, y, n } = this._data;
    const seen = { zoom: this._map.getZoom(), corner: this._map.getPixelBounds().min };
    const { ax, bx, ay, by } = this._steps(seen);
    let best = -1;
    let least = REACH * REACH;
    for (let i = n - 1; i >= 0; i -= 1) {
      const dx = x[i] * ax + bx - containerPoint.x;
      const dy = y[i] * ay + by - containerPoint.y;
      const far = dx * dx + dy * dy;
      if (far < least) {
        least = far;
        best = i;
      }
    }
    return best;
  },

  place(i) {
    const zoom = this._map.getZoom();
    const { ax, bx, ay, by } = this._steps({ zoom, corner: L.point(0, 0) });
    return this._map.unproject([this._data.x[i] * ax + bx, this._data.y[i] * ay + by], zoom);
  },
});
