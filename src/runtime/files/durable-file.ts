import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file atomically: readers see the old or the new content. Throws the system's error.
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

/** Adds the path to an error: a failed write to an open file does not name it. */
function named(error: unknown, path: string): unknown {
  const fault = error as NodeJS.ErrnoException;
  return fault.path === undefined ? Object.assign(fault, { path, message: `${fault.message} '${path}'` }) : fault;
}

/** Writes a file and syncs it to the disk. */
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

/** Removes a file. Returns whether it existed and was removed. */
export function removeIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    // it does not exist, or the file system is read-only
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
