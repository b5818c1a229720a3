/** Megabytes as web-llm's records tell them: "376 MB", "1.6 GB". */
export const gigabytes = (megabytes: number): string =>
  megabytes < 1000 ? `${Math.round(megabytes)}\u202fMB` : `${(megabytes / 1000).toFixed(1)}\u202fGB`;
