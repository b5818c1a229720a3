import { useState } from 'react';

/** What cannot be had back is asked twice: true after the first press; the second one does it. */
export function useSure(): readonly [sure: boolean, press: (perform: () => void) => void] {
  const [sure, setSure] = useState(false);
  return [
    sure,
    (perform) => {
      if (sure) perform();
      setSure(!sure);
    },
  ];
}
