let probe: HTMLElement | undefined;

/**
 * A colour of the page as it is on the screen now, for canvases. The property itself still says `light-dark(…)`: only
 * where it is some element's colour does the browser choose.
 */
export function cssColour(name: string): string {
  if (probe?.isConnected !== true) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

/** What a property of the page says that is no colour: fonts. */
export const cssText = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
