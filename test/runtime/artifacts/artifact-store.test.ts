import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync, chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync,
  readlinkSync, realpathSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactStore } from '../../../src/runtime/artifacts/artifact-store';
import { ArtifactError } from '../../../src/runtime/errors';
import { Artifact } from '../../../src/runtime/release';
import { Entry, entryOf, pax, tarOf } from '../tars';

let home: string;
let root: string;
let folder: string;
let store: ArtifactStore;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'delivery-artifacts-')));
  root = join(home, 'checkout');
  folder = join(home, 'artifacts');
  mkdirSync(root);
  mkdirSync(folder);
  store = new ArtifactStore(folder);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Puts bytes into the store under their own digest. */
function keep(bytes: Buffer): Artifact {
  const digest = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(folder, `${digest}.tar`), bytes);
  return { digest };
}

describe('an artifact', () => {
  test('is the same wherever and whenever it is made of the same files', async () => {
    write('dist/b.js', 'b');
    write('dist/a.js', 'a');
    write('package.json', '{}');
    const first = await store.pack({ paths: ['dist', 'package.json'] }, root);
    utimesSync(join(root, 'dist/a.js'), 1, 1);
    rmSync(join(root, 'dist/b.js'));
    write('dist/b.js', 'b');
    expect(await store.pack({ paths: ['dist', 'package.json'] }, root)).toEqual(first);
    expect(readdirSync(folder)).toEqual([`${first.digest}.tar`]);
  });

  test('has the bytes that the build job makes', async () => {
    write('dist/web/index.html', '<html>');
    write('dist/run.sh', '#!/bin/sh');
    chmodSync(join(root, 'dist/run.sh'), 0o755);
    const built = join(home, 'built.tar');
    execFileSync('tar', ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', built, '--', 'dist'], { cwd: root });
    expect((await store.pack({ paths: ['dist'] }, root)).digest).toBe(createHash('sha256').update(readFileSync(built)).digest('hex'));
  });

  test('has its files in the order of their names, in whatever order the disk has them', async () => {
    const names = Array.from({ length: 40 }, (_, i) => createHash('md5').update(String(i)).digest('hex'));
    names.forEach((name) => write(`dist/${name}`, ''));
    const { digest } = await store.pack({ paths: ['dist'] }, root);
    const listed = execFileSync('tar', ['-tf', join(folder, `${digest}.tar`)], { encoding: 'utf8' }).trim().split('\n');
    expect(listed).toEqual(['dist/', ...names.sort().map((name) => `dist/${name}`)]);
  });

  test('is another one when a byte, a name or a mode is', async () => {
    write('dist/a', 'a');
    const digests = [await store.pack({ paths: ['dist'] }, root)];
    write('dist/a', 'b');
    digests.push(await store.pack({ paths: ['dist'] }, root));
    chmodSync(join(root, 'dist/a'), 0o755);
    digests.push(await store.pack({ paths: ['dist'] }, root));
    write('dist/c', '');
    digests.push(await store.pack({ paths: ['dist'] }, root));
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(4);
  });

  test('of what is not there is rejected by its name, and leaves nothing behind', async () => {
    write('dist/a', 'a');
    await expect(store.pack({ paths: ['dist', 'lib'] }, root)).rejects.toThrow(/^lib does not exist/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('may be made in a folder that is not there yet', async () => {
    write('dist/a', 'a');
    const artifact = await new ArtifactStore(join(home, 'not', 'yet')).pack({ paths: ['dist'] }, root);
    expect(existsSync(join(home, 'not', 'yet', `${artifact.digest}.tar`))).toBe(true);
  });
});

describe('verifying an artifact', () => {
  test('finds it well', async () => {
    expect(await store.provide(keep(Buffer.from('anything')))).toBe(false);
  });

  test('says which file is missing', async () => {
    const digest = 'a'.repeat(64);
    await expect(store.provide({ digest, id: '77' })).rejects.toThrow(`are not on this machine: ${join(folder, `${digest}.tar`)} is missing`);
  });

  test('says what it found where it expected something else', async () => {
    const artifact = keep(Buffer.from('anything'));
    appendFileSync(join(folder, `${artifact.digest}.tar`), '!');
    const found = createHash('sha256').update('anything!').digest('hex');
    await expect(store.provide(artifact)).rejects.toThrow(`its sha256 is ${found}, expected ${artifact.digest}`);
  });

  test.each(['../../etc/passwd', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}/../x`, ''])('never looks for a file by the digest %j', async (digest) => {
    await expect(store.provide({ digest })).rejects.toThrow('is no SHA-256');
  });
});

describe('placing an artifact', () => {
  test('restores the files, with modes and links', async () => {
    write('dist/web/index.html', 'v1');
    write('dist/run.sh', '#!/bin/sh');
    chmodSync(join(root, 'dist/run.sh'), 0o755);
    symlinkSync('web/index.html', join(root, 'dist/index'));
    write('package.json', '{"version":"1"}');
    const artifact = await store.pack({ paths: ['dist', 'package.json'] }, root);
    rmSync(join(root, 'dist'), { recursive: true });
    await store.place(artifact, ['dist', 'package.json'], root);
    expect(read('dist/index')).toBe('v1');
    expect(readlinkSync(join(root, 'dist/index'))).toBe('web/index.html');
    expect(lstatSync(join(root, 'dist/run.sh')).mode.toString(8)).toBe('100755');
    expect(read('package.json')).toBe('{"version":"1"}');
  });

  test('leaves nothing of what was there before, and everything beside it', async () => {
    write('dist/a', 'v1');
    const artifact = await store.pack({ paths: ['dist'] }, root);
    write('dist/a', 'v2');
    write('dist/only-in-v2', 'v2');
    write('src/a', 'source');
    await store.place(artifact, ['dist'], root);
    expect(readdirSync(join(root, 'dist'))).toEqual(['a']);
    expect(read('dist/a')).toBe('v1');
    expect(readdirSync(root).sort()).toEqual(['dist', 'src']);
  });

  test('gives the files the time of now: tools refuse those of 1970', async () => {
    write('dist/a', 'v1');
    const artifact = await store.pack({ paths: ['dist'] }, root);
    await store.place(artifact, ['dist'], root);
    expect(statSync(join(root, 'dist/a')).mtimeMs).toBeGreaterThan(Date.parse('2000-01-01'));
  });

  test('makes the folders above it', async () => {
    write('packages/shop/dist/a', 'v1');
    const artifact = await store.pack({ paths: ['packages/shop/dist'] }, root);
    rmSync(join(root, 'packages'), { recursive: true });
    await store.place(artifact, ['packages/shop/dist'], root);
    expect(read('packages/shop/dist/a')).toBe('v1');
  });

  test('works for a path within another one', async () => {
    write('dist/web/a', 'v1');
    const artifact = await store.pack({ paths: ['dist', 'dist/web'] }, root);
    write('dist/web/a', 'v2');
    await store.place(artifact, ['dist', 'dist/web'], root);
    expect(read('dist/web/a')).toBe('v1');
  });

  test('works for names that tar writes in its long form, and for odd ones', async () => {
    const long = `dist/${'long-name-'.repeat(20)}/${'x'.repeat(200)}`;
    const odd = 'dist/a -> b link to "c" \n é 日本';
    write(long, 'long');
    write(odd, 'odd');
    symlinkSync(`${'long-name-'.repeat(20)}/${'x'.repeat(200)}`, join(root, 'dist/link'));
    const artifact = await store.pack({ paths: ['dist'] }, root);
    rmSync(join(root, 'dist'), { recursive: true });
    await store.place(artifact, ['dist'], root);
    expect(read(long)).toBe('long');
    expect(read(odd)).toBe('odd');
    expect(read('dist/link')).toBe('long');
  });

  test.each([['pax', 150], ['ustar', 90], ['v7', 30], ['gnu', 150]])('understands the format %s', async (format, length) => {
    const long = `dist/${'d'.repeat(60)}/${'f'.repeat(length)}`;
    write(long, 'v1');
    write('dist/a b', 'v1');
    execFileSync('tar', [`--format=${format}`, '-cf', join(home, 'x.tar'), '--', 'dist'], { cwd: root });
    const artifact = keep(readFileSync(join(home, 'x.tar')));
    rmSync(join(root, 'dist'), { recursive: true });
    await store.place(artifact, ['dist'], root);
    expect(read('dist/a b')).toBe('v1');
    expect(read(long)).toBe('v1');
  });

  test('replaces a link that stands in its place, not what the link leads to', async () => {
    write('dist/a', 'v1');
    const artifact = await store.pack({ paths: ['dist'] }, root);
    rmSync(join(root, 'dist'), { recursive: true });
    mkdirSync(join(home, 'elsewhere'));
    writeFileSync(join(home, 'elsewhere', 'mine'), 'mine');
    symlinkSync(join(home, 'elsewhere'), join(root, 'dist'));
    await store.place(artifact, ['dist'], root);
    expect(readdirSync(join(home, 'elsewhere'))).toEqual(['mine']);
    expect(lstatSync(join(root, 'dist')).isDirectory()).toBe(true);
  });

  test('is rejected where its folder is a link out of the repository', async () => {
    write('packages/dist/a', 'v1');
    const artifact = await store.pack({ paths: ['packages/dist'] }, root);
    rmSync(join(root, 'packages'), { recursive: true });
    mkdirSync(join(home, 'elsewhere', 'dist'), { recursive: true });
    symlinkSync(join(home, 'elsewhere'), join(root, 'packages'));
    await expect(store.place(artifact, ['packages/dist'], root)).rejects.toThrow('leads out of the repository');
    expect(readdirSync(join(home, 'elsewhere', 'dist'))).toEqual([]);
  });

  test('touches nothing where the bytes are not those that were verified', async () => {
    write('dist/a', 'v1');
    const artifact = await store.pack({ paths: ['dist'] }, root);
    write('dist/a', 'v2');
    appendFileSync(join(folder, `${artifact.digest}.tar`), Buffer.alloc(512));
    await expect(store.place(artifact, ['dist'], root)).rejects.toThrow(ArtifactError);
    expect(read('dist/a')).toBe('v2');
  });
});

describe('an artifact that would write elsewhere', () => {
  const inDist: Entry = { name: 'dist/a', content: 'new' };
  const longName = (name: string): Entry[] => [{ name: '././@LongLink', type: 'L', content: `${name}\0` }, inDist];
  const paxName = (name: string): Entry[] => [{ name: 'PaxHeader', type: 'x', content: pax('path', name) }, inDist];

  const paxSize = (size: number): Entry[] => [{ name: 'PaxHeader', type: 'x', content: pax('size', String(size)) }];

  test.each<[string, Entry[], string]>([
    ['by an absolute name', [inDist, { name: '/etc/cron.d/x', content: 'x' }], 'outside of dist'],
    ['by going up', [inDist, { name: 'dist/../../x', content: 'x' }], 'outside of dist'],
    ['by going up and coming back', [inDist, { name: 'dist/../dist/x', content: 'x' }], 'outside of dist'],
    ['beside its paths', [inDist, { name: 'package.json', content: '{}' }], 'outside of dist'],
    ['to a name that only begins like its path', [inDist, { name: 'dist2/a', content: 'x' }], 'outside of dist'],
    ['as the root itself', [inDist, { name: './', type: '5' }], 'outside of dist'],
    ['by a link out', [inDist, { name: 'dist/out', type: '2', target: '../../secret' }], 'leads out'],
    ['by an absolute link', [inDist, { name: 'dist/out', type: '2', target: '/etc/passwd' }], 'leads out'],
    ['by a link out in a folder with a space', [inDist, { name: 'dist/a b/c/out', type: '2', target: '../../../../x' }], 'leads out'],
    ['by a hard link out', [inDist, { name: 'dist/out', type: '1', target: '/etc/passwd' }], 'leads out'],
    ['by a hard link to what is beside its paths', [inDist, { name: 'dist/out', type: '1', target: 'package.json' }], 'leads out'],
    ['through a link', [{ name: 'dist/here', type: '2', target: '../src' }, { name: 'dist/here/a', content: 'x' }], 'whose folder is a link'],
    ['through a link that comes later', [{ name: 'dist/here/a', content: 'x' }, { name: 'dist/here', type: '2', target: '../src' }], 'whose folder is a link'],
    ['as a device', [inDist, { name: 'dist/null', type: '3' }], 'neither file, folder nor link'],
    ['as a pipe', [inDist, { name: 'dist/pipe', type: '6' }], 'neither file, folder nor link'],
    ['by a long name', longName('../x'), 'outside of dist'],
    ['by a long link', [{ name: '././@LongLink', type: 'K', content: `../..${'/x'.repeat(60)}\0` }, { name: 'dist/out', type: '2', target: 'x' }], 'leads out'],
    ['after a long name', [...longName('dist/fine'), { name: '../x', content: 'x' }], 'outside of dist'],
    ['by a pax name', paxName('../x'), 'outside of dist'],
    ['inside of a file that a pax header calls empty', [...paxSize(0), { ...inDist, content: String(entryOf({ name: '../x' })) }], 'outside of dist'],
    ['after a file that a pax header calls longer', [...paxSize(512), { ...inDist, content: '' }, { name: 'dist/hidden' }, { name: '../x' }], 'outside of dist'],
    ['by a name for all its files', [{ name: 'pax', type: 'g', content: pax('path', '../x') }, inDist], 'names all its files at once'],
    ['behind its end', [inDist], 'outside of dist'],
  ])('%s is refused, and nothing is touched', async (how, entries, message) => {
    write('dist/a', 'old');
    const tail = how === 'behind its end' ? tarOf([{ name: '../x', content: 'x' }]) : Buffer.alloc(0);
    const artifact = keep(Buffer.concat([tarOf(entries), tail]));
    const error = await store.place(artifact, ['dist'], root).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ArtifactError);
    expect(String(error)).toContain(message);
    expect(read('dist/a')).toBe('old');
    expect(readdirSync(root)).toEqual(['dist']);
    expect(readdirSync(home).sort()).toEqual(['artifacts', 'checkout']);
  });

  test('may have links within the repository', async () => {
    write('src/a', 'source');
    const artifact = keep(tarOf([inDist, { name: 'dist/source', type: '2', target: '../src/a' }, { name: 'dist/same', type: '1', target: 'dist/a' }, { name: 'dist/..odd', content: 'x' }]));
    await store.place(artifact, ['dist'], root);
    expect(read('dist/source')).toBe('source');
    expect(read('dist/same')).toBe('new');
    expect(read('dist/..odd')).toBe('x');
  });

  test('says so in one line that forges nothing', async () => {
    const artifact = keep(tarOf([inDist, { name: 'x\n::error::forged\u001b[2J', content: 'x' }]));
    const error = await store.place(artifact, ['dist'], root).catch((e: Error) => e);
    expect((error as Error).message).not.toMatch(/[\n\u001b]/); // eslint-disable-line no-control-regex -- control characters are what this is about
  });
});

describe('an artifact that is not whole', () => {
  const whole = tarOf([{ name: 'dist/a', content: 'x'.repeat(2000) }]);

  test.each<[string, Buffer, string]>([
    ['no tar', Buffer.alloc(2048, 'x'), 'it is no tar'],
    ['cut off', whole.subarray(0, 1024), 'ends in the middle of a file'],
    ['damaged', Buffer.concat([Buffer.from('X'), whole.subarray(1)]), 'it is no tar, or it is damaged'],
    ['empty', Buffer.alloc(1024), 'does not hold dist'],
    ['without one of its paths', tarOf([{ name: 'other/a', content: 'x' }]), 'does not hold dist'],
    ['with an endless name', Buffer.concat([entryOf({ name: 'L', type: 'L', content: 'x'.repeat(2 * 1024 * 1024) }), whole]), 'endless name'],
    ['with a damaged pax header', tarOf([{ name: 'x', type: 'x', content: '999 path=a\n' }]), 'damaged pax header'],
  ])('(%s) is refused, and nothing is touched', async (_, bytes, message) => {
    write('dist/a', 'old');
    await expect(store.place(keep(bytes), ['dist', 'other'], root)).rejects.toThrow(message);
    expect(read('dist/a')).toBe('old');
    expect(readdirSync(root)).toEqual(['dist']);
  });
});
