// Runs in the page before anything of it: a visitor who asks the question that stands in the box as soon as that can
// be done, and notes when what was seen. Milliseconds since navigation began; a sight counts once its frame is drawn.

const seen = {};
globalThis.visit = seen;

const askButton = () => document.querySelector('form button[type="submit"]');

const isLive = (pane) =>
  pane.querySelector('h2 em')?.textContent.includes('live') === true &&
  pane.querySelector('[data-token]') !== null;

const sights = {
  recorded: () => document.querySelector('section[aria-label="After"] [data-token]') !== null,
  askable: () => askButton()?.disabled === false,
  liveToken: () =>
    [...document.querySelectorAll('section[aria-label="Before"], section[aria-label="After"]')].some(isLive),
};

function look() {
  for (const [name, isThere] of Object.entries(sights)) {
    if (name in seen || !isThere()) continue;
    seen[name] = NaN;
    if (name === 'askable') setTimeout(ask);
    // The frame that draws it is over when the one after it begins.
    requestAnimationFrame(() => requestAnimationFrame(() => (seen[name] = performance.now())));
  }
}

function ask() {
  seen.asked = performance.now();
  askButton().click();
}

new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
