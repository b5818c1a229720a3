/** What had the focus before the dialog that is open, or the first of several that follow each other. */
let before: HTMLElement | undefined;

/**
 * For the content of dialogs that have no trigger of their own (keys and the palette open them): closed, they give the
 * focus back to where it was.
 */
export const focusReturn = {
  onOpenAutoFocus: (): void => {
    const { activeElement } = document;
    const isPlace = activeElement instanceof HTMLElement && activeElement !== document.body;
    if (isPlace && activeElement.closest('[role="dialog"]') === null) before = activeElement;
  },
  onCloseAutoFocus: (event: Event): void => {
    event.preventDefault();
    // The palette may have opened the next one.
    if (document.querySelector('[role="dialog"]') !== null) return;
    before?.focus({ preventScroll: true });
    before = undefined;
  },
} as const;
