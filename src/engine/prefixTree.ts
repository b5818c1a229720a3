/**
 * Sequences that begin alike, packed so that what they share is there once: a tree whose branches are segments of a
 * packed batch. Every token still sees exactly its own sequence (`parents` of `Backend.attention`).
 */
import type { PackedBatch } from './packing.ts';

interface Branch {
  /** Tokens up to where sequences part, or to the end of one. */
  ids: number[];
  children: Branch[];
  /** Row of the first token; set by `pack`. */
  start: number;
}

export interface PackedTree {
  readonly packed: PackedBatch;
  /** rows[s][i] is the row of token i of the s-th sequence added. */
  readonly rows: readonly Int32Array[];
}

/** A packed batch in the making. Only sequences of one family share anything. */
export class PrefixTree {
  /** Rows of the batch so far. */
  tokens = 0;
  private readonly roots = new Map<number, Branch>();
  private readonly sequences: { readonly ids: readonly number[]; readonly family: number }[] = [];

  /** Rows that a sequence would add. */
  cost(ids: readonly number[], family: number): number {
    return ids.length - this.walk(ids, family).matched;
  }

  add(ids: readonly number[], family: number): void {
    this.sequences.push({ ids, family });
    if (ids.length === 0) return;
    const { branch, within, matched } = this.walk(ids, family);
    this.tokens += ids.length - matched;
    if (branch === undefined) {
      this.roots.set(family, { ids: [...ids], children: [], start: 0 });
      return;
    }
    if (matched === ids.length) return;
    if (within < branch.ids.length) {
      // It parts in the middle: what follows becomes a branch of its own.
      const rest: Branch = { ids: branch.ids.slice(within), children: branch.children, start: 0 };
      branch.ids = branch.ids.slice(0, within);
      branch.children = [rest];
    }
    const rest = ids.slice(matched);
    if (branch.children.length === 0) branch.ids.push(...rest);
    else branch.children.push({ ids: rest, children: [], start: 0 });
  }

  /** Lays the branches out, each before those that grow from it, a family after the other. */
  pack(): PackedTree {
    const ids = new Int32Array(this.tokens);
    const positions = new Int32Array(this.tokens);
    const starts = [0];
    const parents: number[] = [];
    const lay = (branch: Branch, parent: number, depth: number): void => {
      branch.start = starts.at(-1) ?? 0;
      ids.set(branch.ids, branch.start);
      for (let i = 0; i < branch.ids.length; i++) positions[branch.start + i] = depth + i;
      const self = parents.push(parent) - 1;
      starts.push(branch.start + branch.ids.length);
      for (const child of branch.children) lay(child, self, depth + branch.ids.length);
    };
    for (const root of this.roots.values()) lay(root, -1, 0);
    const shared = parents.some((parent) => parent >= 0);
    return {
      packed: {
        ids,
        positions,
        starts: Int32Array.from(starts),
        ...(shared ? { parents: Int32Array.from(parents) } : {}),
      },
      rows: this.sequences.map(({ ids: sequence, family }) => this.rowsOf(sequence, family)),
    };
  }

  private rowsOf(ids: readonly number[], family: number): Int32Array {
    const rows = new Int32Array(ids.length);
    let branch = ids.length === 0 ? undefined : this.roots.get(family);
    for (let at = 0; branch !== undefined;) {
      const length = Math.min(branch.ids.length, ids.length - at);
      for (let i = 0; i < length; i++) rows[at + i] = branch.start + i;
      at += length;
      const next = ids[at];
      branch = next === undefined ? undefined : branch.children.find((child) => child.ids[0] === next);
    }
    return rows;
  }

  /** Follows a sequence as far as it is known: the last branch reached, how far into it, and tokens matched in all. */
  private walk(
    ids: readonly number[],
    family: number,
  ): { readonly branch: Branch | undefined; readonly within: number; readonly matched: number } {
    let branch = this.roots.get(family);
    if (branch === undefined || branch.ids[0] !== ids[0]) return { branch: undefined, within: 0, matched: 0 };
    let matched = 0;
    for (;;) {
      let within = 0;
      while (within < branch.ids.length && matched < ids.length && branch.ids[within] === ids[matched]) {
        within++;
        matched++;
      }
      const next: number | undefined = ids[matched];
      const child: Branch | undefined =
        within < branch.ids.length || next === undefined
          ? undefined
          : branch.children.find((other) => other.ids[0] === next);
      if (child === undefined) return { branch, within, matched };
      branch = child;
    }
  }
}
