import { errorOf } from '../../../src/engines/npm/runtime/npm-cli';
import { engineIdOf, identityIn, liveOf, PublishSituation, publishStep, sha512In, STALE_READS, TagSituation, tagStep, versionNamed, versionOf } from '../../../src/engines/npm/runtime/npm-steps';

const INTEGRITY = `sha512-${'A'.repeat(86)}==`;
const OTHER = `sha512-${'B'.repeat(86)}==`;
const published = { version: '1.2.3', integrity: INTEGRITY };

describe('the version of a release', () => {
  it.each([
    ['v1.2.3', '1.2.3'], ['1.2.3', '1.2.3'], ['@acme/shop@1.2.3', '1.2.3'], ['v1.2.3-beta.0', '1.2.3-beta.0'], ['v1.2.3+build.7', '1.2.3'],
    ['3f2a91c', undefined], ['v1', undefined], ['v1.2', undefined], ['v01.2.3', undefined], ['latest', undefined],
  ])('%s is %s', (version, expected) => {
    expect(versionNamed({ version })).toBe(expected);
  });

  it('is the one that the record names', () => {
    expect(versionOf({ version: '3f2a91c', sha: 'f'.repeat(40), engineId: engineIdOf(published) })).toBe('1.2.3');
  });

  it.each(['', 'none', '1.2.3', `1.2.3 ${INTEGRITY} more`, '1.2.3 sha1-abc', `x ${INTEGRITY}`])('a record with %j names none', (engineId) => {
    expect(identityIn({ engineId })).toBeUndefined();
  });

  it('has the strongest of its hashes', () => {
    expect(sha512In(`sha1-abc ${INTEGRITY}`)).toBe(INTEGRITY);
    expect(sha512In('sha1-abc')).toBe('');
  });
});

describe('publishing', () => {
  const step = (changes: Partial<PublishSituation>) => publishStep({ packageName: 'shop', version: '1.2.3', published: undefined, integrity: INTEGRITY, mayPublish: true, isPublished: false, ...changes });

  it('is done if the registry has the same files', () => {
    expect(step({ published })).toEqual({ step: 'done', identity: published });
    expect(step({ published, integrity: undefined })).toEqual({ step: 'done', identity: published });
  });

  it('fails if it has other files, and never publishes over them', () => {
    expect(step({ published, integrity: OTHER })).toMatchObject({ step: 'fail' });
    expect(step({ published: { version: '1.2.3', integrity: '' } })).toMatchObject({ step: 'fail' });
  });

  it('happens once, and then waits until it shows', () => {
    expect(step({}).step).toBe('publish');
    expect(step({ isPublished: true }).step).toBe('wait');
    expect(step({ mayPublish: false }).step).toBe('wait');
  });
});

describe('a tag', () => {
  const step = (changes: Partial<TagSituation>) => tagStep({ now: '1.0.0', wanted: '1.1.0', before: '1.0.0', givesWay: true, readsSinceMove: undefined, doubts: 0, ...changes });

  it('is moved, waited for, and moved again if it does not show', () => {
    expect(step({})).toBe('move');
    expect(step({ readsSinceMove: 0 })).toBe('wait');
    expect(step({ readsSinceMove: STALE_READS })).toBe('move');
    expect(step({ now: '1.1.0', readsSinceMove: 1 })).toBe('done');
  });

  it('is not moved by a deployment if someone else moved it, and is by a rollback', () => {
    expect(step({ now: '0.9.0' })).toBe('elsewhere');
    expect(step({ now: '0.9.0', readsSinceMove: 1 })).toBe('elsewhere');
    expect(step({ now: '0.9.0', givesWay: false })).toBe('move');
  });

  it('that is right already is looked at again by a rollback: the change that it takes back may not show yet', () => {
    expect(step({ now: '1.1.0' })).toBe('done');
    expect(step({ now: '1.1.0', givesWay: false, doubts: 2 })).toBe('confirm');
    expect(step({ now: '1.0.0', before: '1.1.0', givesWay: false, doubts: 1 })).toBe('move');
  });
});

describe('the live release', () => {
  const sha = 'f'.repeat(40);

  it('is the one with the same hash', () => {
    const known = [{ version: '3f2a91c', sha: 'e'.repeat(40), engineId: engineIdOf({ version: '1.2.3', integrity: OTHER }) }, { version: 'v1.2.3', sha, engineId: engineIdOf(published) }];
    expect(liveOf(published, known)).toMatchObject({ kind: 'release', release: { version: 'v1.2.3', sha } });
  });

  it('is none of ours with another hash, and with no version', () => {
    expect(liveOf(published, [{ version: 'v1.2.3', sha, engineId: engineIdOf({ version: '1.2.3', integrity: OTHER }) }])).toMatchObject({ kind: 'foreign', engineId: engineIdOf(published) });
    expect(liveOf(undefined, [])).toMatchObject({ kind: 'foreign', shown: 'no version' });
  });
});

describe('what npm prints', () => {
  it.each([
    ['npm error code E401\nnpm error Unable to authenticate', 'signedOut'],
    ['npm ERR! code ENEEDAUTH\nnpm ERR! need auth', 'signedOut'],
    ['npm error code EOTP\nnpm error This operation requires a one-time password', 'accessDenied'],
    ['npm error code E403\nnpm error 403 403 Forbidden - PUT https://registry.npmjs.org/shop - You may not perform that action', 'accessDenied'],
    ['npm error code E403\nnpm error 403 403 Forbidden - PUT https://registry.npmjs.org/shop - You cannot publish over the previously published versions: 1.0.0.', 'conflict'],
    ['npm error You cannot publish over the previously published versions: 1.1.0.', 'conflict'],
    ['npm error code E404\nnpm error 404 No match found for version 2.0.0', 'notFound'],
    ['npm error code ETARGET\nnpm error notarget No matching version found for shop@9.9.9.', 'notFound'],
    ['npm error code E429\nnpm error 429 Too Many Requests', 'throttled'],
    ['npm error code E503\nnpm error 503 Service Unavailable', 'unavailable'],
    ['npm error code ECONNRESET\nnpm error network aborted', 'unavailable'],
    ['npm error code ETIMEDOUT\nnpm error network timed out', 'timeout'],
    ['npm error code E402\nnpm error 402 Payment Required', 'rejected'],
    ['npm error something new', 'rejected'],
  ])('%j is %s', (printed, kind) => {
    expect(errorOf('npm publish', { outcome: 'failed', exitCode: 1 }, printed).kind).toBe(kind);
  });

  it('is shown in one line, and never as a workflow command', () => {
    expect(errorOf('npm view', { outcome: 'failed', exitCode: 1 }, 'npm error code E404\nnpm error 404\nnpm error 404 ::error::forged\n').message).not.toMatch(/^::|\n/);
  });
});
