// What the tests ask of an open page. Evaluated in the page; gives an object of questions.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isVisible = (element) => element.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
    && element.getClientRects().length > 0;

  // Contrast by WCAG 2.
  const share = (value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[\d.]+/g).map(Number);
    return 0.2126 * share(red) + 0.7152 * share(green) + 0.0722 * share(blue);
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const paper = (element) => {
    for (let here = element; here; here = here.parentElement) {
      const color = getComputedStyle(here).backgroundColor;
      if (color !== 'transparent' && !color.endsWith(', 0)')) return color;
    }
    return 'rgb(255, 255, 255)';
  };

  window.probe = {
    async axe(options) {
      const {violations} = await axe.run(document, {...options, resultTypes: ['violations']});
      return violations.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
    },

    // Numbers of everything that a keyboard must reach.
    focusable() {
      return all('a[href], button, input, select, textarea, summary, [tabindex="0"]').filter(isVisible).map((element, index) => {
        element.dataset.walk = index;
        return index;
      });
    },

    focused() {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return {
        tag: element.tagName, walk: element.dataset.walk ?? null,
        href: element.getAttribute('href'), text: element.textContent.trim(),
        isRinged: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none',
        isInView: box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
      };
    },

    marks() {
      return all('main svg.i').filter(isVisible).map((icon) => ({
        css: icon.closest('[class*="s-"]')?.getAttribute('class') ?? '',
        ratio: contrast(getComputedStyle(icon).color, paper(icon)),
      }));
    },

    overflow() {
      return document.documentElement.scrollWidth - document.documentElement.clientWidth;
    },

    // How far each heading's text is from the left and from the right side of the page's column.
    headingMargins() {
      return all('main h1, main h2').filter(isVisible).map((heading) => {
        const range = document.createRange();
        range.selectNodeContents(heading);
        const text = range.getBoundingClientRect();
        const column = heading.closest('main').getBoundingClientRect();
        return [text.left - column.left, column.right - text.right];
      });
    },

    // What many pages hold, each opened in a frame of its own: their traps, and what can be read.
    async visitAll(paths) {
      const visit = (path) => new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.hidden = true;  // nothing is laid out: what runs, runs all the same
        frame.onload = () => {
          const {probe, document: inside} = frame.contentWindow;
          done([path, {traps: probe.traps(), text: inside.querySelector('main')?.textContent ?? ''}]);
          frame.remove();
        };
        frame.src = path;
        document.body.append(frame);
      });
      const seen = [];
      for (let first = 0; first < paths.length; first += 12) {
        seen.push(...await Promise.all(paths.slice(first, first + 12).map(visit)));
      }
      return Object.fromEntries(seen);
    },

    // Everything in the document that runs or loads something by itself, or would when touched.
    traps() {
      const danger = /^[\u0000-\u0020]*(javascript|data|vbscript):/i;
      const loaders = ['iframe', 'frame', 'object', 'embed', 'base', 'meta[http-equiv=refresh]', 'form', 'template'];
      const attributes = ['href', 'xlink:href', 'src', 'srcset', 'action', 'formaction', 'poster', 'data', 'ping', 'background'];
      const found = [];
      // Handlers are touched as a reader's pointer and keyboard would, and then seen for what they are.
      for (const element of all('*')) {
        if (element.getAttributeNames().some((name) => name.startsWith('on'))) {
          for (const name of ['mouseover', 'click', 'focus', 'toggle']) element.dispatchEvent(new Event(name));
        }
        for (const {name, value} of element.attributes) {
          if (name.startsWith('on') || name === 'style' || name === 'srcdoc') found.push(`${element.tagName} ${name}=${value}`);
          if (attributes.includes(name) && danger.test(value)) found.push(`${element.tagName} ${name}=${value}`);
        }
        const isOurs = element.tagName !== 'SCRIPT' || (element.src && new URL(element.src).origin === location.origin);
        if (!isOurs && element.type !== 'application/json') found.push(`script ${element.text}`);
        if (loaders.some((selector) => element.matches(selector))) found.push(element.outerHTML.slice(0, 200));
      }
      return [...(window.__xss ?? []).map((number) => `ran ${number}`), ...found];
    },

  };
})();
