/** Hosts of this computer, for which browsers and the page's own policy allow plain http. */
const OWN = ['localhost', '127.0.0.1'];

/**
 * Whether the page may fetch from an address: any over https, and over http what this computer serves itself. The same is
 * said to the browser by `connect-src` in index.html.
 */
export function mayFetch(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && OWN.includes(hostname));
}
