/** The decisions of the target, without git and GitHub. */
import { adoptedName, liveAt, LiveCommit, liveOf, messageOf, MoveSituation, moveStep, namesOf, obsolete } from '../../../src/engines/github-pages/runtime/github-pages-steps';
import { checkLimits } from '../../../src/engines/github-pages/runtime/pages-files';
import { fileChanges } from '../../../src/engines/published-files/runtime/file-changes';
import { PagesBuild, SiteCommit } from '../../../src/runtime/ci/pages';

const SHA = 'a'.repeat(40);
const [TREE, OTHER_TREE, HEAD, OLD] = ['1', '2', '3', '4'].map((digit) => digit.repeat(40)) as [string, string, string, string];
const DIGEST = 'd'.repeat(64);
const NAME = `${SHA}-${'d'.repeat(16)}`;
const RECORD = { version: 'v1', sha: SHA, digest: DIGEST };
const commit = (message: string, changes: Partial<SiteCommit> = {}): SiteCommit => ({ id: HEAD, tree: TREE, message, madeAt: 0, ...changes });

describe('the files of a site', () => {
  const sized = (...megabytes: number[]) => () => checkLimits(megabytes.map((size, i) => ({ path: `${i}.bin`, size: size * 1024 ** 2 })));

  it('have at most 100 MB each, and 1 GB in all', () => {
    expect(sized(100, ...Array.from({ length: 9 }, () => 100), 24)).not.toThrow();
    expect(sized(60, 101)).toThrow('holds 1.bin with 101 MB, and GitHub takes files of at most 100 MB');
    expect(sized(...Array.from({ length: 11 }, () => 95))).toThrow('has 1045 MB, and a site of GitHub Pages has at most 1 GB');
  });
});

describe('the commit of the branch', () => {
  it('names the release that the target published', () => {
    const live = liveAt(commit(messageOf(NAME, RECORD, TREE, OLD)));
    expect(live).toMatchObject({ name: NAME, record: { ...RECORD, name: NAME } });
    expect(liveOf(live, 'gh-pages')).toEqual({ kind: 'release', release: RECORD, engineId: NAME, shown: 'commit 3333333 of gh-pages' });
  });

  it.each<[string, SiteCommit]>([
    ['of a person', commit('docs: fix a word')],
    ['whose files someone changed', commit(messageOf(NAME, RECORD, TREE), { tree: OTHER_TREE })],
    ['of another name', commit(messageOf('main', RECORD, TREE))],
    ['whose name is of another commit', commit(messageOf(NAME, { ...RECORD, sha: 'b'.repeat(40) }, TREE))],
    ['with a version that is no version', commit(messageOf(NAME, { ...RECORD, version: 'v1\u202e' }, TREE))],
    ['without a version', commit(messageOf(NAME, undefined, TREE))],
  ])('is foreign: one %s', (_, given) => {
    expect(liveOf(liveAt(given), 'gh-pages')).toMatchObject({ kind: 'foreign', engineId: HEAD });
  });

  it('names what someone else made, once the target restored it', () => {
    expect(liveOf(liveAt(commit(messageOf(adoptedName(OLD), undefined, TREE, HEAD))), 'gh-pages')).toMatchObject({ kind: 'foreign', engineId: OLD });
  });

  it('may be missing', () => {
    expect(liveOf(undefined, 'gh-pages')).toMatchObject({ kind: 'foreign', engineId: '(none)' });
  });
});

it.each<[string, Parameters<typeof namesOf>[0], string[]]>([
  ['of its artifact', { version: 'v1', sha: SHA, artifact: { digest: DIGEST } }, [NAME]],
  ['of the engine', { version: 'v1', sha: SHA, engineId: NAME }, [NAME]],
  ['of a commit', { version: 'v1', sha: SHA, engineId: OLD }, [adoptedName(OLD)]],
  ['none: there was no site', { version: 'v1', sha: SHA, engineId: '(none)' }, []],
  ['any of its commit', { version: 'v1', sha: SHA }, [NAME]],
])('a release has the name %s', (_, release, names) => {
  expect(namesOf(release, [NAME, `${'b'.repeat(40)}-${'d'.repeat(16)}`])).toEqual(names);
});

