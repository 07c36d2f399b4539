import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PackageIdentity } from './npm-steps';
import { fieldIn, isObject, textIn } from '../../../runtime/json-value';
import { onDemand } from '../../../runtime/lazily';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';

/** A file of a package. */
export interface PackedFile {
  /** Within the package. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** A package on this machine, as npm publishes it. */
export interface PackageTarball extends PackageIdentity {
  readonly file: string;
  readonly name: string;
  readonly files: readonly PackedFile[];
  readonly isPrivate: boolean;
  /** What its package.json says of publishing. It replaces settings of npm. */
  readonly publishConfig: { readonly access: string; readonly registry: string; readonly tag: string };
}

const BLOCK = 512;
/** Unpacked. A bomb must not fill the memory. */
const LARGEST = 1024 ** 3;

/** The tarball of a package in a folder; undefined if the folder has none. Rejects with `EngineError`. */
export async function tarballIn(folder: string, directory: string, packageName: string): Promise<PackageTarball | undefined> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.tgz')).sort();
  const all = await Promise.all(names.map((name) => readTarball(join(folder, name), `${directory}/${name}`)));
  const found = all.filter(({ name }) => name === packageName);
  if (found.length > 1) throw new EngineError('rejected', `Target.npm directory: ${directory} holds ${found.length} tarballs of ${packageName}. Remove the old ones`);
  if (found.length === 0 && all[0]) {
    throw new EngineError('rejected', `Target.npm packageName: ${directory} holds a tarball of ${safeLine(all[0].name, 64)}, and none of ${packageName}. Correct packageName or directory`);
  }
  return found[0];
}

/** Rejects with `EngineError`. */
export async function readTarball(file: string, shown: string): Promise<PackageTarball> {
  const bytes = await readFile(file);
  const tar = await unpacked(bytes, shown);
  const manifest = manifestIn(tar, shown);
  const config = fieldIn(manifest, 'publishConfig');
  return {
    file,
    name: textIn(manifest, 'name'),
    version: textIn(manifest, 'version'),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    files: filesIn(tar),
    isPrivate: fieldIn(manifest, 'private') === true,
    publishConfig: { access: textIn(config, 'access'), registry: textIn(config, 'registry'), tag: textIn(config, 'tag') },
  };
}

async function unpacked(bytes: Buffer, shown: string): Promise<Buffer> {
  try {
    return await promisify(onDemand.zlib().gunzip)(bytes, { maxOutputLength: LARGEST });
  } catch {
    throw new EngineError('rejected', `Target.npm directory: ${shown} is not a tarball. Pack it with npm pack`);
  }
}

interface TarEntry {
  readonly name: string;
  /** A letter or a digit. */
  readonly type: string;
  readonly from: number;
  readonly size: number;
}

function* entriesIn(tar: Buffer): Generator<TarEntry> {
  for (let at = 0; at + BLOCK <= tar.length;) {
    const [name, prefix] = [textAt(tar, at, 100), textAt(tar, at + 345, 155)];
    const size = parseInt(textAt(tar, at + 124, 12).trim() || '0', 8);
    if (!Number.isInteger(size) || size < 0) return;
    yield { name: prefix === '' ? name : `${prefix}/${name}`, type: textAt(tar, at + 156, 1) || '0', from: at + BLOCK, size };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** The package.json in the tarball's first folder, which npm calls `package`. */
function manifestIn(tar: Buffer, shown: string): unknown {
  for (const { from, name, size } of entriesIn(tar)) {
    if (/^[^/]+\/package\.json$/.test(name)) return parse(tar.toString('utf8', from, from + size), shown);
  }
  throw new EngineError('rejected', `Target.npm directory: ${shown} has no package.json. Pack it with npm pack`);
}

/** The files of the package. A long path stands in a header of its own (pax). */
function filesIn(tar: Buffer): PackedFile[] {
  const files: PackedFile[] = [];
  let longPath: string | undefined;
  for (const { from, name, size, type } of entriesIn(tar)) {
    if (type === 'x') longPath = /^\d+ path=(.*)$/m.exec(tar.toString('utf8', from, from + size))?.[1];
    if (type === '0' && name !== '') files.push({ path: (longPath ?? name).replace(/^[^/]+\//, ''), size });
    if (type !== 'x') longPath = undefined;
  }
  return files;
}

function textAt(tar: Buffer, at: number, length: number): string {
  return tar.toString('utf8', at, at + length).replace(/\0[\s\S]*$/, '');
}

function parse(text: string, shown: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch { /* reported below */ }
  throw new EngineError('rejected', `Target.npm directory: the package.json of ${shown} is not a JSON object`);
}
