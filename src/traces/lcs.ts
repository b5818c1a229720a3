/**
 * Index pairs of a longest common subsequence, in order. Hirschberg's algorithm (Communications of the ACM 18, 1975):
 * time a·b, memory a + b, so that long transcripts do not fill the tab.
 */
export function lcsPairs(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const codes = new Map<string, number>();
  const coded = (texts: readonly string[]): Int32Array =>
    Int32Array.from(texts, (text) => {
      const code = codes.get(text) ?? codes.size;
      codes.set(text, code);
      return code;
    });
  const pairs: (readonly [number, number])[] = [];
  collect(coded(a), coded(b), 0, 0, pairs);
  return pairs;
}

function collect(
  a: Int32Array,
  b: Int32Array,
  atA: number,
  atB: number,
  pairs: (readonly [number, number])[],
): void {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    pairs.push([atA + start, atB + start]);
    start++;
  }
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const [restA, restB] = [a.subarray(start, endA), b.subarray(start, endB)];
  if (restA.length === 1) {
    const found = restB.indexOf(restA[0] ?? -1);
    if (found >= 0) pairs.push([atA + start, atB + start + found]);
  } else if (restA.length > 0 && restB.length > 0) {
    const middle = restA.length >> 1;
    const cut = bestCut(
      lengths(restA.subarray(0, middle), restB),
      lengths(restA.slice(middle).reverse(), restB.slice().reverse()),
    );
    collect(restA.subarray(0, middle), restB.subarray(0, cut), atA + start, atB + start, pairs);
    collect(restA.subarray(middle), restB.subarray(cut), atA + start + middle, atB + start + cut, pairs);
  }
  for (let i = 0; i < a.length - endA; i++) pairs.push([atA + endA + i, atB + endB + i]);
}

/** Length of a longest common subsequence of `a` with each beginning of `b`. */
function lengths(a: Int32Array, b: Int32Array): Int32Array {
  let row = new Int32Array(b.length + 1);
  let next = new Int32Array(b.length + 1);
  for (const code of a) {
    for (let j = 0; j < b.length; j++) {
      next[j + 1] = code === b[j] ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0);
    }
    [row, next] = [next, row];
  }
  return row;
}

function bestCut(before: Int32Array, after: Int32Array): number {
  let [best, at] = [-1, 0];
  for (let j = 0; j < before.length; j++) {
    const sum = (before[j] ?? 0) + (after[before.length - 1 - j] ?? 0);
    if (sum > best) [best, at] = [sum, j];
  }
  return at;
}
