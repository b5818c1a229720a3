import type { Passage } from '../../retrieval/retriever.ts';
import { passageKind } from '../../world/passageKind.ts';

/** What lists and the map need of every passage of a corpus, in its order; the texts are asked for as they are shown. */
export interface PassageOutline {
  readonly ids: readonly string[];
  readonly titles: readonly string[];
  readonly kinds: readonly (string | undefined)[];
}

/** Most characters by which a passage without a title is named. */
const NAME = 80;

/** What a passage is called on the map. */
export const nameOf = ({ title, text }: Pick<Passage, 'title' | 'text'>): string =>
  title === '' ? text.slice(0, NAME) : title;

/** Collects an outline, some passages at a time. */
export class Outliner {
  private readonly ids: string[] = [];
  private readonly titles: string[] = [];
  private readonly kinds: (string | undefined)[] = [];

  add(passages: readonly Passage[]): void {
    for (const passage of passages) {
      this.ids.push(passage.id);
      this.titles.push(nameOf(passage));
      this.kinds.push(passageKind(passage));
    }
  }

  get outline(): PassageOutline {
    const { ids, titles, kinds } = this;
    return { ids, titles, kinds };
  }
}
