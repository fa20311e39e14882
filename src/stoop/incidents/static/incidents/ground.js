// What lies under the points: areas, catchments, sites with their names, watch zones, responses.
/* global L */
import { classOf, palette } from "./looks.js";

const TILE = 256; // the world is so wide at zoom 0
const ROUND_EARTH_M = 40_075_016.686;
const NAMES_FROM = 12; // nearer than this zoom, sites have their names
const HALF = 16; // of the frame around a response, pixels
const REACH = 22; // pixels: half of what a thumb should have to hit

// A place on the world of zoom 0.
export function onWorld(lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [((lon + 180) / 360) * TILE, y * TILE];
}

// A length in metres on the ground, in pixels of a zoom: the farther from the equator, the more.
export function pixels(metres, lat, zoom) {
  return (metres * TILE * 2 ** zoom) / (ROUND_EARTH_M * Math.cos((lat * Math.PI) / 180));
}

// An outline, made into a path when it is first seen; its corners are told from its first one, so
// that they are exact at any zoom.
class Outline {
  #path = null;

  constructor({ properties, geometry }) {
    this.code = properties.code;
    this.name = properties.name;
    this.at = onWorld(...properties.at);
    const { type, coordinates } = geometry;
    const rings = type === "Polygon" ? coordinates : coordinates.flat();
    this.rings = rings.map((ring) => ring.map((each) => onWorld(...each)));
    const all = this.rings.flat();
    const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
    this.from = all[0];
    this.least = [xs.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.min(a, b))];
    this.most = [xs.reduce((a, b) => Math.max(a, b)), ys.reduce((a, b) => Math.max(a, b))];
  }

  isIn({ zoom, corner, size }) {
    const scale = 2 ** zoom;
    const [left, top] = [corner.x / scale, corner.y / scale];
    const [right, bottom] = [left + size.x / scale, top + size.y / scale];
    const [west, north] = this.least;
    const [east, south] = this.most;
    return west < right && east > left && north < bottom && south > top;
  }

  on({ zoom, corner }) {
    if (!this.#path) {
      this.#path = new Path2D();
      for (const ring of this.rings) {
        ring.forEach(([x, y], i) => {
          this.#path[i ? "lineTo" : "moveTo"](x - this.from[0], y - this.from[1]);
        });
        this.#path.closePath();
      }
    }
    const scale = 2 ** zoom;
    const left = this.from[0] * scale - corner.x;
    const top = this.from[1] * scale - corner.y;
    const moved = new Path2D();
    moved.addPath(this.#path, new DOMMatrix([scale, 0, 0, scale, left, top]));
    return moved;
  }
}

export class Ground {
  areas = [];
  catchments = [];
  zones = []; // { lon, lat, radius } in degrees and metres
  responses = []; // { lon, lat, look }
  off = new Set(); // layers that the reader does not want
  counts = null; // the answer that holds counts by area, where areas are coloured by them
  tiles = false;

  lay(name, found) {
    this[name] = (found?.features ?? []).map((each) => new Outline(each));
  }

  // Where the response is whose frame holds a place on the screen.
  responseAt(map, { x, y }) {
    if (this.off.has("responses")) return null;
    const found = this.responses.find(({ lon, lat }) => {
      const at = map.latLngToContainerPoint([lat, lon]);
      return Math.abs(at.x - x) <= REACH && Math.abs(at.y - y) <= REACH;
    });
    return found ? L.latLng(found.lat, found.lon) : null;
  }

  *paint(pen, frame) {
    const colours = palette();
    if (!this.off.has("areas") || this.counts) yield* this.#areas(pen, frame, colours);
    if (!this.off.has("catchments")) yield* this.#catchments(pen, frame, colours);
    if (!this.off.has("zones")) this.#zones(pen, frame, colours);
    if (!this.off.has("responses")) this.#responses(pen, frame, colours);
    if (!this.off.has("sites") && !this.counts) this.#sites(pen, frame, colours);
  }

  *#areas(pen, frame, { seq, paper, line }) {
    pen.strokeStyle = line;
    pen.lineWidth = 1;
    for (const each of this.areas) {
      if (!each.isIn(frame)) continue;
      const count = this.counts?.areas[each.code] ?? 0;
      const path = each.on(frame);
      if (count || !this.tiles) {
        pen.fillStyle = count ? seq[classOf(count, this.counts.classes)][0] : paper;
        pen.globalAlpha = this.tiles ? 0.6 : 1;
        pen.fill(path, "evenodd");
        pen.globalAlpha = 1;
      }
      pen.stroke(path);
      yield;
    }
  }

  *#catchments(pen, frame, { accent }) {
    pen.strokeStyle = accent;
    pen.lineWidth = 2;
    pen.setLineDash([6, 4]);
    for (const each of this.catchments) {
      if (!each.isIn(frame)) continue;
      pen.stroke(each.on(frame));
      yield;
    }
    pen.setLineDash([]);
  }

  #zones(pen, frame, { due }) {
    pen.strokeStyle = due;
    pen.lineWidth = 2.5;
    pen.setLineDash([2, 5]);
    for (const { lon, lat, radius } of this.zones) {
      const [x, y] = this.#at(lon, lat, frame);
      pen.beginPath();
      pen.arc(x, y, pixels(radius, lat, frame.zoom), 0, 7);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  // A frame around the shooting: broken where nobody has taken it, with a flag where it is late.
  #responses(pen, frame, { accent, due }) {
    pen.lineWidth = 2.5;
    for (const { lon, lat, look } of this.responses) {
      const [x, y] = this.#at(lon, lat, frame);
      pen.strokeStyle = pen.fillStyle = look === "taken" ? accent : due;
      pen.setLineDash(look === "waiting" ? [5, 4] : []);
      pen.strokeRect(x - HALF, y - HALF, 2 * HALF, 2 * HALF);
      if (look === "late") pen.fillRect(x + HALF - 3, y - HALF - 5, 8, 8);
    }
    pen.setLineDash([]);
  }

  // A mark in the middle of its ground, for no list says where its door is.
  #sites(pen, frame, { accent, paper, ink, font }) {
    const named = frame.zoom >= NAMES_FROM;
    const scale = 2 ** frame.zoom;
    const lines = new Map(); // several sites may share a ground: their names stand below each other
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.font = font(13);
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = paper;
    for (const { at, name } of this.catchments) {
      const [x, y] = [at[0] * scale - frame.corner.x, at[1] * scale - frame.corner.y];
      const nth = lines.get(`${at}`) ?? 0;
      lines.set(`${at}`, nth + 1);
      if (!nth) {
        pen.beginPath();
        pen.moveTo(x, y - 6);
        pen.lineTo(x + 6, y);
        pen.lineTo(x, y + 6);
        pen.lineTo(x - 6, y);
        pen.closePath();
        pen.fillStyle = accent;
        pen.stroke();
        pen.fill();
      }
      if (!named) continue;
      pen.fillStyle = ink;
      pen.strokeText(name, x, y + 8 + 16 * nth);
      pen.fillText(name, x, y + 8 + 16 * nth);
    }
  }

  #at(lon, lat, { zoom, corner }) {
    const [x, y] = onWorld(lon, lat);
    return [x * 2 ** zoom - corner.x, y * 2 ** zoom - corner.y];
  }
}
