/**
 * The chart library formats numbers in `navigator.language` as it loads, and throws where that is no language tag:
 * Chromium without a window says `en-US@posix` where the system's locale is C. Such a one is read as English. To be
 * called before anything that is loaded later.
 */
export function mendLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
  }
}
