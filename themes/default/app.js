// Comfort only: the page says everything without this script. Times move to the reader's zone and get their age,
// bars answer to pointer and arrow keys, and what tells the present is kept fresh from status.json.
(() => {
"use strict";
const doc = document, body = doc.body, root = doc.documentElement, isRtl = root.dir === "rtl";
// English as the page itself writes it: day first, 24 hours.
const lang = root.lang === "en" ? "en-GB" : root.lang;
const POLL = 60e3, GRACE = 15 * 60e3, PATIENCE = 15e3;
const all = (selector, root = doc) => [...root.querySelectorAll(selector)];
const make = (tag, name) => Object.assign(doc.createElement(tag), { className: name });

// Times
const zoned = { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
const instants = new Intl.DateTimeFormat(lang, zoned);
const days = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", timeZone: "UTC" });
const ages = new Intl.RelativeTimeFormat(lang, { style: "short" });
const UNITS = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4]];

const age = (at) => {
  const past = Math.min(0, at - Date.now()); // a reader's clock may be slow
  const [unit, size] = UNITS.find(([, size]) => Math.abs(past) >= size) || UNITS[4];
  return ages.format(Math.trunc(past / size) || -0, unit);
};
const put = (element, text) => {
  element.title = element.textContent;
  element.textContent = lang === "en-GB" ? text.replace(/Sept\b/g, "Sep") : text;
};
const localise = (root) => {
  for (const span of all(".span", root)) {
    const [from, to] = all("time", span).map((time) => new Date(time.dateTime));
    if (to) put(span, instants.formatRange(from, to).replace(/(?<!–)\s/g, "\xa0")); // may wrap between the times only
  }
  for (const time of all("time[datetime*=T]", root)) {
    const at = new Date(time.dateTime);
    put(time, instants.format(at));
    if ("ago" in time.dataset) {
      const note = make("span", "ago");
      note.at = at;
      time.after(note);
    }
  }
  tick();
};
const tick = () => all(".ago").forEach((note) => { if (note.at) note.textContent = ` ${`· ${age(note.at)}`.replace(/\s/g, "\xa0")}`; });

// Bars: the list below a bar is its text; a pointer or the arrow keys show one day of it.
let pop, shown, isPinned;
const close = () => { pop?.remove(); pop = shown = isPinned = null; };
const items = (bar) => all("li", bar).filter((item) => item.querySelector("a time"));
const dayOf = (item) => item.querySelector("time").dateTime;
const show = (bar, day, wanted) => {
  if (shown === bar && pop.day === day) return;
  close();
  const section = bar.closest("[data-first]"), item = items(bar).find((item) => dayOf(item) === day);
  pop = make("div", "pop");
  pop.day = day;
  shown = bar;
  if (item) {
    pop.append(...[...item.cloneNode(true).childNodes]);
  } else {
    const date = make("b", "");
    date.textContent = days.format(new Date(day));
    const more = wanted && bar.querySelector("li:last-child > a:only-child");
    pop.append(date, wanted ? more?.cloneNode(true) || "" : section.dataset.none);
  }
  bar.append(pop);
  const frame = bar.querySelector(".frame").getBoundingClientRect(), width = pop.offsetWidth;
  const x = place(bar, day) - width / 2;
  const start = Math.max(0, Math.min(isRtl ? frame.width - x - width : x, frame.width - width));
  pop.style.setProperty("inset-inline-start", start + "px");
};
const count = (bar) => bar.querySelector("svg").viewBox.baseVal.width / 8;
const first = (bar) => Date.parse(bar.closest("[data-first]").dataset.first);
const place = (bar, day) => {
  const svg = bar.querySelector("svg").getBoundingClientRect(), frame = bar.querySelector(".frame").getBoundingClientRect();
  const part = ((Date.parse(day) - first(bar)) / 864e5 + .5) / count(bar);
  return (isRtl ? 1 - part : part) * svg.width + svg.left - frame.left;
};
const at = (bar, x) => {
  const svg = bar.querySelector("svg").getBoundingClientRect();
  const part = (x - svg.left) / svg.width, number = Math.floor((isRtl ? 1 - part : part) * count(bar));
  return new Date(first(bar) + Math.max(0, Math.min(number, count(bar) - 1)) * 864e5).toISOString().slice(0, 10);
};
const isMarked = (bar, day) => {
  const x = (Date.parse(day) - first(bar)) / 864e5 * 8 + 3;
  return all("path:not(.track):not(.base):not(.today)", bar).some((path) => path.getAttribute("d").includes(`M${x} `));
};
const empty = (bar, day) => {
  const base = bar.querySelector(".base");
  return !base || Date.parse(day) < first(bar) + parseInt(base.getAttribute("d").slice(1)) / 8 * 864e5;
};
const reveal = (bar, day) => {
  if (empty(bar, day)) return close();
  const marked = isMarked(bar, day);
  show(bar, day, marked);
  if (marked && !bar.isFull && !items(bar).some((item) => dayOf(item) === day)) complete(bar);
};
// The dashboard lists the newest days of each bar; the service's own page has them all.
const complete = async (bar) => {
  bar.isFull = true;
  const more = bar.querySelector("li:last-child > a:only-child");
  if (!more || !/^http/.test(location.protocol)) return;
  const page = await load(more.href).catch(() => null), list = page?.querySelector("#days .days ol");
  if (!list) return;
  all("a", list).forEach((link) => { link.href = new URL(link.getAttribute("href"), more.href).href; });
  bar.querySelector("ol").replaceWith(doc.adoptNode(list));
  if (shown === bar) {
    const day = pop.day;
    close();
    reveal(bar, day);
  }
};
const barAt = (event) => event.target.closest?.(".frame")?.closest(".days");
doc.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch" || isPinned) return;
  const bar = barAt(event);
  if (bar) reveal(bar, at(bar, event.clientX));
  else if (pop && !event.target.closest?.(".pop")) close();
});
doc.addEventListener("click", (event) => {
  const bar = barAt(event);
  if (!bar) return void (event.target.closest?.(".pop") || close());
  if (!event.detail) return;
  event.preventDefault();
  reveal(bar, at(bar, event.clientX));
  isPinned = !!pop;
});
doc.addEventListener("focusin", (event) => {
  const bar = event.target.closest?.(".days");
  if (bar && event.target.matches("summary:focus-visible")) reveal(bar, dayOf(items(bar)[0]));
  else if (pop && !pop.contains(event.target)) close();
});
doc.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return close();
  const bar = event.target.matches?.(".days summary") && event.target.closest(".days");
  const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
  if (!bar || !step) return;
  event.preventDefault();
  const list = items(bar), now = list.findIndex((item) => dayOf(item) === pop?.day);
  const next = list[now + (isRtl ? -step : step)];
  if (next) reveal(bar, dayOf(next));
});

