import type { ReactNode } from 'react';
import type { PartName } from '../store/parts.ts';
import { useApp } from '../store/store.ts';

/** A section that a teacher's link can hide: nothing of it is on the page then. */
export function Part({ name, children }: { readonly name: PartName; readonly children: ReactNode }) {
  const hidden = useApp((state) => state.hidden.includes(name));
  return hidden ? null : children;
}
