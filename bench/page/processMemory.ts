import { readdir, readFile } from 'node:fs/promises';

/** Bytes of a process as Linux counts them. */
export interface ProcessMemory {
  readonly now: number;
  /** The most it ever had. */
  readonly most: number;
}

/** The largest page process of the browsers that this process started; undefined where there is no /proc. */
export async function pageProcess(): Promise<ProcessMemory | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const parents = new Map<string, string>();
  const pages: { readonly id: string; readonly memory: ProcessMemory }[] = [];
  for (const id of names.filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
    if (parent !== undefined) parents.set(id, parent);
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    const bytes = (field: string): number =>
      1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    if (command.includes('--type=renderer'))
      pages.push({ id, memory: { now: bytes('VmRSS'), most: bytes('VmHWM') } });
  }
  const isOurs = (id: string | undefined): boolean =>
    id !== undefined && (id === String(process.pid) || isOurs(parents.get(id)));
  return pages
    .filter(({ id }) => isOurs(id))
    .map(({ memory }) => memory)
    .sort((a, b) => b.now - a.now)[0];
}
