// A canvas over the map. While the map moves, the canvas that is there moves with it; another is
// painted meanwhile, a few milliseconds in each frame, and takes its place when it is done.
/* global L */

const PAD = 0.25; // of the map's size, painted around it
const ENOUGH = 0.1; // of its size, that must be left around it
const SLICE_MS = 4; // of each frame; the rest is for the hand

export const Sheet = L.Layer.extend({
  // `paint(pen, frame)` is a generator: it yields wherever it can be interrupted.
  initialize(name, paint) {
    this._name = name;
    this._paint = paint;
  },

  onAdd(map) {
    this._map = map;
    this._shown = this._made();
    this._spare = this._made();
    map.getPanes().overlayPane.append(this._shown.canvas);
    this.draw();
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

  draw() {
    this._stop();
    this._drawing = this._spare;
    this._drawing.frame = this._frame();
    const work = this._painted(this._drawing);
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      do {
        if (work.next().done) return this._exchange();
      } while (performance.now() < end);
      this._next = requestAnimationFrame(slice);
    };
    this._next = requestAnimationFrame(slice);
  },

  _made() {
    const canvas = document.createElement("canvas");
    canvas.className = `${this._name} leaflet-zoom-animated`;
    return { canvas, pen: canvas.getContext("2d"), frame: null };
  },

  *_painted({ canvas, pen, frame }) {
    const { size, fine } = frame;
    if (canvas.width !== size.x * fine || canvas.height !== size.y * fine) {
      canvas.width = size.x * fine;
      canvas.height = size.y * fine;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    yield;
    yield* this._paint(pen, frame);
  },

  // What the next canvas will hold: a part of the world, in pixels of the zoom.
  _frame() {
    const pad = this._map.getSize().multiplyBy(PAD).round();
    const size = this._map.getSize().add(pad.multiplyBy(2));
    const corner = this._map.getPixelBounds().min.round().subtract(pad);
    const fine = Math.min(window.devicePixelRatio || 1, 2);
    return { zoom: this._map.getZoom(), corner, size, fine };
  },

  // Whether what is painted still lies around all that is seen.
  _holds(frame) {
    if (frame?.zoom !== this._map.getZoom()) return false;
    const { min, max } = this._map.getPixelBounds();
    const rest = this._map.getSize().multiplyBy(ENOUGH);
    const needed = L.bounds(min.subtract(rest), max.add(rest));
    return L.bounds(frame.corner, frame.corner.add(frame.size)).contains(needed);
  },

  _moved() {
    if (!this._holds((this._drawing ?? this._shown).frame)) this.draw();
  },

  // A long drag comes to the edge of what is painted before the hand lets go.
  _outgrown() {
    const { frame } = this._shown;
    if (this._drawing || frame?.zoom !== this._map.getZoom() || this._holds(frame)) return;
    this.draw();
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

  _stop() {
    cancelAnimationFrame(this._next);
    this._drawing = null;
  },

  _exchange() {
    [this._shown, this._spare] = [this._drawing, this._shown];
    this._drawing = null;
    this._place();
    this._spare.canvas.replaceWith(this._shown.canvas);
    this._shown.canvas.dataset.zoom = this._shown.frame.zoom;
    this.fire("painted");
  },
});
