import { parseArgs } from 'node:util';

/** A mistake of the person at the terminal: printed as a message, without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface Option {
  /** What stands in the help after the name; absent for a switch. */
  readonly value?: string;
  readonly help: string;
}

export class Args {
  private readonly values: Readonly<Record<string, string | boolean | undefined>>;

  constructor(argv: readonly string[], options: Readonly<Record<string, Option>>) {
    try {
      const { values } = parseArgs({
        args: [...argv],
        options: Object.fromEntries(
          Object.entries(options).map(([name, option]) => [
            name,
            { type: option.value === undefined ? 'boolean' : 'string' } as const,
          ]),
        ),
        strict: true,
      });
      this.values = values;
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    }
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  /** A whole number of at least `least`. */
  whole(name: string, least = 0): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isInteger(number) || number < least) {
      throw new UsageError(`--${name} ${value}: give a whole number of at least ${String(least)}`);
    }
    return number;
  }

  /** Names with commas between, none twice. */
  list(name: string): readonly string[] | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const names = value.split(',').map((part) => part.trim());
    if (names.includes(''))
      throw new UsageError(`--${name} ${value}: give names with a comma between each two`);
    return [...new Set(names)];
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isFinite(number)) throw new UsageError(`--${name} ${value}: give a number`);
    return number;
  }
}

export function helpOf(options: Readonly<Record<string, Option>>): string {
  return Object.entries(options)
    .map(
      ([name, { value, help }]) =>
        `  --${`${name}${value === undefined ? '' : ` ${value}`}`.padEnd(24)} ${help}`,
    )
    .join('\n');
}
