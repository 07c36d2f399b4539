import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manifest } from '../../../src/contract/manifest';
import { Checkout } from '../../../tools/rehearsal/checkout';
import { git, Project } from '../../../tools/rehearsal/project';

const MANIFEST = { environments: [], schema: 1 } as unknown as Manifest;

let root: string;
let folder: string;
let project: Project;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'delivery-checkout-'));
  folder = join(root, 'rehearsal', 'repository');
  const checkout = join(root, 'checkout');
  for (const name of ['.projen', '.github/workflows', 'node_modules/tool']) mkdirSync(join(checkout, name), { recursive: true });
  write('.projen/delivery.json', JSON.stringify({ environments: [] }));
  write('.projen/delivery.cjs', '// the runtime');
  write('.gitignore', 'node_modules\n');
  write('page.html', 'first');
  git(checkout, 'init', '--quiet', '--initial-branch=main');
  commit('first');
  write('page.html', 'second');
  write('second.html', '');
  commit('second');
  git(checkout, 'tag', 'v1.0.1');
  project = new Project(checkout);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the release before is the last commit, and the rehearsed one is what the work tree holds', () => {
  write('page.html', 'not committed');
  write('new.html', '');
  const checkout = Checkout.copy(project, folder);
  expect([contentOf(checkout.commit('before', MANIFEST, 'release 1')), read('page.html'), existsSync(join(folder, 'new.html'))]).toEqual([true, 'second', false]);
  checkout.commit('checkout', MANIFEST, 'release 2');
  expect([read('page.html'), existsSync(join(folder, 'new.html'))]).toEqual(['not committed', true]);
});

test('another commit can be the release before: files that it lacks are not there', () => {
  Checkout.copy(project, folder, 'HEAD~1').commit('before', MANIFEST, 'release 1');
  expect([read('page.html'), existsSync(join(folder, 'second.html'))]).toEqual(['first', false]);
});

test('the checkout is not changed: no commit, no file, nothing staged', () => {
  write('page.html', 'not committed');
  const before = [git(project.root, 'status', '--porcelain'), git(project.root, 'log', '--all', '--format=%H'), git(project.root, 'count-objects')];
  Checkout.copy(project, folder).commit('checkout', MANIFEST, 'release 1');
  expect([git(project.root, 'status', '--porcelain'), git(project.root, 'log', '--all', '--format=%H'), git(project.root, 'count-objects')]).toEqual(before);
  expect(git(folder, 'remote')).toBe('');
});

test('what git ignores is no part of the release; jobs get a link to what is installed', () => {
  const checkout = Checkout.copy(project, folder);
  checkout.commit('checkout', MANIFEST, 'release 1');
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);
  const workspace = join(root, 'work');
  mkdirSync(workspace);
  checkout.linkInstalled(workspace);
  expect(existsSync(join(workspace, 'node_modules/tool'))).toBe(true);
});

test('a release has the manifest of the rehearsal, and the runtime of the checkout', () => {
  Checkout.copy(project, folder, 'HEAD~1').commit('before', { ...MANIFEST, schema: 7 }, 'release 1');
  expect(JSON.parse(git(folder, 'show', 'HEAD:.projen/delivery.json'))).toMatchObject({ schema: 7 });
  expect(git(folder, 'show', 'HEAD:.projen/delivery.cjs')).toBe('// the runtime');
});

test('tags of the checkout are taken', () => {
  const checkout = Checkout.copy(project, folder);
  expect([checkout.hasTag('v1.0.1'), checkout.hasTag('v1.0.2')]).toEqual([true, false]);
});

test('an unknown commit is rejected with an example', () => {
  expect(() => Checkout.copy(project, folder, 'nowhere')).toThrow('--before nowhere: git knows no such commit. Name a commit or tag of this repository, for example --before HEAD~1');
});

/** Whether it is a commit of the rehearsal's repository. */
function contentOf(sha: string): boolean {
  return git(folder, 'rev-parse', 'HEAD') === sha;
}

function write(path: string, text: string): void {
  writeFileSync(join(root, 'checkout', path), text);
}

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

function commit(message: string): void {
  git(join(root, 'checkout'), 'add', '--all');
  git(join(root, 'checkout'), 'commit', '--quiet', '--message', message);
}
