/** Numbers as the page writes them: thin spaces before units, a real minus, never more digits than are known. */

const thin = '\u202f';

/** 0.613 → "61 %"; below ten per cent with one digit, so that small rises show. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  const digits =
    value !== 0 && Math.abs(value) < 9.95 && !Number.isInteger(Math.round(value * 10) / 10) ? 1 : 0;
  return `${minus(value.toFixed(digits))}${thin}%`;
}

/** Two shares as one range: "84–98 %". */
export function percentRange(low: number, high: number): string {
  return `${percent(low).replace(`${thin}%`, '')}–${percent(high)}`;
}

/** A probability: "31 %", "0.4 %", "<0.1 %". */
export function probability(p: number): string {
  if (p > 0 && p < 0.001) return `<0.1${thin}%`;
  if (p < 1 && p > 0.999) return `>99.9${thin}%`;
  return `${(p * 100).toFixed(p < 0.1 || p > 0.99 ? 1 : 0)}${thin}%`;
}

export const fixed = (value: number, digits = 2): string => minus(value.toFixed(digits));

/** A size of any order, to three digits: 0.834, 4.21e−5. */
export function scientific(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 0.001 && size < 10000) return minus(value.toPrecision(3));
  return minus(value.toExponential(2)).replace('e-', 'e\u2212').replace('e+', 'e');
}

/** With its sign always: +1.05, −0.95, 0.00. */
export function signed(value: number, digits = 2): string {
  const text = fixed(value, digits);
  return value > 0 && Number(value.toFixed(digits)) !== 0 ? `+${text}` : text;
}

/** 950 → "950", 14 230 → "14.2 k". */
export function compact(value: number): string {
  if (value < 1000) return String(Math.round(value));
  if (value < 1e6) return `${(value / 1000).toFixed(value < 1e5 ? 1 : 0)}${thin}k`;
  return `${(value / 1e6).toFixed(value < 1e8 ? 1 : 0)}${thin}M`;
}

/** Seconds as a person says them: "24 s", "2.6 min". */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)}${thin}s`;
  if (seconds < 5940) return `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)}${thin}min`;
  return `${(seconds / 3600).toFixed(1)}${thin}h`;
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)}${thin}MB`;

/** With its thousands set apart: 50,000. */
export const grouped = (count: number): string => count.toLocaleString('en');

/** "1 search", "2 searches", "50,000 passages". */
export const counted = (count: number, one: string, many: string): string =>
  `${grouped(count)}\u00a0${count === 1 ? one : many}`;

function minus(text: string): string {
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '\u2212');
}
