import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { makePublicFolder } from '../lab/nodeSurroundings.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** Runs the command line as `npm run cli` does, from the project's root. */
export const cli = (...args: readonly string[]): Promise<Ended> => run('src/cli/launch.mjs', ...args);

/** The same program without the launcher, which would look each time whether the kernels are built: half the time. */
export const main = (...args: readonly string[]): Promise<Ended> =>
  run('--import', 'tsx', 'src/cli/main.ts', ...args);

/** A folder of a person at a terminal: a small policy, files of their own, and a place for the JSON document. */
export class Desk {
  readonly root: string;
  /** Folder of a policy small enough for tests. */
  readonly model: string;
  private readonly clear: () => Promise<void>;

  private constructor(root: string, model: string, clear: () => Promise<void>) {
    this.root = root;
    this.model = model;
    this.clear = clear;
  }

  static async open(
    models: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {},
  ): Promise<Desk> {
    const root = await mkdtemp(join(tmpdir(), 'cli-'));
    const folder = await makePublicFolder();
    for (const [name, changes] of Object.entries(models)) await folder.addModel(name, changes);
    return new Desk(root, fileURLToPath(new URL('models/tiny', folder.baseUrl)), async () => {
      await folder.remove();
      await rm(root, { recursive: true });
    });
  }

  /** Another policy's folder, of those given to `open`. */
  modelNamed(name: string): string {
    return join(this.model, '..', name);
  }

  async file(name: string, content: string): Promise<string> {
    const path = join(this.root, name);
    await writeFile(path, content);
    return path;
  }

  get json(): string {
    return join(this.root, 'out', 'result.json');
  }

  async readJson(): Promise<unknown> {
    return JSON.parse(await readFile(this.json, 'utf8'));
  }

  /**
   * Runs a command that has to be refused: exit code 2, one short message without a stack, nothing on standard output
   * and no JSON document. @returns the message
   */
  refused(...args: readonly string[]): Promise<string> {
    return this.refusedBy(main, ...args);
  }

  /** The same, of a program that ends as the command line does. */
  async refusedBy(program: typeof cli, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await program(...args, '--json', this.json);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    await expect(access(this.json)).rejects.toThrow('ENOENT');
    return stderr;
  }

  remove(): Promise<void> {
    return this.clear();
  }
}
