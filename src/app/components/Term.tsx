import type { ReactNode } from 'react';
import { Explained } from './Explained.tsx';
import { terms, type TermName } from './terms.ts';

interface TermProps {
  readonly name: TermName;
  /** Shown instead of the term's own name. */
  readonly children?: ReactNode;
}

/** A term of the page's list, by its name. */
export function Term({ name, children }: TermProps) {
  return <Explained text={terms[name]}>{children}</Explained>;
}
