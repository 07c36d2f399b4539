import { PackageTarball, PackedFile } from './package-tarball';
import { PlannedChange } from '../../../runtime/targets/target-driver';

type Package = Pick<PackageTarball, 'name' | 'version' | 'files'>;

/**
 * Returns what users of a package would get: its size, and the files that are added, removed or of another size. A file of the same size is not
 * compared. The package comes first, then what is removed.
 *
 * @param before what users get now; undefined for the first version
 */
export function packageChanges(after: Package, before: Package | undefined): PlannedChange[] {
  const [then, now] = [sizes(before?.files ?? []), sizes(after.files)];
  const removed = [...then.keys()].filter((path) => !now.has(path));
  const added = [...now.keys()].filter((path) => before !== undefined && !then.has(path));
  const changed = [...now].filter(([path, size]) => then.has(path) && then.get(path) !== size);
  return [
    { ...PLAIN, kind: before ? 'changed' : 'added', type: 'package', what: `${after.name}@${after.version}`, properties: [contents(after, before)] },
    ...removed.map((path) => file('removed', path, [bytes(then.get(path)!)])),
    ...added.map((path) => file('added', path, [bytes(now.get(path)!)])),
    ...changed.map(([path, size]) => file('changed', path, [`${bytes(then.get(path)!)} -> ${bytes(size)}`])),
  ];
}

const PLAIN = { isSecurity: false, isStateful: false } as const;

function file(kind: PlannedChange['kind'], what: string, properties: string[]): PlannedChange {
  return { ...PLAIN, kind, type: 'file', what, properties };
}

function contents({ files }: Package, before: Package | undefined): string {
  const text = (all: readonly PackedFile[]) => `${all.length} file${all.length === 1 ? '' : 's'} of ${bytes(all.reduce((sum, { size }) => sum + size, 0))}`;
  return before ? `${text(before.files)} in ${before.version} -> ${text(files)}` : text(files);
}

function sizes(files: readonly PackedFile[]): Map<string, number> {
  return new Map(files.map(({ path, size }) => [path, size]));
}

/** As npm shows sizes. */
function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