const live: LiveCommit = { commit: commit(''), name: NAME };
const build = (commitId: string, status: PagesBuild['status'], madeAt = 0): PagesBuild => ({ commit: commitId, status, id: String(madeAt), madeAt });
const built = build(HEAD, 'built');
const failed = build(HEAD, 'failed');
const usual: MoveSituation = {
  live,
  wanted: NAME,
  from: { commit: OLD },
  isFenced: true,
  build: built,
  sinceMs: 0,
  requests: 0,
  sinceRequestMs: 0,
  buildBefore: undefined,
  leftMs: 600_000,
};

it.each<[string, Partial<MoveSituation>, ReturnType<typeof moveStep>]>([
  ['it is built', {}, 'done'],
  ['it is being built', { build: build(HEAD, 'inProgress') }, 'wait'],
  ['the newest build is of another commit', { build: build(OLD, 'built') }, 'wait'],
  ['no build begins', { build: undefined, sinceMs: 10_000 }, 'request'],
  ['a build was just requested', { build: undefined, sinceMs: 10_000, requests: 1 }, 'wait'],
  ['the build failed', { build: failed }, 'request'],
  ['it failed again and again', { build: failed, requests: 3 }, 'failed'],
  ['the requested build is not shown yet', { build: failed, buildBefore: failed, requests: 1, sinceRequestMs: 59_000 }, 'wait'],
  ['the last requested build is not shown yet', { build: failed, buildBefore: failed, requests: 3, sinceRequestMs: 59_000 }, 'wait'],
  ['the requested build is never shown', { build: failed, buildBefore: failed, requests: 1, sinceRequestMs: 60_000 }, 'request'],
  ['the last requested build is never shown', { build: failed, buildBefore: failed, requests: 3, sinceRequestMs: 60_000 }, 'failed'],
  ['the requested build failed, too', { build: build(HEAD, 'failed', 1), buildBefore: failed, requests: 1, sinceRequestMs: 9_000 }, 'wait'],
  ['the last requested build failed', { build: build(HEAD, 'failed', 1), buildBefore: failed, requests: 3, sinceRequestMs: 9_000 }, 'failed'],
  ['it failed in the same second', { build: { ...failed, id: 'next' }, buildBefore: failed, requests: 3, sinceRequestMs: 9_000 }, 'failed'],
  ['it failed, and no time is left for another request', { build: build(HEAD, 'failed', 1), buildBefore: failed, requests: 1, sinceRequestMs: 9_000, leftMs: 51_000 }, 'failed'],
  ['no build begins after a request', { build: undefined, sinceMs: 69_000, requests: 1, sinceRequestMs: 59_000 }, 'wait'],
  ['no build begins in a minute', { build: undefined, sinceMs: 70_000, requests: 1, sinceRequestMs: 60_000 }, 'request'],
  ['no build begins at all', { build: undefined, sinceMs: 600_000, requests: 3, sinceRequestMs: 480_000 }, 'wait'],
  ['another release is live', { wanted: 'other', from: { commit: HEAD } }, 'move'],
  ['someone else moved the branch', { wanted: 'other' }, 'elsewhere'],
  ['someone else moved it, and it is a rollback', { wanted: 'other', from: undefined }, 'move'],
  ['there is no branch', { live: undefined, from: { commit: undefined } }, 'move'],
  ['a push of a killed process may still come', { isFenced: false, from: undefined }, 'move'],
])('the next step where %s', (_, changes, step) => {
  expect(moveStep({ ...usual, ...changes })).toBe(step);
});

it('deletes the oldest releases, never one that is needed, and nothing of another name', () => {
  const name = (digit: string) => `${digit.repeat(40)}-${'d'.repeat(16)}`;
  const stored = new Map([...'1234'].map((digit) => [name(digit), commit('', { madeAt: Number(digit) })] as const));
  stored.set('mine', commit(''));
  expect(obsolete(stored, 2, new Set([name('1')]))).toEqual([name('2'), name('3')]);
  expect(obsolete(stored, 4, new Set())).toEqual([]);
});

it('a plan names removed files first', () => {
  const changes = fileChanges(new Map([['a', '1'], ['b', '1'], ['c', '1']]), new Map([['b', '1'], ['c', '2'], ['d', '1']]));
  expect(changes.map(({ kind, what }) => `${kind} ${what}`)).toEqual(['removed a', 'changed c', 'added d']);
});
