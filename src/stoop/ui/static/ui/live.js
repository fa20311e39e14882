// News from the server while a page is open. A page works without it: reload and look.
//
// {% block live %}data-live="response. alert."{% endblock %} in a page exchanges its main part when
// an event of such a kind has come. It waits while a hand is at work: a button must not move from
// under a thumb, and what is being typed stays.

const QUIET_MS = 300; // several events in a row are one piece of news
const HIDDEN_MS = 60_000; // a page that nobody looks at lets its connection go
const AGAIN_MS = 15_000;
const HAND_MS = 3000; // so long after a touch or a key nothing moves

export class Stream extends EventTarget {
  // Fires "change" (detail: {kind, subject, site, at}), "lost" and "back".
  constructor(path, since) {
    super();
    this.path = path;
    this.seq = since === undefined || since === "" ? null : Number(since);
    this.lost = false;
    this.open();
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.open());
  }

  open() {
    this.close();
    const since = this.seq === null ? "" : `?since=${this.seq}`;
    this.source = new EventSource(this.path + since);
    this.source.addEventListener("ready", (event) => this.ready(event));
    this.source.onmessage = (event) => {
      this.seq = Number(event.lastEventId);
      this.dispatchEvent(new CustomEvent("change", { detail: JSON.parse(event.data) }));
    };
    this.source.onerror = () => this.broken();
  }

  ready(event) {
    const fresh = this.seq === null;
    const { gap } = JSON.parse(event.data); // too much was missed to be told again
    if (event.lastEventId && (fresh || gap)) this.seq = Number(event.lastEventId);
    if (this.lost || fresh || gap) this.dispatchEvent(new CustomEvent("back", { detail: { fresh } }));
    this.lost = false;
  }

  broken() {
    if (!this.lost) this.dispatchEvent(new CustomEvent("lost"));
    this.lost = true;
    if (this.source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.again); // the browser has given up; we have not
    this.again = setTimeout(() => this.open(), AGAIN_MS);
  }

  look() {
    clearTimeout(this.hidden);
    if (document.hidden) this.hidden = setTimeout(() => this.close(), HIDDEN_MS);
    else if (!this.source) this.open();
  }

  close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }
}

export function soon(act, wait = QUIET_MS) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}

let touched = 0;
for (const kind of ["pointerdown", "pointermove", "keydown", "scroll", "wheel"]) {
  document.addEventListener(kind, () => (touched = performance.now()), { passive: true });
}

function busy(part) {
  const at = document.activeElement;
  const typing = part.contains(at) && at.matches("input, select, textarea");
  const open = part.querySelector("form[data-changed], details[open] form");
  return typing || open || performance.now() - touched < HAND_MS;
}

async function exchange(part) {
  if (busy(part)) {
    setTimeout(() => exchange(part), HAND_MS);
    return;
  }
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh || plain(fresh) === plain(part) || busy(part)) return;
  const focused = document.activeElement?.id;
  part.replaceChildren(...fresh.childNodes);
  window.htmx?.process(part);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const say = document.getElementById("news");
  if (say) say.textContent = say.dataset.say;
  document.documentElement.dataset.exchanged = Date.now();
}

// What a reader reads of it: tokens and "12 minutes ago" differ each time.
function plain(part) {
  const copy = part.cloneNode(true);
  for (const each of copy.querySelectorAll("[data-ago], input[type=hidden]")) each.remove();
  return copy.innerHTML.replace(/\s+/g, " ");
}

function follow(part) {
  const kinds = part.dataset.live.split(/\s+/).filter(Boolean);
  const news = soon(() => exchange(part));
  const stream = new Stream(part.dataset.stream);
  stream.addEventListener("change", ({ detail }) => {
    if (kinds.some((kind) => detail.kind.startsWith(kind))) news();
  });
  stream.addEventListener("back", news); // also once at first: what came while the page did
  part.addEventListener("input", ({ target }) => {
    if (target.form) target.form.dataset.changed = "";
  });
}

for (const part of document.querySelectorAll("[data-live]")) follow(part);
