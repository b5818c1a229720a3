import type { TraceSearch } from '../traces/trace.ts';
import { strip } from './normalize.ts';

export interface ParsedQuery {
  readonly query: string;
  readonly problem?: NonNullable<TraceSearch['problem']>;
}

/**
 * The query in what a policy wrote since the last result (`extract_search_content`): the text between the last
 * `<search>` before the last `</search>`, stripped. Without `<search>` it is empty and malformed.
 */
export function parseQuery(segment: string): ParsedQuery {
  const end = segment.lastIndexOf('</search>');
  const start = end < 0 ? -1 : segment.lastIndexOf('<search>', end);
  if (start < 0) return { query: '', problem: 'malformed query' };
  const query = strip(segment.slice(start + '<search>'.length, end));
  return query === '' ? { query, problem: 'empty query' } : { query };
}
