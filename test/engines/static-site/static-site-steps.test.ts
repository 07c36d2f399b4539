import { DistributionConfig, originOf, withOriginPath } from '../../../src/engines/static-site/runtime/distribution-origin';
import { fits, headersOf, isImmutable } from '../../../src/engines/static-site/runtime/site-headers';
import { headerClasses } from '../../../src/engines/static-site/runtime/site-upload';
import { nameAt, obsolete, pointerStep, recordIn, uploadStep } from '../../../src/engines/static-site/runtime/static-site-steps';
import { installAwsCli, isAtLeast, LEAST_AWS_CLI, LEAST_FOR_CHANGE_SETS, LEAST_FOR_ECS_STRATEGIES, LEAST_FOR_UPLOADS } from '../../../src/runtime/aws/aws-cli-versions';

const SHA = 'a'.repeat(40);
const NAME = `${SHA}-${'b'.repeat(16)}`;

describe('headers', () => {
  it.each([
    'assets/index-BfS3d9aK.js', 'assets/index-DiwrgTda.css', 'main.3f2a91c4.js', 'main.3f2a91c4.js.map', 'app-3f2a91c4d5e6f708192a.css', 'main-5XQ7FQ2A.js',
    'style.min.5f2b0c9e1d.css', '_next/static/chunks/pages/index.js', '_astro/page.js', '_app/immutable/start.js', 'logo.a1b2c3d4e5.svg',
  ])('%s never changes', (path) => expect(isImmutable(path)).toBe(true));

  it.each([
    'index.html', 'about-3f2a91c4.html', 'app.js', 'jquery-3.7.1.min.js', 'photo-20260115.jpg', 'annual-document.js', 'assets/index-Database.js', 'users-database.js',
    'report-2026final.pdf', 'service-worker.js', 'manifest.webmanifest', '_nuxt/builds/latest.json', 'data-3f2a91c4.json', 'sitemap.xml', 'my-component.js', 'en-US.js',
    'release-2026-01-15.js',
  ])('%s may change', (path) => expect(isImmutable(path)).toBe(false));

  it('come from the first rule that fits and names them, else from the name', () => {
    const rules = [{ files: '*.pdf', cacheControl: 'max-age=60' }, { files: 'docs/**', cacheControl: 'max-age=5', contentType: 'text/x' }];
    expect(headersOf('docs/a/b.pdf', rules)).toEqual({ cacheControl: 'max-age=60', contentType: 'text/x' });
    expect(headersOf('a.pdf', rules)).toEqual({ cacheControl: 'max-age=60', contentType: 'application/pdf' });
    expect(headersOf('a.webp', [])).toEqual({ cacheControl: 'no-cache', contentType: 'image/webp' });
    expect(headersOf('.well-known/apple-app-site-association', []).contentType).toBe('application/json');
    expect(headersOf('LICENSE', []).contentType).toBe('application/octet-stream');
  });

  it.each([
    ['*.pdf', 'a/b.pdf', true], ['img/*', 'img/a.png', true], ['img/*', 'img/a/b.png', false], ['img/**', 'img/a/b.png', true], ['**/x.js', 'x.js', true],
    ['a+(b).js', 'a+(b).js', true], ['a.js', 'aXjs', false],
  ])('%s and %s: %s', (pattern, path, expected) => expect(fits(pattern, path)).toBe(expected));

  it('need one process for all files with the same ones', () => {
    const paths = Array.from({ length: 2_000 }, (_, i) => `pages/${i}.${['html', 'css', 'svg', 'txt'][i % 4]}`);
    expect(headerClasses(paths, []).map(({ paths: some }) => some.length)).toEqual([500, 500, 500, 500]);
  });
});

describe('the next step', () => {
  const file = (path: string, md5 = '0'.repeat(32)) => ({ path, size: 1, md5 });
  const stored = (path: string, etag = '0'.repeat(32), size = 1) => ({ key: `r/${path}`, size, etag: `"${etag}"` });

  it('uploads what is missing, of another size, or of other content', () => {
    const files = ['a', 'b', 'c', 'd'].map((path) => file(path));
    const next = uploadStep(files, [stored('a'), stored('b', undefined, 2), stored('c', '1'.repeat(32))], 'r/');
    expect(next).toEqual({ step: 'upload', files: files.slice(1) });
  });

  it('is none if all is there; an ETag of parts, or of a bucket that is encrypted with a key, says nothing', () => {
    expect(uploadStep([file('a'), file('b')], [stored('a'), stored('b', `${'1'.repeat(32)}-2`)], 'r/')).toEqual({ step: 'done' });
    expect(uploadStep([file('a')], [stored('a', '1'.repeat(32))], 'r/')).toEqual({ step: 'done' });
  });

  it('fails where someone else put a file', () => {
    expect(uploadStep([file('a')], [stored('a'), stored('x')], 'r/')).toMatchObject({ step: 'fail', why: expect.stringContaining('holds x, which the release does not have') });
  });

  it('of the pointer gives way to someone else, except in a rollback', () => {
    const at = (path: string, isInEffect = true) => ({ path, isInEffect });
    expect(pointerStep(at('/a'), '/b', '/a')).toBe('move');
    expect(pointerStep(at('/b', false), '/b', '/a')).toBe('wait');
    expect(pointerStep(at('/b'), '/b', '/a')).toBe('done');
    expect(pointerStep(at('/c'), '/b', '/a')).toBe('elsewhere');
    expect(pointerStep(at('/c'), '/b', undefined)).toBe('move');
  });
});

