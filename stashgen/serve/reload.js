// Asks the server for news: loads the page again when it has changed, and shows what keeps it from changing.
(() => {
  "use strict";
  const script = document.currentScript;
  const page = script.dataset.page;
  const news = new URL("news", script.src);
  const style = `
    :host { all: initial; }
    section { position: fixed; inset: auto 0 0 0; z-index: 2147483647; max-height: 45vh; overflow: auto;
      box-sizing: border-box; padding: 1rem 1.25rem 1.25rem; direction: ltr; text-align: left;
      background: #1c1917; color: #fafaf9; border-top: 4px solid #f87171;
      font: 14px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
    h2 { margin: 0 0 .5rem; font: 600 16px/1.4 system-ui, sans-serif; }
    ul { margin: 0; padding: 0; list-style: none; }
    li { padding: .15rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
    @media print { section { display: none; } }`;
  let epoch = -1;
  let host = null;
  let question = null;

  const overlay = (problems) => {
    if (host) host.remove();
    host = null;
    if (!problems.length) return;
    host = document.createElement("stashgen-problems");
    const root = host.attachShadow({ mode: "open" });
    // A constructed sheet is not inline style: it also works under a policy that forbids that.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    const section = document.createElement("section");
    section.setAttribute("role", "alert");
    section.tabIndex = 0;
    const title = document.createElement("h2");
    const some = problems.length === 1 ? "A problem keeps" : `${problems.length} problems keep`;
    title.textContent = `${some} your last change off the page`;
    const list = document.createElement("ul");
    for (const problem of problems) {
      const item = document.createElement("li");
      item.textContent = problem;
      list.append(item);
    }
    section.append(title, list);
    root.append(section);
    document.documentElement.append(host);
  };

  const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const ask = async () => {
    question = new AbortController();
    news.search = new URLSearchParams({ epoch, page });
    const response = await fetch(news, { cache: "no-store", signal: question.signal });
    if (!response.ok) throw new Error(response.statusText);
    const told = await response.json();
    if (told.page !== page) {
      location.reload();
      await rest(10000);
    }
    if (told.epoch !== epoch) overlay(told.problems);
    epoch = told.epoch;
  };

  // A browser opens six connections to a server: pages that nobody sees must not hold them all.
  const follow = async () => {
    while (!document.hidden) {
      try {
        await ask();
      } catch {
        if (!document.hidden) await rest(1000);
      }
    }
    question = null;
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) question?.abort();
    else if (!question) follow();
  });
  addEventListener("pagehide", () => question?.abort());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  follow();
})();
