// The worker that keeps the last page for readers whose network, or whose host, is away. The network is always asked first;
// a copy is shown only when there is no answer, and says so itself. The build makes this text a function and calls it
// with `site`: the words, and the pages to keep from the start.
"use strict";
const FORM = 1; // of what is kept: counts up when an older worker's copies cannot be used any more
const PAGES = 60, ASSETS = 60, LARGEST = 2e6, HOUR = 36e5;
const SHORT = 4e3, LONG = 20e3; // how long to wait where there is a copy, and where there is none
const KEPT = "Stashgen-Kept";
const scope = self.registration.scope, prefix = `stashgen ${scope} `;
const zoned = { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
let isDropped = false, lookedAt = 0;

const keyOf = (url) => url.split(/[?#]/)[0].replace(/\/index\.html$/, "/");
const isAsset = (url) => url.startsWith(`${scope}assets/`);
const isStatic = (url) => url.startsWith(`${scope}static/`);
const isHtml = (answer) => /^text\/html\b/.test(answer.headers.get("Content-Type"));
const isWorthIt = (answer, url) => {
  // Some hosts send from `x.html` to `x`.
  const isElsewhere = answer.redirected && `${answer.url}.html` !== url;
  if (answer.status !== 200 || answer.type !== "basic" || isElsewhere) return false;
  return isAsset(url) ? !isHtml(answer) : isHtml(answer) || isStatic(url) || url === scope + site.status;
};
const found = async (url) => {
  try {
    // Not by opening it, which would make one anew where it was dropped.
    return await caches.match(url, { cacheName: prefix + FORM });
  } catch {
    return undefined; // a browser that keeps nothing
  }
};

// Keeping
const trim = async (cache) => {
  const urls = (await cache.keys()).map((request) => request.url), first = site.first.map((path) => scope + path);
  const pages = urls.filter((url) => !isAsset(url) && !first.includes(url)), assets = urls.filter(isAsset);
  const old = pages.slice(0, -PAGES);
  if (assets.length > ASSETS) {
    const texts = await Promise.all(first.map(async (url) => (await cache.match(url))?.text()));
    old.push(...assets.slice(0, -ASSETS).filter((url) => !texts.join().includes(url.slice(scope.length))));
  }
  await Promise.all(old.map((url) => cache.delete(url)));
};
const keep = async (url, answer) => {
  const data = await answer.blob(), headers = new Headers(answer.headers);
  if (isDropped || data.size > LARGEST) return;
  headers.set(KEPT, new Date().toISOString());
  // They are of what was sent; a cache would refuse some answers for what they vary by.
  for (const name of ["Content-Length", "Content-Encoding", "Vary"]) headers.delete(name);
  const cache = await caches.open(prefix + FORM);
  await cache.put(url, new Response(data, { headers }));
  await trim(cache);
};
const prime = async (url) => {
  const answer = await fetch(url, { cache: "no-cache" });
  if (!isWorthIt(answer, url)) return;
  const text = isHtml(answer) ? await answer.clone().text() : "";
  const names = [...text.matchAll(/ (?:href|src)="[./]*(assets\/[^"]+)"/g)].map((match) => scope + match[1]);
  await Promise.all(names.map(async (name) => (await found(name)) || prime(name)));
  await keep(url, answer);
};
const quietly = (promise) => promise.catch(() => {});

// Telling
const told = async (kept, words) => {
  if (!isHtml(kept)) return kept;
  const at = kept.headers.get(KEPT), date = new Date(at).toLocaleString(site.language, zoned);
  const here = `<bdi>${scope.replace(/^https?:\/\/|\/$/g, "")}</bdi>`;
  const note = words.replace("{here}", here).replace("{at}", `<time datetime="${at}" data-ago>${date}</time>`);
  const html = await kept.text(), place = /<div id="away"[^>]*>/.exec(html);
  const [tag] = place || /<body[^>]*>/.exec(html) || [""];
  return new Response(html.replace(tag, () => tag + (place ? note : `<p role="status">${note}</p>`)), { headers: kept.headers });
};
const unkept = async () => {
  const page = await found(scope + site.unkept);
  if (!page) return Response.error();
  const answer = await told(page, site.words.unkept), html = await answer.text();
  // Its links are relative to the site's folder, and it is shown anywhere below.
  const absolute = html.replace(/ (href|src)="(?![#/]|[a-z]+:)/g, ` $1="${new URL(scope).pathname}`);
  return new Response(absolute, { status: 503, headers: page.headers });
};

// A site that does without the worker, or another site at the same address, has no such file: then it goes, with all it kept.
const look = async () => {
  if (Date.now() - lookedAt < HOUR) return;
  lookedAt = Date.now();
  const answer = await fetch(self.location.href, { method: "HEAD", cache: "no-store" });
  const isGone = answer.status === 404 || answer.status === 410 || (answer.ok && !/script/.test(answer.headers.get("Content-Type")));
  if (!isGone) return;
  isDropped = true;
  await self.registration.unregister();
  await caches.delete(prefix + FORM);
};

// Asking
const network = (event, url) => {
  const isVisit = event.request.mode === "navigate";
  const answer = fetch(event.request, isVisit ? { cache: "no-cache" } : {});
  event.waitUntil(quietly(answer.then(async (heard) => {
    const copy = isWorthIt(heard, url) && heard.clone();
    if (isVisit && heard.status < 500) await quietly(look());
    if (copy) await keep(url, copy);
  })));
  return answer;
};
const asset = async (event, url) => (await found(url)) || network(event, url);
const first = async (event, url) => {
  const { mode, cache } = event.request, isVisit = mode === "navigate", answer = network(event, url);
  quietly(answer);
  // Who asks past all caches wants the present or nothing: the page's own scripts do.
  if (!isVisit && /^(no-cache|no-store|reload)$/.test(cache)) return answer;
  const kept = await found(url);
  if (!kept && !isVisit) return answer;
  const patience = new Promise((resolve) => { setTimeout(resolve, kept ? SHORT : LONG); });
  const heard = await Promise.race([quietly(answer), patience]);
  if (heard && heard.status < 500) return heard;
  return kept ? told(kept, site.words.kept) : unkept();
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(Promise.all(site.first.map((path) => quietly(prime(scope + path)))));
});
self.addEventListener("activate", (event) => event.waitUntil(quietly((async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(prefix) && name !== prefix + FORM).map((name) => caches.delete(name)));
  await self.clients.claim();
  const pages = await self.clients.matchAll({ type: "window" });
  await Promise.all(pages.map((page) => keyOf(page.url)).filter((url) => url.startsWith(scope)).map((url) => quietly(prime(url))));
})())));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = keyOf(request.url), path = url.slice(scope.length);
  if (request.method !== "GET" || !url.startsWith(scope) || request.headers.has("Range") || /^embed(\/|\.js)/.test(path)) return;
  if (isAsset(url)) event.respondWith(asset(event, url));
  else if (request.mode === "navigate" || isStatic(url) || path === site.status || /(^|\/)$/.test(path)) event.respondWith(first(event, url));
});