// Many services: a box to find one.
const filter = () => {
  const section = doc.querySelector("[data-filter]");
  if (!section || section.querySelector(".find")) return;
  const box = Object.assign(make("input", "find"), { type: "search", placeholder: section.dataset.filter });
  box.setAttribute("aria-label", section.dataset.filter);
  const none = Object.assign(make("p", "about"), { hidden: true, textContent: section.dataset.unfound });
  none.setAttribute("role", "status");
  section.querySelector("h2").after(box, none);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLocaleLowerCase(lang);
    let found = 0;
    for (const group of all(".group", section)) {
      const hits = all(".service", group).filter((row) => {
        row.hidden = !row.dataset.name.toLocaleLowerCase(lang).includes(wanted);
        return !row.hidden;
      });
      found += hits.length;
      group.hidden = !hits.length;
      if (wanted && "wasOpen" in group === false) group.wasOpen = group.open;
      group.open = wanted ? true : group.wasOpen ?? group.open;
      if (!wanted) delete group.wasOpen;
    }
    none.hidden = found > 0;
  });
};

// Freshness
const within = (milliseconds) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), milliseconds);
  return stop.signal;
};
const ask = async (href) => {
  const answer = await fetch(href, { cache: "no-cache", signal: within(PATIENCE) });
  if (!answer.ok) throw answer;
  return answer;
};
const load = async (href) => new DOMParser().parseFromString(await (await ask(href)).text(), "text/html");
const regions = (root) => all("[data-live]", root);
let known = new Map(regions(doc).map((region) => [region.id, region.innerHTML]));
const names = (map) => [...map.keys()].join();
const replace = (region, fresh) => {
  const name = (details) => details.id || details.closest("[data-name]")?.dataset.name;
  const open = new Map(all("details", region).map((details) => [name(details), details.open]));
  const focus = region.contains(doc.activeElement) && doc.activeElement.textContent; // its address may be another's
  close();
  region.className = fresh.className;
  region.replaceChildren(...fresh.childNodes);
  all("details", region).forEach((details) => { details.open = open.get(name(details)) ?? details.open; });
  localise(region);
  if (focus) all("a, summary", region).find((one) => one.textContent === focus)?.focus({ preventScroll: true });
};
const take = (fresh) => {
  const main = fresh.querySelector("main"), sheet = fresh.querySelector(".sheet");
  if (!main) return;
  const news = new Map(regions(fresh).map((region) => [region.id, region.innerHTML]));
  if (sheet) doc.querySelector(".sheet")?.replaceWith(doc.adoptNode(sheet)); // other states have other icons
  if (names(news) && names(news) === names(known)) {
    for (const region of regions(fresh)) {
      if (news.get(region.id) !== known.get(region.id)) replace(doc.getElementById(region.id), doc.adoptNode(region));
    }
  } else {
    replace(doc.querySelector("main"), doc.adoptNode(main));
    filter();
  }
  known = news;
  doc.title = fresh.title;
  const icon = "link[rel=icon]";
  doc.querySelector(icon).href = fresh.querySelector(icon).getAttribute("href");
  Object.assign(body.dataset, fresh.body.dataset);
  const said = doc.getElementById("news"), headline = doc.querySelector("h1");
  if (said && headline) said.textContent = `${body.dataset.updated}: ${headline.textContent.trim()}`;
};
let revision = body.dataset.revision, next = Date.parse(body.dataset.next), failures = 0, timer, isAsking;
// A page out of the browser's cache may be of any age.
let heardAt = performance.getEntriesByType("navigation")[0]?.transferSize === 0 ? 0 : Date.now();
const stale = () => {
  const note = doc.getElementById("stale");
  const isLate = Date.now() > next + GRACE, isCutOff = failures && !(Date.now() - heardAt < GRACE);
  if (note) note.hidden = !(isLate || isCutOff);
};
// What the page's own host said, null for nothing, is told to away.js, which may show what another place says instead.
const tell = (status) => doc.dispatchEvent(new CustomEvent("stashgen:asked", { detail: status, cancelable: true }));
doc.addEventListener("stashgen:heard", ({ detail: { page, status, note } }) => {
  if (page) take(page);
  if (note) localise(note);
  if (status) revision = status.revision;
  next = Date.parse(status?.next_change_at || body.dataset.next);
  failures = 0;
  heardAt = Date.now();
  stale();
});
const poll = async () => {
  if (isAsking) return; // what is answered late must not undo what was heard since
  clearTimeout(timer);
  if (!doc.hidden) {
    isAsking = true;
    try {
      const status = await (await ask(body.dataset.status)).json();
      if (tell(status)) {
        if (revision && status.revision !== revision) take(await load(location.href));
        revision = status.revision;
        next = Date.parse(status.next_change_at);
      }
      failures = 0;
      heardAt = Date.now();
    } catch {
      failures += 1;
      tell(null);
    }
    isAsking = false;
    stale();
    tick();
  }
  timer = setTimeout(poll, POLL * Math.min(2 ** failures, 16));
};

localise(doc);
filter();
stale();
setInterval(() => { tick(); stale(); }, 30e3);
if (body.dataset.status && /^http/.test(location.protocol) && !navigator.connection?.saveData) {
  timer = setTimeout(poll, heardAt ? POLL : 0);
  doc.addEventListener("visibilitychange", () => doc.hidden || poll());
}
})();
