// Stands by in the browser and shows what is pushed. An alert that comes a second time (the server
// could not know that the first one arrived) is known by its key and makes no second sound.
const SEEN = "stoop-seen";
const MOST = 200;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function firstTime(key) {
  const seen = await caches.open(SEEN);
  const mark = `/seen/${encodeURIComponent(key)}`;
  if (await seen.match(mark)) return false;
  await seen.put(mark, new Response("1"));
  const all = await seen.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map((old) => seen.delete(old)));
  return true;
}

function read(event) {
  try {
    const said = event.data.json();
    return typeof said.title === "string" ? said : null;
  } catch {
    return null;
  }
}

async function show(event) {
  const said = read(event) ?? { title: "Stoop", body: "", tag: "stoop", link: "/alerts/" };
  const fresh = said.key ? await firstTime(said.key) : true;
  const shown = await self.registration.getNotifications({ tag: said.tag });
  await self.registration.showNotification(said.title, {
    body: said.body,
    tag: said.tag,
    renotify: false,
    silent: !fresh,
    requireInteraction: Boolean(said.urgent),
    icon: "/static/ui/icon-192.png",
    data: { link: said.link },
  });
  if (!fresh && shown.length === 0) {
    // It was put away before; a browser wants each push shown, so it was, for a moment.
    for (const each of await self.registration.getNotifications({ tag: said.tag })) each.close();
  }
}
self.addEventListener("push", (event) => event.waitUntil(show(event)));

async function open(link) {
  const target = new URL(link ?? "/alerts/", self.location.origin);
  if (target.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const each of windows) {
    if (new URL(each.url).pathname === target.pathname) return void (await each.focus());
  }
  await self.clients.openWindow(target.href);
}
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link));
});
