// When the page's own host is away, or behind, the mirrors are asked; and a copy of the page is kept for later. The build
// makes this text a function and calls it with `site`: the places of the page and the words. app.js, which asks the own
// host, tells what it heard by the event `stashgen:asked`, and is told what to show instead by `stashgen:heard`.
const doc = document, data = doc.body.dataset, box = doc.getElementById("away");
const base = new URL("..", doc.currentScript.src).href;
const places = site.places.map((place) => new URL(place).href), others = places.filter((place) => place !== base);
// A preview, or `stashgen serve`, is neither: what it shows is wanted, however old it is.
if (!box || !(places.length ? places.includes(base) : location.protocol === "https:")) return;
const MINUTE = 60e3;
const own = location.origin + location.pathname, rest = own.slice(base.length);
const isSaving = navigator.connection?.saveData;
// The worker says so in the page itself.
let isKept = !!box.textContent;

const read = async (url, form) => {
  const answer = await fetch(url, { cache: "no-cache", signal: AbortSignal.timeout(5e3) });
  if (!answer.ok) throw answer;
  return answer[form]();
};
const ask = async (place) => {
  const status = await read(place + "status.json", "json").catch(() => null);
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
  if (said === words + at) return;
  said = words + at;
  const parts = {
    here: make("bdi", base),
    there: make("a", place, { href: place + rest }),
    at: make("time", at, { dateTime: at }),
  };
  box.replaceChildren(...words.split(/[{}]/).map((part) => parts[part] || part));
  return box;
};

// A mirror's page becomes this one: its links lead to the mirror, and it brings nothing that runs; a parsed page's scripts never do.
const tamed = (page, url) => {
  page.querySelectorAll("style,iframe,object,embed").forEach((element) => element.remove());
  for (const element of page.body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (!/^on|^style|href$/.test(name) || value[0] === "#") continue;
      element.removeAttribute(name);
      // What is no address throws, and so does a script.
      if (name === "href") try { element.href = /^(https?|mailto|tel):.*/.exec(new URL(value, url))[0]; } catch {}
    }
  }
  return page;
};
let mine = { built_at: doc.querySelector("#freshness time")?.dateTime, next_change_at: data.next, revision: data.revision };
let shown, askedAt;
const hear = (page, status, note) => doc.dispatchEvent(new CustomEvent("stashgen:heard", { detail: { page, status, note } }));
const show = async ({ place, status }, words) => {
  const isNew = shown?.place !== place || builtAt(shown.status) !== builtAt(status);
  const page = isNew && tamed(await load(place + rest), place + rest);
  shown = { place, status };
  hear(page, status, say(words, place, status.built_at));
};
const home = async (status) => {
  const page = await load(own);
  if (doc.querySelector("[data-unkept]")) return location.reload();
  box.textContent = said = shown = isKept = "";
  hear(page, status);
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
const look = async (heard) => {
  askedAt = Date.now();
  try {
    if (heard === undefined && !builtAt(mine)) heard = await ask(base);
    const best = await seek(heard || mine);
    if (heard === undefined && isBetter(best?.status, mine)) heard = await ask(base);
    if (heard ? isBetter(best?.status, heard) : best && heard === null) await show(best, site[heard ? "newer" : "gone"]);
    else if (heard && (shown || isKept)) await home(heard);
    // The next time, then.
  } catch {}
};

doc.addEventListener("stashgen:asked", (event) => {
  const heard = event.detail;
  if (heard) mine = heard;
  if (shown || isKept) event.preventDefault();
  if (!heard || shown || isKept || isLate(heard) || Date.now() - askedAt > 10 * MINUTE) look(heard);
});
if (isKept) {
  const retry = () => isKept && !doc.hidden && home().catch(() => {});
  addEventListener("online", retry);
  setInterval(retry, MINUTE / 2);
  // What was in a page from the start is not spoken.
  setTimeout(() => said || box.replaceChildren(...box.childNodes), 500);
}
if (data.status && (isKept || isLate(mine) || !isSaving)) look(isKept ? null : undefined);
if (site.worker && !isSaving && top === self) navigator.serviceWorker?.register(base + site.worker).catch(() => {});
