/** A peer in Python: a program of bench/peers that takes requests and answers them, one JSON document a line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const greeting = z.union([z.object({ label: z.string() }), z.object({ absent: z.string() })]);

/** Lines of standard error kept for the message when the program ends too soon. */
const KEPT_LINES = 12;

type Lines = AsyncIterator<string, undefined>;

export class PythonPeer {
  /** Program and versions, for people. */
  readonly label: string;
  private readonly child: ChildProcess;
  private readonly lines: Lines;
  private readonly errors: string[];

  private constructor(label: string, child: ChildProcess, lines: Lines, errors: string[]) {
    this.label = label;
    this.child = child;
    this.lines = lines;
    this.errors = errors;
  }

  /**
   * Starts a program with the Python that BENCH_PYTHON names (default python3).
   * @returns the peer, or why there is none
   */
  static async start(
    script: string,
    threads: number,
    ...args: readonly string[]
  ): Promise<PythonPeer | { readonly absent: string }> {
    const python = process.env['BENCH_PYTHON'] ?? 'python3';
    const [folder = '', ...rest] = args;
    const child = spawn(
      python,
      [fileURLToPath(new URL(script, import.meta.url)), folder, String(threads), ...rest],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: String(threads) },
      },
    );
    const failed = new Promise<{ absent: string }>((resolve) => {
      child.once('error', (error) => resolve({ absent: `${python} (BENCH_PYTHON): ${error.message}` }));
    });
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      errors.push(line);
      if (errors.length > KEPT_LINES) errors.shift();
    });
    const lines: Lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await Promise.race([lines.next(), failed]);
    if ('absent' in first) return first;
    if (first.done === true) throw new Error(`${script} ended at once:\n${errors.join('\n')}`);
    const said = greeting.parse(JSON.parse(first.value));
    return 'absent' in said
      ? { absent: `${said.absent}; name a Python that has it by BENCH_PYTHON` }
      : new PythonPeer(said.label, child, lines, errors);
  }

  async ask<T>(request: object, reply: z.ZodType<T>): Promise<T> {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error(`${this.label} ended:\n${this.errors.join('\n')}`);
    return reply.parse(JSON.parse(line.value));
  }

  /** Peak of its own matrix product on its threads. */
  async matmulFlops(): Promise<number> {
    const { gflops } = await this.ask({ op: 'matmul' }, z.object({ gflops: z.number() }));
    return gflops * 1e9;
  }

  /** Ends the program. */
  close(): void {
    this.child.stdin?.end();
    this.child.kill();
  }
}
