import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrigin } from '../../../../../src/runtime/ci/github/dispatch/origin';
import { ConfigurationError } from '../../../../../src/runtime/errors';

const ENV = { PATH: process.env.PATH, HOME: '/nonexistent' };

describe('The repository of a project', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'delivery-origin-'));
    execFileSync('git', ['init', '-q'], { cwd: root, env: ENV });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function origin(url: string, env: NodeJS.ProcessEnv = {}) {
    execFileSync('git', ['remote', 'add', 'origin', url], { cwd: root, env: ENV });
    return findOrigin({ ...ENV, ...env }, root);
  }

  function rejection(find: () => unknown): string {
    try {
      find();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      return (error as Error).message;
    }
    throw new Error('not refused');
  }

  it.each([
    'https://github.com/acme/shop.git', 'https://github.com/acme/shop', 'https://github.com/acme/shop/', 'https://ada:s3cret@github.com/acme/shop.git',
    'https://www.github.com/acme/shop', 'git@github.com:acme/shop.git', 'git@github.com:/acme/shop', 'github.com:acme/shop.git', 'ssh://git@github.com/acme/shop.git',
    'ssh://git@ssh.github.com:443/acme/shop.git', 'git://github.com/acme/shop.git', 'GIT@GitHub.com:acme/shop.git',
  ])('is found by its remote %s', (url) => {
    expect(origin(url)).toEqual({ repository: 'acme/shop', host: 'github.com', apiUrl: 'https://api.github.com', webUrl: 'https://github.com' });
  });

  it.each([
    ['https://git.example.com/acme/shop.git', 'https://git.example.com/api/v3', 'https://git.example.com'],
    ['https://git.example.com:8443/acme/shop.git', 'https://git.example.com:8443/api/v3', 'https://git.example.com:8443'],
    ['ssh://git@git.example.com:7999/acme/shop.git', 'https://git.example.com/api/v3', 'https://git.example.com'],
    ['git@git.example.com:acme/shop.git', 'https://git.example.com/api/v3', 'https://git.example.com'],
    // no token is ever sent in the clear
    ['http://git.example.com/acme/shop.git', 'https://git.example.com/api/v3', 'https://git.example.com'],
    ['git@acme.ghe.com:acme/shop.git', 'https://api.acme.ghe.com', 'https://acme.ghe.com'],
  ])('may be on an enterprise server: %s', (url, apiUrl, webUrl) => {
    expect(origin(url)).toEqual({ repository: 'acme/shop', host: new URL(webUrl).hostname, apiUrl, webUrl });
  });

  it('is what GITHUB_REPOSITORY and GITHUB_API_URL say, where they are set', () => {
    expect(findOrigin({ ...ENV, GITHUB_REPOSITORY: 'acme/shop', GITHUB_API_URL: 'http://127.0.0.1:1' }, root))
      .toMatchObject({ repository: 'acme/shop', apiUrl: 'http://127.0.0.1:1' });
    expect(findOrigin({ ...ENV, GITHUB_REPOSITORY: 'acme/shop' }, root)).toMatchObject({ repository: 'acme/shop', apiUrl: 'https://api.github.com' });
    expect(origin('git@git.example.com:other/one.git', { GITHUB_REPOSITORY: 'acme/shop' }))
      .toMatchObject({ repository: 'acme/shop', apiUrl: 'https://git.example.com/api/v3' });
  });

  it('is requested without a git remote', () => {
    expect(rejection(() => findOrigin(ENV, root))).toBe(
      `git knows no remote called origin in ${root}, so the repository on GitHub cannot be found. Add it (git remote add origin <url>), `
      + 'or set GITHUB_REPOSITORY=owner/name (and GITHUB_API_URL, where it is not on github.com).',
    );
  });

  it.each(['/srv/git/shop.git', '../shop', 'file:///srv/git/shop.git', 'git@work:acme/shop.git', 'https://github.com/acme', 'https://dev.azure.com/acme/shop/_git/shop'])(
    'is asked for where the remote is %s', (url) => {
      expect(rejection(() => origin(url))).toContain(`the remote origin (${url}) is no repository on a GitHub server`);
    },
  );

  it('is requested without printing the secrets in the remote', () => {
    const message = rejection(() => origin('https://ada:s3cret@git.example.com/'));
    expect(message).toContain('(https://git.example.com/)');
    expect(message).not.toContain('s3cret');
  });

  it('must be named well where it is named', () => {
    expect(rejection(() => findOrigin({ ...ENV, GITHUB_REPOSITORY: 'shop' }, root))).toBe("GITHUB_REPOSITORY is 'shop'. It must be owner/name.");
    expect(rejection(() => findOrigin({ ...ENV, GITHUB_API_URL: 'api.github.com' }, root))).toContain('GITHUB_API_URL is no URL');
  });
});
