import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { githubRun } from '../../../src/runtime/ci/github/run';
import { localRun } from '../../../src/runtime/ci/local/local-services';
import { isInCi } from '../../../src/runtime/ci/open-ci';
import { checkVersion, ownRelease, Run } from '../../../src/runtime/ci/run';
import { ConfigurationError } from '../../../src/runtime/errors';
import { commitNamed, theOneNamed } from '../../../src/runtime/processes/git';

const GITHUB = {
  GITHUB_ACTIONS: 'true',
  GITHUB_RUN_ID: '16000000001',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_REF_TYPE: 'branch',
  GITHUB_ACTOR: 'octocat',
  GITHUB_SERVER_URL: 'https://github.example.com',
};

let root: string;
const readRun = (env: NodeJS.ProcessEnv, folder: string, nextRun: () => number): Run => (
  isInCi(env) ? githubRun(env) : localRun(env, folder, nextRun)
);

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'delivery-run-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' }).trim();
}

function commit(text: string): string {
  writeFileSync(join(root, 'file'), text);
  git('add', 'file');
  git('commit', '-qm', text);
  return git('rev-parse', 'HEAD');
}

describe("a run of GitHub's", () => {
  test('is read from what GitHub sets', () => {
    expect(readRun(GITHUB, root, () => 0)).toEqual({
      words: expect.objectContaining({ noun: 'run' }),
      inCi: true,
      id: 16000000001,
      attempt: 2,
      processId: expect.stringMatching(/^16000000001\.2\.[0-9a-f]{8}$/),
      sha: 'a'.repeat(40),
      ref: { type: 'branch', name: 'main' },
      actor: 'octocat',
      url: 'https://github.example.com/acme/shop/actions/runs/16000000001',
      deployed: false,
    });
  });

  test('may have released what it deploys, which is called so then', () => {
    const run = readRun({ ...GITHUB, DELIVERY_RELEASE: 'v1.2.3' }, root, () => 0);
    expect(ownRelease(run, root)).toEqual({ version: 'v1.2.3', sha: 'a'.repeat(40) });
    expect(ownRelease(readRun({ ...GITHUB, DELIVERY_RELEASE: '' }, root, () => 0), root).version).toBe('aaaaaaa');
    expect(() => ownRelease(readRun({ ...GITHUB, DELIVERY_RELEASE: 'v1\n::error::' }, root, () => 0), root)).toThrow(ConfigurationError);
  });

  test('may be of a tag', () => {
    expect(readRun({ ...GITHUB, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1' }, root, () => 0).ref).toEqual({ type: 'tag', name: 'v1' });
  });

  test.each([['success', true], ['failure', false], ['cancelled', false], ['', false]])('whose deploy job is "%s" has deployed: %s', (result, deployed) => {
    expect(readRun({ ...GITHUB, DELIVERY_DEPLOYED: result }, root, () => 0).deployed).toBe(deployed);
  });

  test('has its own process id each time, and the result of the deploy job', () => {
    expect(readRun(GITHUB, root, () => 0).processId).not.toBe(readRun(GITHUB, root, () => 0).processId);
    expect(['frozen', 'unchanged', 'confirming', 'whatever', ''].map((state) => readRun({ ...GITHUB, DELIVERY_STATE: state }, root, () => 0).outcome))
      .toEqual(['frozen', 'unchanged', 'confirming', undefined, undefined]);
  });

  test.each(['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT', 'GITHUB_SHA', 'GITHUB_REF_NAME', 'GITHUB_REPOSITORY'])('without %s is rejected by its name', (name) => {
    expect(() => readRun({ ...GITHUB, [name]: '' }, root, () => 0)).toThrow(new RegExp(`^${name} is not set`));
  });

  test.each(['x', '1.5', '-1', '0', 'NaN', '1e999'])('whose number is %s is rejected', (id) => {
    expect(() => readRun({ ...GITHUB, GITHUB_RUN_ID: id }, root, () => 0)).toThrow(ConfigurationError);
  });
});

describe('a run on a laptop', () => {
  test('is of HEAD and the current user, numbered by the ledger', () => {
    git('init', '-q');
    const sha = commit('one');
    expect(readRun({ USER: 'ada' }, root, () => 7)).toEqual({
      words: expect.objectContaining({ noun: 'command' }), inCi: false, id: 7, attempt: 1, processId: expect.stringMatching(/^7\.1\.\w+$/), sha, actor: 'ada', deployed: false,
    });
    expect(readRun({}, root, () => 0).actor).toBe(userInfo().username);
  });

  test('is not taken for a run in CI by what happens to be set', () => {
    git('init', '-q');
    commit('one');
    expect(readRun({ ...GITHUB, GITHUB_ACTIONS: undefined, CI: 'true' }, root, () => 0).inCi).toBe(false);
  });

  test.each([['outside of a repository', () => undefined], ['before the first commit', () => void git('init', '-q')]])('%s is rejected', (_, prepare) => {
    prepare();
    expect(() => readRun({}, root, () => 0)).toThrow(`git finds no commit in ${root}`);
  });
});

describe('the release a command is about', () => {
  const inCi = (over: Partial<Run> = {}): Run => ({ ...readRun(GITHUB, root, () => 0), ...over });

  test('is the tag of the run', () => {
    expect(ownRelease(inCi({ ref: { type: 'tag', name: 'v1.2.3' } }), root)).toEqual({ version: 'v1.2.3', sha: 'a'.repeat(40) });
  });

  test('is else the short sha', () => {
    expect(ownRelease(inCi(), root)).toEqual({ version: 'aaaaaaa', sha: 'a'.repeat(40) });
  });

  test.each([
    'v1.2.3', '3f2a91c', 'v1.2.3-rc.1+build.5', 'release/2026-11', '1_2', 'pkg@1.2.3', '@scope/pkg@1.2.3', 'x'.repeat(128),
  ])('may be called %s', (version) => expect(checkVersion(version)).toBe(version));

  test.each([
    '', '-v1', '.', '/x', 'v1 2', 'v1;id', '$(id)', 'v1\nx', 'v1\n', '::error::x', 'x'.repeat(129), '@', 'a@{b}', 'é', '`id`',
  ])('must not be called %j', (version) => {
    expect(() => checkVersion(version)).toThrow(ConfigurationError);
    expect(() => ownRelease(inCi({ ref: { type: 'tag', name: version } }), root)).toThrow(/is no name for a release\. Use letters/);
  });

  describe('on a laptop', () => {
    let first: string;
    let second: string;
    beforeEach(() => {
      git('init', '-q', '-b', 'main');
      first = commit('one');
      git('tag', '-am', 'a tag with a message', 'v1.0.0');
      second = commit('two');
    });
    const laptop = () => readRun({}, root, () => 0);

    test('is the commit of the requested tag, also of an annotated tag', () => {
      expect(commitNamed(root, 'v1.0.0')).toEqual({ version: 'v1.0.0', sha: first });
    });

    test('can be requested by its sha', () => {
      expect(commitNamed(root, first.slice(0, 7))?.sha).toBe(first);
    });

    test.each([['1.0.0', 'v1.0.0'], ['v3.0.0', '3.0.0'], ['pkg@v4.0.0', 'pkg@4.0.0']])('%s is the commit of the tag %s: a v is added or removed', (name, tag) => {
      if (tag !== 'v1.0.0') git('tag', tag, first);
      expect(commitNamed(root, name)).toEqual({ version: tag, sha: first });
    });

    test('is none, and never HEAD, where no such tag exists', () => {
      expect(commitNamed(root, 'v2.0.0')).toBeUndefined();
      expect(commitNamed(root, 'main2')).toBeUndefined();
    });

    test('is rejected where both spellings are tags of different commits, with both named', () => {
      git('tag', '1.0.0', second);
      for (const name of ['1.0.0', 'v1.0.0']) {
        expect(() => commitNamed(root, name)).toThrow(new RegExp(`--release ${name} may mean .*v1.0.0 \\(${first.slice(0, 7)}\\)`));
        expect(() => commitNamed(root, name)).toThrow(new RegExp(`1.0.0 \\(${second.slice(0, 7)}\\)`));
      }
      git('tag', '--force', '1.0.0', first);
      expect(commitNamed(root, '1.0.0')).toEqual({ version: '1.0.0', sha: first });
    });

    test('is the newest of those that the ledger knows by this name, unless both spellings are there on different commits', () => {
      const known = (version: string, sha: string) => ({ release: { version, sha } });
      expect(theOneNamed('1.0.0', [known('v1.0.0', first), known('v1.0.0', second)])).toEqual(known('v1.0.0', first));
      expect(theOneNamed('1.0.0', [known('v1.0.0', first), known('1.0.0', first)])).toEqual(known('1.0.0', first));
      expect(() => theOneNamed('1.0.0', [known('v1.0.0', first), known('1.0.0', second)])).toThrow('which are different commits');
    });

    test('is HEAD by its short sha by default', () => {
      expect(ownRelease(laptop(), root)).toEqual({ version: second.slice(0, 7), sha: second });
    });

    test('is the tag at HEAD where there is exactly one', () => {
      git('tag', 'v2.0.0');
      expect(ownRelease(laptop(), root)).toEqual({ version: 'v2.0.0', sha: second });
      git('tag', 'latest');
      expect(ownRelease(laptop(), root).version).toBe(second.slice(0, 7));
    });

    test('is never an option for git', () => {
      expect(commitNamed(root, '--version')).toBeUndefined();
    });
  });
});
