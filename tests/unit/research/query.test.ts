import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/research/query.ts';

describe('parseQuery', () => {
  it.each<[string, ReturnType<typeof parseQuery>]>([
    ['<think> x</think><search> Cholwis author</search>', { query: 'Cholwis author' }],
    ['<search>a</search><search> b\n</search>', { query: 'b' }],
    ['<search>a<search>b</search>', { query: 'b' }],
    ['<search> </search>', { query: '', problem: 'empty query' }],
    ['no tag</search>', { query: '', problem: 'malformed query' }],
    ['<search> a', { query: '', problem: 'malformed query' }],
    ['</search><search>', { query: '', problem: 'malformed query' }],
    ['<search>a</search> tail', { query: 'a' }],
  ])('%j', (segment, parsed) => {
    expect(parseQuery(segment)).toEqual(parsed);
  });
});
