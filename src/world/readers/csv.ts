export interface CsvRecord {
  /** 1-based line on which it starts. */
  readonly line: number;
  readonly fields: readonly string[];
  /** False when the text ends inside a quoted field. */
  readonly closed: boolean;
}

/**
 * Records of comma-separated values after RFC 4180: fields may stand in double quotes, and may then hold commas, line
 * ends and doubled quotes. A quote inside an unquoted field, and text after a closing quote, are taken as they stand.
 * Blank lines are no records. Line ends are `\n`.
 */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const fields: string[] = [];
    let closed = true;
    for (;;) {
      let field = '';
      if (text.charAt(at) === '"') {
        at++;
        for (;;) {
          const quote = text.indexOf('"', at);
          const part = text.slice(at, quote < 0 ? undefined : quote);
          line += part.split('\n').length - 1;
          field += part;
          at = quote < 0 ? text.length : quote + 1;
          closed &&= quote >= 0;
          if (quote < 0 || text.charAt(at) !== '"') break;
          field += '"';
          at++;
        }
      }
      const rest = /[,\n]/g;
      rest.lastIndex = at;
      const end = rest.exec(text)?.index ?? text.length;
      fields.push(field + text.slice(at, end));
      at = end + 1;
      if (text.charAt(end) !== ',') break;
    }
    line++;
    if (fields.length > 1 || fields[0] !== '') yield { line: first, fields, closed };
  }
}
