// How shootings look on the map: colours of the page, pictures of a point, classes of counts.

const KIND_SHOTS = 1;
const REPORTED = 2;
const LOOKS = 12;

export function palette() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  const seq = [1, 2, 3, 4, 5].map((n) => [get(`--seq-${n}`), get(`--on-seq-${n}`)]);
  const names = ["paper", "ink", "line", "accent", "due"];
  const rem = parseFloat(style.fontSize) / 16; // who reads large letters reads them here too
  const font = (size) => `600 ${size * rem}px ${get("--font")}`;
  return { seq, font, ...Object.fromEntries(names.map((name) => [name, get(`--${name}`)])) };
}

export function classOf(count, classes) {
  let at = 0;
  while (at + 1 < classes.length && count >= classes[at + 1]) at += 1;
  return classes.length < 2 ? 2 : Math.round((at * 4) / (classes.length - 1));
}

// The picture of each look, `fine` pixels of the screen to one of the page.
export function sprites(radius, fine) {
  const colours = palette();
  return Array.from({ length: LOOKS }, (_, look) => sprite(look, radius, fine, colours));
}

function sprite(look, radius, fine, colours) {
  const age = look >> 2;
  const colour = age < 2 ? colours.accent : colours.seq[3][0];
  const size = age < 2 ? radius + 2 : radius;
  const half = size + (age === 0 ? 5 : 2);
  const picture = document.createElement("canvas");
  picture.width = picture.height = Math.ceil(2 * half * fine);
  picture.half = half;
  const pen = picture.getContext("2d", { willReadFrequently: true });
  pen.scale(fine, fine);
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
  const open = look & REPORTED;
  pen.fillStyle = open ? colours.paper : colour;
  pen.strokeStyle = open ? colour : colours.paper;
  pen.lineWidth = open ? 2 : 1;
  pen.fill();
  pen.stroke();
  if (age === 0) {
    pen.beginPath();
    pen.arc(0, 0, half - 1.5, 0, 7);
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 2;
    pen.stroke();
  }
  return picture;
}

// A picture as a list of opaque pixels, for a sheet so many pixels wide.
export function stamp(picture, width) {
  const side = picture.width;
  const pen = picture.getContext("2d");
  const pixels = new Uint32Array(pen.getImageData(0, 0, side, side).data.buffer);
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
