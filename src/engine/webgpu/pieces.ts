/** Start and length of consecutive pieces of at most `size` of `total`. */
export function pieces(total: number, size: number): (readonly [start: number, length: number])[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => [
    i * size,
    Math.min(size, total - i * size),
  ]);
}
