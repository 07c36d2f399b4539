/**
 * What validators say of a text depends on the text alone. The workflows of many suites are the same, and more of them share scripts: each is looked
 * at once, whatever suite or run has it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MODULES = join(__dirname, '../../node_modules');
const FOLDER = join(MODULES, '.cache/validators');

/** Another validator says other things: their source, and the versions of all packages. */
const VALIDATORS = [...readdirSync(__dirname).sort().map((name) => join(__dirname, name)), join(MODULES, '.package-lock.json')];
let validators: string | undefined;

function fileOf(...what: string[]): string {
  validators ??= hash(process.version, ...VALIDATORS.map((file) => readFileSync(file, 'utf8')));
  return join(FOLDER, hash(validators, ...what));
}

const hash = (...parts: string[]) => createHash('sha256').update(parts.join('\0')).digest('hex');

/** What was said of it, if anything looked at it yet. */
export function known<T>(...what: string[]): T | undefined {
  const file = fileOf(...what);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as T : undefined;
}

export function keep<T>(said: T, ...what: string[]): T {
  const file = fileOf(...what);
  mkdirSync(FOLDER, { recursive: true });
  // at once: others may read it meanwhile
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(said));
  renameSync(`${file}.${process.pid}`, file);
  return said;
}
