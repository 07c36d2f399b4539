import { posix } from 'node:path';
import { TarMember } from './tar-members';
import { safeLine } from '../reporting/untrusted-text';

/**
 * What speaks against unpacking these members into a repository's root, in words: a release's files
 * write nowhere but at its `paths`, independent of who made the tar. Undefined if none does.
 */
export function problemOf(members: readonly TarMember[], paths: readonly string[]): string | undefined {
  const places = paths.map(plain);
  const links = new Set(members.filter(({ type }) => type === 'symlink').map(({ name }) => plain(name)));
  for (const member of members) {
    const problem = memberProblem(member, places, links);
    if (problem !== undefined) return `holds ${safeLine(member.name, 80)}${problem}`;
  }
  const missing = places.find((place) => !members.some(({ name }) => isWithin(plain(name), place)));
  return missing === undefined ? undefined : `does not hold ${missing}`;
}

/** The members below a folder, with names relative to it. */
export function membersBelow(members: readonly TarMember[], folder: string): TarMember[] {
  const prefix = `${plain(folder)}/`;
  return members.flatMap((member) => (plain(member.name).startsWith(prefix) ? [{ ...member, name: plain(member.name).slice(prefix.length) }] : []));
}

function memberProblem({ name, type, target = '' }: TarMember, places: readonly string[], links: ReadonlySet<string>): string | undefined {
  const within = (path: string) => !isOutside(path) && places.some((place) => isWithin(plain(path), place));
  if (!within(name)) return `, which is outside of ${places.join(', ')}`;
  if (type === 'other') return ', which is neither file, folder nor link';
  if (ancestors(plain(name)).some((folder) => links.has(folder))) return ', whose folder is a link';
  if (type === 'hardlink' && !within(target)) return `, a link that leads out of it (${safeLine(target, 80)})`;
  if (type === 'symlink' && (posix.isAbsolute(target) || isOutside(posix.join(posix.dirname(plain(name)), target)))) {
    return `, a link that leads out of the repository (${safeLine(target, 80)})`;
  }
  return undefined;
}

function plain(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1');
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

/** Also `dist/../dist/a`, which would end inside: no honest tar holds it. */
function isOutside(path: string): boolean {
  return posix.isAbsolute(path) || path.split('/').includes('..');
}

function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}
