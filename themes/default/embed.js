// The banner and the dot on other people's pages. The build makes this text a function and calls it with `site`: the
// words, colours and shapes of the status page. Nothing is thrown, and nothing of the host page is changed.
// ES2018 and ASCII: readers' browsers may be old, and the host page in any encoding.
"use strict";
const doc = document, MINUTE = 6e4, HOUR = 60 * MINUTE, SVG = "http://www.w3.org/2000/svg";
const quietly = (step) => (...given) => {
  try {
    return step(...given);
  } catch (error) {
    return undefined; // the host page's console stays clean
  }
};
const make = (tag, attributes, ...children) => {
  const element = doc.createElement(tag);
  Object.keys(attributes).forEach((name) => element.setAttribute(name, attributes[name]));
  element.append(...children);
  return element;
};
const drawn = ([tag, attributes, ...parts]) => {
  const element = doc.createElementNS(SVG, tag);
  Object.keys(attributes).forEach((name) => element.setAttribute(name, attributes[name]));
  element.append(...parts.map(drawn));
  return element;
};
const shape = (parts) => {
  const icon = drawn(parts);
  icon.setAttribute("aria-hidden", "true");
  icon.setAttribute("focusable", "false");
  return icon;
};
const CROSS = ["svg", { viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "stroke-width": "1.8" }, ["path", { d: "M3.5 3.5l9 9m0-9l-9 9" }]];
const address = (text, base) => {
  const url = new URL(text, base);
  if (!/^https?:$/.test(url.protocol)) throw url;
  return url.href.replace(/\/index\.html$/, "/");
};

// What all tags of a page share, also those of other status pages: who asks where, and what is shown.
const KEY = Symbol.for("stashgen embed 1");
if (!window[KEY]) Object.defineProperty(window, KEY, { value: { seen: new WeakSet(), sources: new Map(), shown: new Set() } });
const shared = window[KEY];

