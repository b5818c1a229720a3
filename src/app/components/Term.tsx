import type { ReactNode } from 'react';
import { Explained } from './Explained.tsx';
import type { TermName } from './terms.ts';

interface TermProps {
  readonly name: TermName;
  readonly children: ReactNode;
}

/** A term of the page's list, by its name, in the words of the place where it stands. */
export function Term({ name, children }: TermProps) {
  return <Explained text={name}>{children}</Explained>;
}
