/** What we say of .gitignore and .gitattributes is what git says. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitattributes } from '../../src/files/gitattributes';
import { Gitignore } from '../../src/files/gitignore';
import { Random } from '../random';
import { temporaryFolder } from '../test-project';

const PATHS = ['.projen/delivery.cjs', '.projen/delivery-acme-api.json', '.github/workflows/deploy.yml', '.github/workflows/deploy_acme-api.yml', 'deploy.yml'];

/** What patterns are made of: most of them touch one of the paths. */
const PIECES = [
  '.projen', 'delivery', '.cjs', '.json', '.github', 'workflows', 'deploy', '.yml', '-acme-api', '_', '.', 'd', 'e', 'y',
  '/', '/', '/', '*', '*', '**', '**/', '/**', '***', '?', '[d]', '[a-f]', '[!a-c]', '[^.]', '[]d]', '[[:alpha:]]', '[[:punct:]p]', '[[:nope:]]', '[a-', '[.-0]',
  '[z-a]', '[\\d]', '[a\\-z]', '[--0]', '\\d', '\\*', '\\', ' ', '\\ ', '\t', '!', '#', '\\!', '\\#', '+', '(', '|', '$', '^', '{', 'ä', '[ä]',
];
/** As people write them. */
const USUAL = [
  '*', '*.cjs', '.*', '.projen', '.projen/', '/.projen/', '.projen/*', '/.projen/**', '**/.projen', '.projen/**/delivery.cjs', 'delivery*', '/delivery.cjs', '.github/',
  '.github/workflows', '**/workflows/*.yml', '/.github/**/deploy*', '!.projen', '!.projen/', '!/.projen/delivery.cjs', '!*.yml', '!/.github/workflows/deploy.yml', '# *', '',
  ' ', '/', '//', '!', '**', '/**', '*/', '*.yml ', '*.yml\\ ', '.projen/delivery.*\r', 'deploy.yml/', '[.]projen',
  // a question mark is any character but a slash
  '/.projen?delivery.cjs', '.github/workflows?deploy.yml', '.github?workflows/deploy.yml', '?projen/delivery?cjs',
];

function pattern(random: Random): string {
  if (random.chance(0.5)) return random.oneOf(USUAL);
  return Array.from({ length: 1 + random.below(5) }, () => random.oneOf(PIECES)).join('');
}

interface Case {
  /** Contents by folder. */
  readonly files: ReadonlyMap<string, string>;
}

function someCases(count: number, seed: number, line: (random: Random) => string): Case[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => ({
    files: new Map(['', '.projen', '.github', '.github/workflows'].filter((folder) => folder === '' || random.chance(0.15))
      .map((folder) => [folder, Array.from({ length: 1 + random.below(4) }, () => line(random)).join('\n')])),
  }));
}

/** Each case in a folder of its own, so that git is asked once. */
function runGit(cases: Case[], name: string, args: string[]): string[] {
  const root = temporaryFolder();
  execFileSync('git', ['init', '-q', root]);
  cases.forEach(({ files }, i) => {
    for (const [folder, text] of files) {
      const file = join(root, `case-${i}`, folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  });
  const input = cases.flatMap((_, i) => PATHS.map((path) => `case-${i}/${path}\0`)).join('');
  const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const output = execFileSync('git', ['-c', 'core.ignoreCase=false', ...args, '-z', '--stdin'], { cwd: root, input, env, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 1e9 });
  return output.split('\0').slice(0, -1);
}

function each<T>(fields: string[], size: number, of: (fields: string[]) => T): T[] {
  return Array.from({ length: fields.length / size }, (_, i) => of(fields.slice(size * i, size * (i + 1))));
}

test('of 400 random .gitignore files, nested ones among them, git ignores what we say', () => {
  const cases = someCases(400, 8, pattern);
  // the source, the line, the pattern and the path: a negated pattern is one that takes out
  const gits = each(runGit(cases, '.gitignore', ['check-ignore', '--no-index', '--verbose', '--non-matching']), 4, ([, , rule]) => rule !== '' && !rule.startsWith('!'));

  const ours = cases.flatMap(({ files }) => {
    const gitignore = new Gitignore((folder) => files.get(folder));
    return PATHS.map((path) => gitignore.ignoring(path) !== undefined);
  });

  const all = cases.flatMap(({ files }) => PATHS.map((path) => ({ path, files: [...files] })));
  expect(all.filter((_, i) => ours[i] !== gits[i])).toEqual([]);
  // neither result is rare
  expect(gits.filter((isIgnored) => isIgnored).length / gits.length).toBeGreaterThan(0.2);
  expect(gits.filter((isIgnored) => isIgnored).length / gits.length).toBeLessThan(0.8);
});

test('of 200 random .gitattributes files, git filters what we say', () => {
  const words = ['filter=lfs', 'filter', '-filter', '!filter', 'text', '-text', 'eol=crlf', 'filter=lfs -text', 'working-tree-encoding=UTF-16'];
  const cases = someCases(200, 9, (random) => {
    const glob = pattern(random);
    return `${random.chance(0.2) ? `"${glob.replace(/["\\]/g, '\\$&').replace('\r', '')}"` : glob} ${random.oneOf(words)}`;
  });
  const gits = each(runGit(cases, '.gitattributes', ['check-attr', 'filter', 'working-tree-encoding']), 3, ([, , value]) => (value === 'unspecified' ? undefined : value));

  const ours = cases.flatMap(({ files }) => PATHS.flatMap((path) => {
    const attributes = gitattributes(path, (folder) => files.get(folder));
    return [attributes.get('filter'), attributes.get('working-tree-encoding')];
  }));

  const all = cases.flatMap(({ files }) => PATHS.flatMap((path) => ['filter', 'encoding'].map((attribute) => ({ path, attribute, files: [...files] }))));
  expect(all.filter((_, i) => ours[i] !== gits[i])).toEqual([]);
  expect(gits.filter((value) => value !== undefined).length / gits.length).toBeGreaterThan(0.05);
});
