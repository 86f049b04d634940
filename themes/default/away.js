// When the page's own host is away, or behind, the mirrors are asked; and a copy of the page is kept for later. The build
// makes this text a function and calls it with `site`: the places of the page and the words. app.js, which asks the own
// host, tells what it heard by the event `stashgen:asked`, and is told what to show instead by `stashgen:heard`.
const doc = document, data = doc.body.dataset, box = doc.getElementById("away");
const base = new URL("..", doc.currentScript.src).href;
const places = site.places.map((place) => new URL(place).href), others = places.filter((place) => site.status && place !== base);
// A preview, or `stashgen serve`, is neither: what it shows is wanted, however old it is.
if (!box || !(places.length ? places.includes(base) : location.protocol === "https:")) return;
const MINUTE = 60e3;
const own = location.origin + location.pathname, rest = own.slice(base.length);
const isSaving = navigator.connection?.saveData, isPolled = data.status && !isSaving;
// The worker says so in the page itself.
let isKept = !!box.textContent;

const read = async (url, form, cache = "no-cache") => {
  const answer = await fetch(url, { cache, signal: AbortSignal.timeout(5e3) });
  if (!answer.ok) throw answer;
  return answer[form]();
};
const ask = async (place, cache) => {
  const status = await read(place + site.status, "json", cache).catch(() => null);
  return builtAt(status) && status.revision ? status : null;
};
const load = async (url) => {
  const page = new DOMParser().parseFromString(await read(url, "text"), "text/html");
  return page.querySelector("main") ? page : Promise.reject();
};
const builtAt = (status) => Date.parse(status?.built_at);
const isLate = (status) => Date.now() > Date.parse(status.next_change_at) + 15 * MINUTE;
const isBetter = (status, known) => builtAt(status) > builtAt(known) && (status.revision !== known.revision || isLate(known));

// The note
const make = (tag, text, values) => Object.assign(doc.createElement(tag), { textContent: text.replace(/^https?:\/\/|\/$/g, "") }, values);
let said = "";
const say = (words, place, at) => {
  const news = words + place + at;
  if (said === news) return;
  said = news;
  const parts = {
    here: make("bdi", base),
    there: make("a", place, { href: place + rest }),
    at: make("time", at, { dateTime: at }),
  };
  box.replaceChildren(...words.split(/[{}]/).map((part) => parts[part] || part));
  return box;
};

// A mirror's page becomes this one: its links lead to the mirror, and it brings nothing that runs (a parsed page's scripts
// never do) or that is asked for from anywhere else.
const tamed = (page, url) => {
  page.querySelectorAll("style,iframe,object,embed,meta").forEach((element) => element.remove());
  for (const element of page.querySelectorAll("*")) {
    const isLink = element.localName === "a";
    for (const { name, value } of [...element.attributes]) {
      if (/^src$|href$/.test(name) ? /^#/.test(value) || (!isLink && /^[\w.][^:\\]*$/.test(value)) : !/^(on|style|srcset|poster|background)/.test(name)) continue;
      element.removeAttribute(name);
      // What is no address throws, and so does a script.
      if (isLink && name === "href") try { element.href = /^(https?|mailto|tel):.*/.exec(new URL(value, url))[0]; } catch {}
    }
  }
  return page;
};
let mine = { built_at: doc.querySelector("#freshness time")?.dateTime, next_change_at: data.next, revision: data.revision };
let shown, askedAt;
const hear = (detail) => doc.dispatchEvent(new CustomEvent("stashgen:heard", { detail }));
const show = async ({ place, status }, words) => {
  const isNew = shown?.place !== place || builtAt(shown.status) !== builtAt(status);
  const page = isNew && tamed(await load(place + rest), place + rest);
  shown = { place, status };
  hear({ page, status, note: say(words, place, status.built_at) });
};
const home = async (status) => {
  const page = await load(own).catch((answer) => {
    if (answer?.status < 500) location.reload(); // what the host says where there is no such page
    throw answer;
  });
  if (!isPolled) return location.reload();
  box.textContent = said = shown = isKept = "";
  hear({ page, status });
};
// In the order of the settings; one that is late itself is taken only when there is no better.
const seek = async (known) => {
  let best = null;
  for (const place of others) {
    const status = await ask(place);
    if (status && !(builtAt(status) < builtAt(known) || builtAt(status) <= builtAt(best?.status))) best = { place, status };
    if (best && !isLate(best.status)) break;
  }
  return best;
};
// `heard`: what the own host says; null: nothing; undefined: it has not been asked.
const step = async (heard) => {
  askedAt = Date.now();
  if (!builtAt(mine) && !doc.querySelector("[data-unkept]")) {
    const status = await ask(base, isKept ? "default" : "no-cache");
    mine = status || mine;
    if (!isKept) heard = status;
  }
  // Who was shown may be away by now: nobody goes back to what is older.
  const best = await seek(builtAt(shown?.status) > builtAt(mine) ? shown.status : mine) || shown;
  if (heard === undefined && isBetter(best?.status, mine)) heard = await ask(base);
  const isWanted = heard ? isBetter(best?.status, heard) : best && heard === null;
  // Not every place has every page.
  const isShown = isWanted && await show(best, site[heard ? "newer" : "gone"]).then(() => true, () => shown);
  if (!isShown && heard && (shown || isKept)) await home(heard);
};
// One after the other: what took long must not undo what was heard since.
let last = Promise.resolve();
const look = (heard) => { last = last.then(() => step(heard)).catch(() => {}); };

doc.addEventListener("stashgen:asked", (event) => {
  const heard = event.detail;
  if (heard) mine = heard;
  if (shown || isKept) event.preventDefault();
  if (!heard || shown || isKept || isLate(heard) || Date.now() - askedAt > 10 * MINUTE) look(heard);
});
// What is not asked for by app.js goes home from here.
const retry = async () => {
  if (doc.hidden || !(isKept || shown && !isPolled)) return;
  const status = await ask(base);
  if (status) look(mine = status);
  else if (!site.status) home().catch(() => {});
};
addEventListener("online", retry);
setInterval(retry, MINUTE / 2);
// What was in a page from the start is not spoken.
if (isKept) setTimeout(() => said || box.replaceChildren(...box.childNodes), 500);
if (others[0] && (isKept || isLate(mine) || !isSaving)) look(isKept ? null : undefined);
if (site.worker && !isSaving && top === self) navigator.serviceWorker?.register(base + site.worker).catch(() => {});
