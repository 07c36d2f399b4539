/** The users of .ci/targets/npm and .ci/targets/registry: what makes a download of theirs fail. */
import { createHash } from 'node:crypto';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

interface Download {
  readonly status?: number;
  readonly version?: string;
  readonly failure?: string;
}
type Downloading = (...args: string[]) => Promise<Download>;
// eslint-disable-next-line @typescript-eslint/no-require-imports
const users = require('../../../.ci/targets/package-users.cjs') as Readonly<Record<'npm' | 'pypi' | 'go' | 'maven', Downloading>>;

const digest = (algorithm: string, encoding: 'hex' | 'base64', text: string) => createHash(algorithm).update(text).digest(encoding);

let server: Server;
let address: string;
/** What the registry serves, by path. */
let files: Record<string, string>;

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    const found = files[url!];
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => { server.closeAllConnections(); server.close(); });

interface RegistryKind {
  readonly version: string;
  /** The path of what a tool compares with a hash. */
  readonly artifact: string;
  files(): Record<string, string>;
  download(): Promise<Download>;
}

/** A registry of each kind, where 1.10.0 is the newest version. */
const KINDS: Readonly<Record<string, RegistryKind>> = {
  npm: {
    files: () => ({
      '/@acme%2fshop': JSON.stringify({
        'dist-tags': { latest: '1.10.0', next: '2.0.0' },
        'versions': { '1.10.0': { dist: { tarball: `${address}/shop.tgz`, integrity: `sha512-${digest('sha512', 'base64', 'the tarball')}` } } },
      }),
      '/shop.tgz': 'the tarball',
    }),
    download: () => users.npm(`${address}/`, '@acme/shop'),
    version: '1.10.0',
    artifact: '/shop.tgz',
  },
  pypi: {
    files: () => ({
      '/simple/shop/': ['1.9.0', '1.10.0'].map((version) => `<a href="/files/shop-${version}.whl#sha256=${digest('sha256', 'hex', version)}">shop-${version}-any.whl</a>`).join('<br>'),
      '/files/shop-1.10.0.whl': '1.10.0',
    }),
    download: () => users.pypi(`${address}/simple/`, 'shop'),
    version: '1.10.0',
    artifact: '/files/shop-1.10.0.whl',
  },
  go: {
    files: () => ({
      '/!acme/shop/@v/list': 'v1.9.0\nv1.10.0\nv1.11.0-beta.0\n', '/!acme/shop/@v/v1.10.0.info': '{}', '/!acme/shop/@v/v1.10.0.mod': 'module', '/!acme/shop/@v/v1.10.0.zip': 'files PK\u0005\u0006 of a zip',
    }),
    download: () => users.go(address, 'Acme/shop'),
    version: 'v1.10.0',
    artifact: '/!acme/shop/@v/v1.10.0.zip',
  },
  maven: {
    files: () => ({
      '/com/acme/shop/maven-metadata.xml': '<versions><version>1.9.0</version><version>1.10.0</version></versions>',
      ...Object.fromEntries(['pom', 'jar'].flatMap((extension) => [
        [`/com/acme/shop/1.10.0/shop-1.10.0.${extension}`, extension], [`/com/acme/shop/1.10.0/shop-1.10.0.${extension}.sha1`, digest('sha1', 'hex', extension)],
      ])),
    }),
    download: () => users.maven(`${address}/`, 'com.acme', 'shop'),
    version: '1.10.0',
    artifact: '/com/acme/shop/1.10.0/shop-1.10.0.jar',
  },
};

describe.each(Object.entries(KINDS))('%s', (_name, { artifact, download, files: served, version }) => {
  beforeEach(() => { files = served(); });

  test('gets the newest version', async () => {
    await expect(download()).resolves.toMatchObject({ status: 200, version });
  });

  test('fails where one of its files is not there yet', async () => {
    for (const path of Object.keys(files)) {
      const { [path]: _, ...others } = served();
      files = others;
      expect(await download()).toEqual({ failure: `404 for ${address}${path}` });
    }
  });

  test('fails where the bytes are others', async () => {
    files[artifact] = 'other bytes';
    expect(await download()).toEqual({ failure: expect.stringMatching(/ is .*, not |has no end/) as string });
  });
});

test('npm: a tag that leads to a version that is not there', async () => {
  files = { '/shop': JSON.stringify({ 'dist-tags': { latest: '1.2.0' }, 'versions': {} }) };
  await expect(users.npm(`${address}/`, 'shop')).resolves.toEqual({ failure: 'latest leads to 1.2.0, which is not there' });
});

test('pypi: a version that is yanked is no longer the newest', async () => {
  const file = (version: string, yanked: boolean) => ({ filename: `shop-${version}-any.whl`, url: `/files/${version}`, hashes: { sha256: digest('sha256', 'hex', version) }, yanked });
  files = { '/simple/shop/': JSON.stringify({ files: [file('1.0.0', false), file('1.1.0', true)] }), '/files/1.0.0': '1.0.0' };
  await expect(users.pypi(`${address}/simple/`, 'shop')).resolves.toMatchObject({ status: 200, version: '1.0.0' });
});

test('nothing responds', async () => {
  await expect(users.npm('http://127.0.0.1:1/', 'shop')).resolves.toEqual({ failure: expect.stringContaining('ECONNREFUSED') as string });
});