// The tag: a module has no currentScript, but what runs knows its own address.
const ownTags = () => {
  const tag = doc.currentScript;
  if (tag && tag.src) return [tag];
  const place = /https?:\/\/[^\s)@]+?(?=:\d+:\d+)/.exec(new Error().stack || "");
  const tags = [...doc.querySelectorAll("script[src]")].filter((one) => !shared.seen.has(one));
  const own = place ? tags.filter((one) => one.src === place[0]) : tags.filter((one) => /\/embed\.js$/.test(one.src.split(/[?#]/)[0]));
  return own.length || !place ? own : [make("script", { src: place[0] })];
};
const listOf = (text) => (text || "").split(/[\s,]+/).filter(Boolean);
const oneOf = (text, known) => {
  const word = (text || "").trim().toLowerCase();
  return known.includes(word) ? word : known[0];
};
const wordsOf = (tag) => {
  const known = Object.keys(site.words), wanted = [tag.dataset.language, site.language, "en"];
  const names = [].concat(...wanted.map((name) => {
    const whole = (name || "").trim().toLowerCase().replace(/_/g, "-");
    return [whole, whole.split("-")[0]];
  }));
  const found = names.map((name) => known.find((one) => one.toLowerCase() === name)).find(Boolean);
  return Object.assign({ language: found }, site.words[found]);
};
const optionsOf = (tag) => {
  const data = tag.dataset, kind = oneOf(data.kind, ["banner", "dot"]), level = site.levels.indexOf((data.minimumLevel || "").trim().toUpperCase());
  const seconds = parseFloat(data.poll);
  return {
    kind,
    services: listOf(data.services),
    groups: listOf(data.groups),
    least: level < 0 ? site.levels.indexOf("WARNING") : level,
    position: oneOf(data.position, kind === "dot" ? ["inline", "top", "bottom"] : ["top", "bottom", "inline"]),
    target: data.target,
    text: (data.text || "").trim(),
    link: data.link && quietly(address)(data.link, doc.baseURI),
    isDismissible: !/^\s*(false|no|off|0)\s*$/i.test(data.dismissible || ""),
    theme: oneOf(data.theme, ["auto", "light", "dark"]),
    pause: (seconds > 0 ? Math.min(Math.max(seconds, 60), 86400) : 120) * 1e3,
    words: wordsOf(tag),
  };
};

// What the status says of the chosen services. Ids that nobody knows choose nothing; nothing chosen is all.
const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (hole, name) => {
  const value = String(values[name]);
  return /^[ -~]*$/.test(value) && !/^(ar|dv|fa|he|ks|ps|sd|ug|ur|yi)\b/.test(site.language) ? value : `\u2068${value}\u2069`;
});
const namesOf = ([first, second, third, ...rest]) => {
  const say = site.sentences, count = rest.length + 1;
  if (!second) return first;
  if (!third) return fill(say.pair, { first, second });
  if (!rest.length) return fill(say.three, { first, second, third });
  const more = typeof say.more === "string" ? say.more : say.more[new Intl.PluralRules(site.language).select(count)] || say.more.other;
  return fill(more, { first, second, count });
};
const judge = (status, base, options) => {
  const rankOf = (service) => Math.max(0, site.levels.indexOf(service.level));
  const members = [].concat(...status.groups.filter((group) => options.groups.includes(group.id)).map((group) => group.services));
  const chosen = status.services.filter((service) => options.services.includes(service.id) || members.includes(service.id));
  const isWhole = !chosen.length, services = isWhole ? status.services : chosen;
  const touches = (event) => isWhole || chosen.some((service) => service.id in event.services);
  const incidents = status.incidents.filter(touches), events = incidents.concat(status.maintenances.filter(touches));
  const worst = Math.max(0, ...services.map(rankOf));
  const level = Math.max(worst, events.length ? site.levels.indexOf("MAINTENANCE") : 0, incidents.length ? site.levels.indexOf("WARNING") : 0);
  const bad = services.filter((service) => rankOf(service) === worst), first = bad[0];
  let titles = events, sentence = status.overall.sentence;
  if (!isWhole && events.length && worst < level) {
    // Its services are up again: the event itself is what there is to say.
    sentence = events[0].title;
    titles = events.slice(1);
  } else if (!isWhole) {
    const word = status.statuses.find((one) => one.id === first.status);
    sentence = fill(site.sentences.trouble, { status: word.name, services: namesOf(bad.filter((one) => one.status === first.status).map((one) => one.name)) });
  }
  return {
    level,
    sentence: options.text || sentence,
    titles: titles.slice(0, 3).map((event) => [event.title, address(event.path, base)]),
    more: Math.max(0, titles.length - 3),
    events: events.map((event) => event.id).sort(),
    link: options.link || address(chosen.length === 1 ? chosen[0].path : ".", base),
    language: status.page.language,
  };
};

// What was waved away: these events at this level. A new event, or a worse level, is something else.
const memory = (name) => {
  let kept; // where there is no storage, until the page is left
  const read = () => {
    try {
      kept = JSON.parse(localStorage.getItem(name));
    } catch (error) {
      // as it was
    }
    return kept;
  };
  const write = (value) => {
    kept = value;
    try {
      if (value) localStorage.setItem(name, JSON.stringify(value));
      else localStorage.removeItem(name);
    } catch (error) {
      // kept above
    }
  };
  return {
    write,
    covers({ level, events }, isShown) {
      const old = read();
      if (!old || !Array.isArray(old.events)) return false;
      const isOld = isShown && level <= old.level && events.every((event) => old.events.includes(event));
      // What gets better and then worse again is told again.
      if (!isOld) write(null);
      else if (level !== old.level || events.length !== old.events.length) write({ level, events });
      return isOld;
    },
  };
};

// Asking: only while somebody looks, never more often than once a minute, and ever less often where nobody answers.
// Where the status page has mirrors, the next one is asked when one does not answer, or should have been built anew long ago,
// and once in a while whether it knows more.
const source = (base) => {
  const ears = new Set(), places = [base].concat(site.places.filter((one) => one !== base));
  let place = base, status = null, failures = 0, heardAt = 0, lookedAt = 0, due = 0, isAsking = false, timer;
  const wait = quietly(() => {
    clearTimeout(timer);
    if (!doc.hidden && !isAsking && ears.size) timer = setTimeout(ask, Math.max(0, due - Date.now()));
  });
  const tell = () => ears.forEach((ear) => ear.hear(status, place));
  const plan = (retry) => {
    const pause = Math.min(...[...ears].map((ear) => ear.pause)), chance = Math.random() / 5;
    let delay = pause * (1 + chance);
    if (failures) delay = Math.min(pause * Math.pow(2, failures), Math.max(pause, HOUR / 2)) * (1 - chance);
    else {
      // The page is to be built anew then; give that a little time, and not everybody the same.
      const change = Date.parse(status.next_change_at) - Date.now() + MINUTE * (.2 + 4 * chance);
      if (change > MINUTE && change < delay) delay = change;
    }
    due = Date.now() + Math.max(delay, Math.min(retry || 0, 24 * HOUR), MINUTE);
  };
  const read = async (url) => {
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), MINUTE / (places[1] ? 6 : 2));
    let retry = 0, fresh = null;
    try {
      const answer = await fetch(url, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer", signal: stop.signal });
      const after = answer.headers.get("Retry-After") || "";
      retry = /^\d+$/.test(after) ? after * 1e3 : Date.parse(after) - Date.now();
      const heard = answer.ok && await answer.json();
      if ([heard.services, heard.groups, heard.statuses, heard.incidents, heard.maintenances].every(Array.isArray)) fresh = heard;
    } catch (error) {
      // nothing was heard
    }
    clearTimeout(limit);
    return [fresh, retry];
  };
  const builtAt = (one) => Date.parse(one.built_at), isLate = (one) => Date.now() - Date.parse(one.next_change_at) > HOUR / 4;
  const ask = async () => {
    let best = null, retry = 0;
    isAsking = true;
    for (const one of places) {
      const [fresh, later] = await read(`${one}status.json`);
      if (one === base) retry = later;
      else lookedAt = Date.now();
      // Nobody takes back what another has said.
      const isOld = fresh && (best ? builtAt(fresh) <= builtAt(best) : builtAt(fresh) < builtAt(status || fresh));
      if (fresh && !isOld && !(best && fresh.revision === best.revision && !isLate(best))) {
        best = status = fresh;
        place = one;
        quietly(tell)();
      }
      if (best && !isLate(best) && (one !== base || Date.now() - lookedAt < HOUR / 6)) break;
    }
    if (best) {
      failures = 0;
      heardAt = Date.now();
    } else {
      failures += 1;
      if (Date.now() - heardAt > HOUR) status = null; // too old to be told as the present
    }
    isAsking = false;
    quietly(tell)();
    quietly(plan)(retry);
    wait();
  };
  doc.addEventListener("visibilitychange", wait);
  window.addEventListener("storage", quietly(tell));
  return {
    add(ear) {
      ears.add(ear);
      if (heardAt) ear.hear(status, place);
      wait();
    },
    remove: (ear) => ears.delete(ear),
  };
};

// Drawing: in a shadow tree, whose important rules win over those of the page around it.
const PLACES = {
  top: "display:block;position:sticky;top:0;z-index:1000;flex:none;align-self:stretch",
  over: "display:block;position:fixed;top:0;left:0;right:0;z-index:1000",
  bottom: "display:block;position:fixed;bottom:max(1em,env(safe-area-inset-bottom));left:1em;right:1em;max-width:44em;margin:0 auto;z-index:1000",
  inline: "display:block",
  dot: "display:inline-block;vertical-align:middle",
};
const important = (rules) => rules.replace(/;|$/g, "!important;");
const css = (place) => `
:host{all:initial!important;direction:ltr!important;unicode-bidi:isolate!important;${important(PLACES[place])}}
:host::before,:host::after{content:none!important;display:none!important}
@media print{:host{display:none!important}}
.b{${site.light};color-scheme:light;box-sizing:border-box;font:1em/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink)}
.dark{${site.dark};color-scheme:dark}
@media screen and (prefers-color-scheme:dark){.auto{${site.dark};color-scheme:dark}}
.banner{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:.6em;align-items:start;padding:.55em .75em;background:var(--paper);border:1px solid var(--line);border-inline-start:4px solid var(--m);overflow-wrap:anywhere}
.bottom{border-radius:4px;box-shadow:0 2px 16px rgba(0,0,0,.2)}
svg{display:block;width:1.25em;height:1.25em;color:var(--m)}
.banner>span{padding:.4em 0}
p{margin:.3em 0;display:flow-root}
b,a,.soft{margin-inline-end:.75em}
b{font-weight:650;color:var(--t)}
a{color:inherit;text-underline-offset:.2em;display:inline-block;line-height:1.5em}
.soft{color:var(--soft)}
button{appearance:none;display:grid;place-items:center;width:2em;height:2em;margin:0;padding:0;border:0;border-radius:4px;background:none;color:inherit;font:inherit;cursor:pointer}
button svg{color:inherit}
button:hover{background:var(--line)}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.dot{position:relative;width:1.25em}
.dot a{display:block;margin:0}
@media (forced-colors:active){.banner{border-color:CanvasText}svg{color:CanvasText}button svg{color:ButtonText}}`;
const dress = (root, place) => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css(place));
    root.adoptedStyleSheets = [sheet];
  } catch (error) {
    // A browser of before 2023: there the policy of the host page must allow inline styles.
    (root.querySelector("style") || root.appendChild(make("style", {}))).textContent = css(place);
  }
};
const boxed = (options) => {
  const host = doc.createElement("stashgen-status"), words = options.words;
  const region = make("div", { role: "status" }), icon = make("span", {});
  const box = make(options.kind === "dot" ? "span" : "section", { class: `b ${options.kind} ${options.theme}`, dir: words.dir, lang: words.language }, icon, region);
  if (options.kind === "banner") box.setAttribute("aria-label", words.label);
  return { host, box, region, icon, root: host.attachShadow({ mode: "open" }) };
};
const shows = (tag, base) => {
  const options = optionsOf(tag), isDot = options.kind === "dot", words = options.words;
  const name = ["stashgen", base, options.least, options.services, options.groups].join(" ");
  const kept = memory(name), { host, box, region, icon, root } = boxed(options);
  let facts = null, said = "", timer;
  const link = (text, href, attributes) => make("a", Object.assign({ href, target: "_blank", rel: "noopener" }, attributes), text);
  const dismiss = make("button", { type: "button", "aria-label": words.dismiss, title: words.dismiss }, shape(CROSS));
  dismiss.addEventListener("click", quietly(() => {
    kept.write({ level: facts.level, events: facts.events });
    host.remove();
  }));
  const place = () => {
    const target = options.target && quietly(() => doc.querySelector(options.target))();
    const isHere = options.position === "inline" && doc.body.contains(tag);
    const body = getComputedStyle(doc.body), isRow = /grid/.test(body.display) || (/flex/.test(body.display) && !/column/.test(body.flexDirection));
    let where = options.position;
    if (target || isHere) where = "inline";
    else if (where === "inline") where = isDot ? "bottom" : "top";
    if (!isDot) box.classList.toggle("bottom", where === "bottom");
    dress(root, isDot ? "dot" : where === "top" && isRow ? "over" : where);
    if (target) target.append(host);
    else if (isHere) tag.after(host);
    else if (where === "top") doc.body.prepend(host);
    else doc.body.append(host);
  };
  const say = () => {
    const inner = root.activeElement && root.activeElement !== dismiss;
    const text = (words) => make("bdi", { lang: facts.language }, words);
    const last = isDot ? link("", facts.link, { title: facts.sentence }) : link(words.link, facts.link, {});
    region.textContent = "";
    if (isDot) {
      last.append(icon, make("span", { class: "vh" }, facts.sentence));
      region.append(last);
    } else {
      const titles = facts.titles.map(([title, href]) => link(text(title), href, {}));
      const more = facts.more ? [make("span", { class: "soft" }, `+${facts.more}`)] : [];
      // The sentence in an element of its own: its margin is where the banner's direction ends, not its own.
      region.append(make("p", {}, make("b", {}, text(facts.sentence)), ...titles, ...more, last));
    }
    if (inner) last.focus({ preventScroll: true });
  };
  const draw = () => {
    const isShown = facts && (isDot || facts.level >= options.least);
    if (!isDot && facts && options.isDismissible && kept.covers(facts, isShown)) return host.remove();
    if (!isShown) {
      said = "";
      return host.remove();
    }
    const news = JSON.stringify(facts), isNew = !host.isConnected;
    if (isNew) {
      region.textContent = said = "";
      place();
    }
    if (news === said) return undefined;
    said = news;
    icon.textContent = "";
    icon.append(shape(site.shapes[facts.level]));
    box.style.setProperty("--t", `var(--t${facts.level})`);
    box.style.setProperty("--m", `var(--m${facts.level})`);
    clearTimeout(timer);
    // A screen reader speaks of what changes in a region that it knows already.
    if (isNew) timer = setTimeout(quietly(say), 100);
    else say();
    return undefined;
  };
  const ear = {
    pause: options.pause,
    hear: quietly((status, place) => {
      facts = status && judge(status, place, options);
      draw();
    }),
  };
  if (!isDot && options.isDismissible) box.append(dismiss);
  root.append(box);
  return { host, ear, tag, name: [options.kind, options.position, options.target, name].join(" "), isInline: options.position === "inline" || !!options.target };
};
const begin = quietly((tag) => {
  if (shared.seen.has(tag)) return;
  shared.seen.add(tag);
  const base = new URL(".", tag.src).href, made = shows(tag, base);
  // A page that swaps its body runs its scripts again; what belonged to the old body goes.
  shared.shown.forEach((old) => {
    if (old.name !== made.name || (old.isInline && old.tag.isConnected)) return;
    shared.sources.get(base).remove(old.ear);
    old.host.remove();
    shared.shown.delete(old);
  });
  shared.shown.add(made);
  if (!shared.sources.has(base)) shared.sources.set(base, source(base));
  shared.sources.get(base).add(made.ear);
});
quietly(() => {
  const start = ownTags();
  if (doc.body) start.forEach(begin);
  else doc.addEventListener("DOMContentLoaded", () => start.forEach(begin));
})();
