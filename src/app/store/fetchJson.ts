/**
 * Fetches a JSON file of the page's own. Throws an Error that names the address when the file is not there or is not
 * JSON. Servers that answer every unknown address with the page itself answer 200: HTML counts as missing.
 */
export async function fetchJson(address: string): Promise<unknown> {
  const response = await fetch(address);
  if (response.headers.get('content-type')?.startsWith('text/html') === true) {
    throw new Error(`${address} is not there`);
  }
  if (!response.ok) throw new Error(`${address} answered ${response.status} ${response.statusText}`.trim());
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`${address} is not JSON`);
  }
}
