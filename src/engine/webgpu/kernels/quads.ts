/**
 * Numbers handed round the four invocations of a quad (feature "subgroups"), by swaps: SwiftShader takes ten times as
 * long for a `quadBroadcast` as for a swap.
 */

/** WGSL: `odd` and `upper`, where in its quad the invocation `lane` is. */
export const QUAD_PLACE = `
  let odd = (lane & 1u) == 1u;
  let upper = (lane & 2u) == 2u;`;

/**
 * WGSL: `let <names[l]>` becomes the `own` of invocation l, for l = 0…3, in all four. Needs QUAD_PLACE. `own` is the
 * name of a variable; names of the steps between begin with it.
 */
export const shareQuad = (own: string, names: readonly [string, string, string, string]): string => `
      let ${own}_x = quadSwapX(${own});
      let ${own}_even = select(${own}, ${own}_x, odd);
      let ${own}_odd = select(${own}_x, ${own}, odd);
      let ${own}_evenFar = quadSwapY(${own}_even);
      let ${own}_oddFar = quadSwapY(${own}_odd);
      let ${names[0]} = select(${own}_even, ${own}_evenFar, upper);
      let ${names[1]} = select(${own}_odd, ${own}_oddFar, upper);
      let ${names[2]} = select(${own}_evenFar, ${own}_even, upper);
      let ${names[3]} = select(${own}_oddFar, ${own}_odd, upper);`;