describe('old releases', () => {
  const release = (name: string, day?: number) => ({ name, completedAt: day === undefined ? undefined : `2026-01-0${day}T00:00:00Z` });

  it('are deleted oldest first, incomplete ones before, and never one that is protected', () => {
    const all = [release('a', 1), release('b', 2), release('c', 3), release('d', 4), release('half')];
    expect(obsolete(all, 3, new Set(['a']))).toEqual(['half', 'b']);
    expect(obsolete(all, 2, new Set(['a', 'b', 'half']))).toEqual(['c', 'd']);
    expect(obsolete(all, 9, new Set())).toEqual([]);
  });
});

describe('what is in the bucket is untrusted', () => {
  const record = { version: 'v1', sha: SHA, files: 3, listing: 'c'.repeat(64) };

  it('reads a record', () => expect(recordIn(JSON.stringify(record))).toEqual(record));

  it.each<[string, unknown]>([
    ['a version with a line break', { ...record, version: 'v1\n::error::x' }], ['a version that is a command', { ...record, version: '::error::x' }],
    ['no commit', { ...record, sha: 'main' }], ['another digest', { ...record, digest: 'x' }], ['a list', []], ['nothing', null], ['a text for a number', { ...record, files: '3' }],
  ])('rejects %s', (_, value) => expect(recordIn(JSON.stringify(value))).toBeUndefined());

  it.each([
    [`/releases/production/${NAME}`, NAME], ['/by-hand', undefined], ['', undefined], [`/releases/staging/${NAME}`, undefined], [`/releases/production/${NAME}/x`, undefined],
    ['/releases/production/..', undefined],
  ])('finds the release of the path %j: %s', (path, name) => expect(nameAt(path, 'releases/production/')).toBe(name));
});

describe('the origin', () => {
  const config = (...origins: readonly (readonly [string, string, string?])[]): DistributionConfig => ({
    Origins: { Quantity: origins.length, Items: origins.map(([Id, DomainName, OriginPath = '/old']) => ({ Id, DomainName, OriginPath, CustomHeaders: { Quantity: 0 } })) },
    DefaultCacheBehavior: { TargetOriginId: origins[0]?.[0] },
    Comment: 'kept',
  });
  const bucket = 'acme-site';

  it.each([
    'acme-site.s3.amazonaws.com', 'acme-site.s3.eu-central-1.amazonaws.com', 'acme-site.s3-website-eu-west-1.amazonaws.com', 'acme-site.s3-website.eu-central-1.amazonaws.com',
    'acme-site.s3.cn-north-1.amazonaws.com.cn', 'acme-site.s3.dualstack.eu-west-1.amazonaws.com',
  ])('%s is the bucket', (domain) => expect(originOf(config(['site', domain]), { bucket })).toEqual({ kind: 'origin', id: 'site', path: '/old' }));

  it.each(['acme-site.s3.amazonaws.com.evil.example', 'other.s3.amazonaws.com', 'acme-site.example.com', 'x-acme-site.s3.amazonaws.com'])('%s is not', (domain) => {
    expect(originOf(config(['site', domain]), { bucket })).toMatchObject({ kind: 'problem', option: 'bucket' });
  });

  it('may be a member of a group', () => {
    const grouped = {
      ...config(['site', 'acme-site.s3.amazonaws.com']),
      DefaultCacheBehavior: { TargetOriginId: 'group' },
      OriginGroups: { Quantity: 1, Items: [{ Id: 'group', Members: { Quantity: 1, Items: [{ OriginId: 'site' }] } }] },
    };
    expect(originOf(grouped, { bucket })).toMatchObject({ kind: 'origin', id: 'site' });
  });

  it('is the only thing that changes', () => {
    const before = config(['site', 'acme-site.s3.amazonaws.com'], ['api', 'api.example.com']);
    const after = withOriginPath(before, { bucket }, '/new');
    expect(JSON.stringify(after)).toBe(JSON.stringify(before).replace('/old', '/new'));
  });
});

it.each([['2.23.0', true], ['2.22.9', false], ['1.37.0', true], ['1.36.40', false], ['3.0.0', true]])('the CLI %s is new enough: %s', (version, expected) => {
  expect(isAtLeast(version, LEAST_FOR_UPLOADS)).toBe(expected);
});

// by the changelog of the AWS CLI, what is needed came with 2.13.0, 2.15.36 and 2.27.51
it.each([
  [LEAST_AWS_CLI, '2.13.0', '2.12.7', '1.29.0', '1.28.85'],
  [LEAST_FOR_CHANGE_SETS, '2.16.0', '2.15.35', '1.33.0', '1.32.76'],
  [LEAST_FOR_ECS_STRATEGIES, '2.28.0', '2.27.50', '1.42.0', '1.41.4'],
])('the least version %j is named as it is checked', (least, new2, old2, new1, old1) => {
  expect([new2, old2, new1, old1].map((version) => isAtLeast(version, least))).toEqual([true, false, true, false]);
  expect(installAwsCli(least)).toBe(`Install the AWS CLI, version 2.${least[2]} or 1.${least[1]}, or later, in setupSteps`);
});
