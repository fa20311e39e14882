// News from the server while a page is open. A page works without it: reload and look.
//
// <section id="board" data-live="response. alert." data-stream="/stream/" data-seq="41"
//          data-say="The board has changed.">
// is fetched anew and exchanged when an event of such a kind comes, unless somebody is typing in
// it. `data-seq` is the ledger's newest event when the page's data was read, read before them.

const QUIET_MS = 300; // several events in a row are one piece of news
const HIDDEN_MS = 60_000; // a page that nobody looks at lets its connection go
const AGAIN_MS = 15_000;

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
    if (event.lastEventId && fresh) this.seq = Number(event.lastEventId);
    if (this.lost || fresh) this.dispatchEvent(new CustomEvent("back", { detail: { fresh } }));
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

function typing(part) {
  const at = document.activeElement;
  return part.contains(at) && at.matches("input, select, textarea");
}

async function exchange(part) {
  const answer = await fetch(location.href, { headers: { "X-Stoop-Live": "1" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh || fresh.innerHTML === part.innerHTML) return;
  const say = document.getElementById(`${part.id}-news`);
  if (say) say.textContent = part.dataset.say ?? "";
  if (typing(part) || part.querySelector("form[data-changed]")) return;
  const focused = document.activeElement?.id;
  part.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  part.dispatchEvent(new CustomEvent("exchanged", { bubbles: true }));
}

function follow(part) {
  const kinds = part.dataset.live.split(/\s+/).filter(Boolean);
  const news = soon(() => exchange(part));
  const stream = new Stream(part.dataset.stream, part.dataset.seq);
  stream.addEventListener("change", ({ detail }) => {
    if (kinds.some((kind) => detail.kind.startsWith(kind))) news();
  });
  stream.addEventListener("back", news);
  part.addEventListener("input", ({ target }) => {
    if (target.form) target.form.dataset.changed = "";
  });
}

for (const part of document.querySelectorAll("[data-live]")) follow(part);
