// Turns alerts on and off in this browser. Without it the page still has text messages and e-mail.
const box = document.getElementById("push");
const [on, off, said, none] = ["push-on", "push-off", "push-said", "push-none"].map((id) =>
  document.getElementById(id),
);
const words = document.getElementById("push-words").content;
const word = (name) => words.querySelector(`[data-word="${name}"]`).textContent;
const token = box.querySelector("[name=csrfmiddlewaretoken]").value;

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

function show(subscription) {
  on.hidden = Boolean(subscription);
  off.hidden = !subscription;
}

async function turnOn() {
  on.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      said.textContent = word("denied");
      return;
    }
    const worker = await navigator.serviceWorker.register(box.dataset.worker);
    await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) };
    const subscription = await worker.pushManager.subscribe(options);
    const kept = await keep(subscription);
    if (!kept.ok) await subscription.unsubscribe();
    said.textContent = kept.sentence;
    show(kept.ok ? subscription : null);
    if (kept.ok) setTimeout(() => location.reload(), 1500);
  } catch {
    said.textContent = word("failed");
  } finally {
    on.disabled = false;
  }
}

async function turnOff() {
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  if (!subscription) return show(null);
  const form = new URLSearchParams({ endpoint: subscription.endpoint });
  const { sentence } = await post(box.dataset.off, form, "application/x-www-form-urlencoded");
  await subscription.unsubscribe();
  said.textContent = sentence;
  show(null);
  setTimeout(() => location.reload(), 1500);
}

async function begin() {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return;
  none.hidden = true;
  on.addEventListener("click", turnOn);
  off.addEventListener("click", turnOff);
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  show(subscription);
  // A browser may change where it is reached: say it again, so that the server knows the newest.
  if (subscription && Notification.permission === "granted") {
    await keep(subscription);
    said.textContent = word("on");
  }
}
await begin();
box.dataset.ready = "yes";
