// Turns alerts on and off in this browser. Without it the page still has text messages and e-mail.
const box = document.getElementById("push");
const button = document.getElementById("push-switch");
const said = document.getElementById("push-said");
const words = document.getElementById("push-words").content;
const word = (name) => words.querySelector(`[data-word="${name}"]`).textContent;
const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
const turnOnWord = button.textContent;
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

async function post(address, body, kind) {
  const headers = { "X-CSRFToken": token, "Content-Type": kind };
  const answer = await fetch(address, { method: "POST", headers, body });
  return { ok: answer.ok, sentence: (await answer.json()).sentence };
}

const keep = (subscription) =>
  post(box.dataset.on, JSON.stringify(subscription), "application/json");

async function current() {
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.pushManager.getSubscription()) ?? null;
}

function show(subscription) {
  button.textContent = subscription ? word("off") : turnOnWord;
  button.className = subscription ? "button-quiet" : "button";
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") {
    said.textContent = word("denied");
    return false;
  }
  const worker = await navigator.serviceWorker.register(box.dataset.worker);
  await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) };
  const subscription = await worker.pushManager.subscribe(options);
  const kept = await keep(subscription);
  if (!kept.ok) await subscription.unsubscribe();
  said.textContent = kept.sentence;
  return kept.ok;
}

async function turnOff(subscription) {
  const form = new URLSearchParams({ endpoint: subscription.endpoint });
  const { ok, sentence } = await post(box.dataset.off, form, "application/x-www-form-urlencoded");
  await subscription.unsubscribe();
  said.textContent = sentence;
  return ok;
}

async function change() {
  button.disabled = true;
  try {
    const subscription = await current();
    const changed = await (subscription ? turnOff(subscription) : turnOn());
    show(await current());
    if (changed) setTimeout(() => location.reload(), 1500); // the list above has changed too
  } catch {
    said.textContent = word("failed");
  } finally {
    button.disabled = false;
  }
}

async function begin() {
  button.addEventListener("click", change);
  const subscription = await current();
  show(subscription);
  button.disabled = false;
  // A browser may change where it is reached: say it again, so that the server knows the newest.
  if (subscription && Notification.permission === "granted") {
    await keep(subscription);
    said.textContent = word("on");
  }
}

if (able) await begin().catch(() => (said.textContent = word("failed")));
else said.textContent = word("none");
box.dataset.ready = "yes";
