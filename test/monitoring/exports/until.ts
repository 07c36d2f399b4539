import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it is so; rejects, saying what was waited for, when that takes too long. */
export async function until(what: string, limitMs: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + limitMs;
  while (!await isSo()) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await sleep(50);
  }
}
