import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole: it is never seen half written, and keeps its old content where the new one cannot be written.
 * Throws the system's error.
 */
export function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeDurably(temporary, content);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    removeIfThere(temporary);
    throw named(error, path);
  }
}

/** What is written to an open file fails without its name. */
function named(error: unknown, path: string): unknown {
  const fault = error as NodeJS.ErrnoException;
  return fault.path === undefined ? Object.assign(fault, { path, message: `${fault.message} '${path}'` }) : fault;
}

/** On the disk, not only in the system's memory. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    throw named(error, path);
  } finally {
    closeSync(file);
  }
}

/** Returns whether it was there and is gone. */
export function removeIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    // it was never made, or the file system is read-only
    return false;
  }
}

function syncFolder(path: string): void {
  // Windows cannot open a folder
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
