// Keeps what is read, from the moment at which a reader asks for it, and shows it where there is no network. It asks nobody but the site itself.
"use strict";
const ROOT = new URL("./", self.location).href;
const NAME = "pappus-" + ROOT;
const OFFLINE = ROOT + "offline.html";
const PATIENCE = 4000; // milliseconds until a kept page is shown in the place of one that does not come
const MOST = 2000; // files kept; the oldest go, but for those that stand beside the front page
const OWN = /^(?:[^/]+\.(?:html|js|png|webmanifest)|(?:authors|days|indexes|media|pages|qr|tags)\/.*)?$/; // below ROOT may be others' sites
const shown = new Map(); // client -> what to tell it once it listens

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const told = shown.get(event.source.id);
  if (told) event.source.postMessage(told);
  shown.delete(event.source.id);
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET" || !request.url.startsWith(ROOT)) return;
  const address = request.url.replace(/[?#].*/, ""); // with any query, the same file
  if (!OWN.test(address.slice(ROOT.length))) return; // what was looked for, in search/, is kept nowhere
  event.respondWith(respond(event, address));
});

// A worker that was sent away goes on for as long as pages are open that it served: it keeps nothing then.
async function respond(event, address) {
  if (!await caches.has(NAME)) return fetch(event.request);
  return event.request.mode === "navigate" ? navigate(event, address) : load(event, address);
}

// A page: from the network; kept, where the network has none or is too slow.
async function navigate(event, address) {
  const cache = await caches.open(NAME);
  const coming = fetch(event.request).then((answer) => take(event, cache, address, answer));
  const kept = await find(cache, address);
  if (!kept) {
    const instead = () => (address === OFFLINE ? Response.error() : Response.redirect(OFFLINE, 302)); // its links start where it stands
    return coming.catch(instead);
  }
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const first = await Promise.race([coming.catch(() => null), late]);
  if (first && first.status < 500) return first;
  tell(event.resultingClientId, "kept");
  event.waitUntil(coming.then(async (answer) => {
    const [one, other] = await Promise.all([answer.clone().text(), kept.clone().text()]);
    if (answer.ok && one !== other) tell(event.resultingClientId, "newer");
  }).catch(() => {}));
  return kept.clone();
}

// What a page shows: media never change under their name, so those that are kept are shown; of the rest as of pages. Where there is no
// network, any form of a picture does: of one that was kept at a press it is the plain one.
async function load(event, address) {
  const cache = await caches.open(NAME);
  const kept = await find(cache, address);
  if (kept && address.startsWith(ROOT + "media/")) return kept;
  try {
    return await take(event, cache, address, await fetch(event.request));
  } catch (error) {
    const instead = kept || await form(cache, address);
    if (instead) return instead;
    throw error;
  }
}

async function form(cache, address) {
  const [name] = /[0-9a-f]{64}/.exec(address) || [];
  const kept = name && (await cache.keys()).find((request) => request.url.includes(name));
  return kept && cache.match(kept);
}

async function find(cache, address) {
  const kept = await cache.match(address);
  return kept || !address.endsWith("/") ? kept : cache.match(address + "index.html");
}

// What another address answered is shown in the place of no page: of such hosts, pages are kept by site.js.
async function take(event, cache, address, answer) {
  if (answer.ok && answer.type === "basic" && !answer.redirected) {
    const copy = answer.clone();
    event.waitUntil(cache.put(address, copy).then(() => bound(cache)).catch(() => {})); // a full disk keeps nothing
  }
  return answer;
}

async function bound(cache) {
  const kept = await cache.keys();
  const old = kept.filter((request) => request.url.includes("/", ROOT.length)).slice(0, Math.max(0, kept.length - MOST));
  await Promise.all(old.map((request) => cache.delete(request)));
}

// Tells a page that may not be there yet: it asks as soon as it listens.
async function tell(id, told) {
  shown.set(id, told);
  const client = await self.clients.get(id);
  if (client) client.postMessage(told);
}
