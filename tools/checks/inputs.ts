/** The inputs of each check: the files that can change how it ends. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Checkout } from './checkout';
import { names, Part, PARTS, SAMPLED_SUITES } from './parts';
import { NIGHTLY, PASSED } from './pass-table';
import { EVERYTHING, Room, ROOMS } from './rooms';

/** A part, or a suite that `exhaustive` runs. */
export interface Check {
  readonly name: string;
  readonly always: boolean;
  readonly nightly: boolean;
  readonly isSuite: boolean;
  /** A landing takes a part of it. */
  readonly isSampled: boolean;
  readonly inputs: readonly string[];
  /** The inputs that its rooms name, and its own file: all but those that are only imported. */
  readonly named: readonly string[];
  /** The hash of the inputs. */
  readonly hash: string;
}

type Kind = Pick<Check, 'always' | 'nightly' | 'isSuite' | 'isSampled'>;

/** No check reads them, and each run writes them. */
const RECORDS = [PASSED, NIGHTLY];
const SUITE = /^test\/.*\.ci\.ts$/;
const IMPORT = /(?:\bfrom|\bimport|\brequire\()\s*\(?'(\.{1,2}\/[^']*)'/g;

/** Returns every check of the checkout, in the order in which they begin. */
export function checksOf(checkout: Checkout): Check[] {
  const paths = [...checkout.files.keys()].filter((path) => !RECORDS.includes(path)).sort();
  const imports = new Imports(checkout);
  const seenBy = paths.map((path) => ({ path, patterns: roomsOf(path).flatMap(({ checks }) => checks) }));
  const check = (name: string, own: readonly string[], imported: readonly string[], about: Kind): Check => {
    const assigned = seenBy.filter(({ patterns }) => patterns.some((pattern) => names(pattern, name))).map(({ path }) => path);
    const inputs = [...new Set([...own, ...imported, ...assigned])].sort();
    // what selects everything is near to nothing
    const named = [...own, ...assigned.filter((path) => !roomsOf(path).includes(EVERYTHING))];
    return { name, inputs, named, hash: hashOf(inputs, checkout), ...about };
  };
  const suites = paths.filter((path) => SUITE.test(path));
  return [
    ...PARTS.map((part) => {
      const own = ownFiles(part, paths);
      const { always = false, nightly = false } = part;
      return check(part.name, own, own.flatMap((path) => imports.of(path)), { always, nightly, isSuite: false, isSampled: false });
    }),
    ...suites.filter((suite) => partOf(suite) === undefined).map((suite) => check(suite, [suite], [...imports.of(suite), ...beside(suite, paths)], {
      always: false, nightly: false, isSuite: true, isSampled: SAMPLED_SUITES.some((pattern) => names(pattern, suite)),
    })),
  ];
}

/** Returns the rooms of a file; one without a room selects everything. Suites and what they import need none: they select themselves. */
export function roomsOf(path: string): readonly Room[] {
  const rooms = ROOMS.filter(({ files }) => files.some((pattern) => names(pattern, path)));
  return rooms.length > 0 ? rooms : [EVERYTHING];
}

/** Returns the part that runs a suite itself. */
export function partOf(suite: string): Part | undefined {
  return PARTS.find(({ suites = [] }) => suites.some((pattern) => names(pattern, suite)));
}

function ownFiles(part: Part, paths: readonly string[]): string[] {
  return paths.filter((path) => path === `.ci/${part.name}` || (SUITE.test(path) && partOf(path) === part));
}

/** The files beside a suite that are not TypeScript: what it reads without an import, such as fixtures. */
function beside(suite: string, paths: readonly string[]): string[] {
  return paths.filter((path) => path.startsWith(`${dirname(suite)}/`) && !path.endsWith('.ts'));
}

function hashOf(inputs: readonly string[], { files }: Checkout): string {
  return createHash('sha256').update(inputs.map((path) => `${path} ${files.get(path)}\n`).join('')).digest('hex').slice(0, 16);
}

/** What files of test, tools and bench import, with what that imports. The rooms assign what src holds: a suite runs much of it as a process. */
class Imports {
  private readonly direct = new Map<string, readonly string[]>();

  constructor(private readonly checkout: Checkout) {}

  of(path: string): string[] {
    const found = new Set<string>();
    const visit = (file: string) => {
      if (found.has(file)) return;
      found.add(file);
      this.importedBy(file).forEach(visit);
    };
    visit(path);
    return [...found];
  }

  private importedBy(path: string): readonly string[] {
    if (!/\.(ts|cjs|mjs)$/.test(path)) return [];
    const known = this.direct.get(path);
    if (known) return known;
    const text = readFileSync(join(this.checkout.root, path), 'utf8');
    const imported = [...text.matchAll(IMPORT)].flatMap(([, to]) => this.resolve(normalize(join(dirname(path), to))));
    this.direct.set(path, imported);
    return imported;
  }

  private resolve(to: string): string[] {
    if (!/^(test|tools|bench)\//.test(to)) return [];
    // a program of its own: its files are found by path, not by import
    const folder = /^tools\/[^/]+\//.exec(to)?.[0];
    if (folder) return [...this.checkout.files.keys()].filter((path) => path.startsWith(folder));
    return [to, `${to}.ts`, `${to}.cjs`, `${to}/index.ts`].filter((path) => this.checkout.files.has(path)).slice(0, 1);
  }
}
