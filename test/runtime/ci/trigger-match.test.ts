import { TriggerManifest } from '../../../src/contract/manifest';
import { reaches } from '../../../src/runtime/ci/trigger-match';

const branch = (name: string) => ({ type: 'branch', name }) as const;
const tag = (name: string) => ({ type: 'tag', name }) as const;

describe('a trigger on a branch', () => {
  const trigger: TriggerManifest = { kind: 'branch', branch: 'main' };

  test('is reached by that branch', () => expect(reaches(trigger, branch('main'))).toBe(true));
  test.each(['Main', 'main2', 'feature/main', 'mai'])('is not reached by the branch %s', (name) => expect(reaches(trigger, branch(name))).toBe(false));
  test('is not reached by a tag of the same name', () => expect(reaches(trigger, tag('main'))).toBe(false));
  test('takes a star for a star', () => expect(reaches({ kind: 'branch', branch: 'v*' }, branch('v1'))).toBe(false));
});

describe('a trigger on tags', () => {
  const reachedBy = (pattern: string, name: string, except?: string) => reaches({ kind: 'tag', pattern, except }, tag(name));

  test.each([
    ['v*', 'v1.2.3'], ['v*', 'v'], ['*-rc', 'v1-rc'], ['v*-rc', 'v1-rc'], ['v*-rc', 'v-rc'], ['release/*', 'release/1'], ['*', 'anything'], ['nightly', 'nightly'], ['v*v', 'vv'],
    ['v1.*', 'v1.2'],
  ])('%s is reached by %s', (pattern, name) => expect(reachedBy(pattern, name)).toBe(true));

  test.each([
    ['v*', 'V1.2.3', 'letter case counts, though a job\'s if ignores it'],
    ['v*', 'v1/2', 'a star holds no slash, as in a workflow\'s filter'],
    ['*', 'a/b', 'nor does a star alone'],
    ['v*-rc', 'v1-RC', 'letter case counts at the end too'],
    ['v*v', 'v', 'the beginning is not the end as well'],
    ['v*-rc-rc', 'v-rc', 'nor in part'],
    ['nightly', 'nightly-2', 'a name is the whole name'],
    ['v1.*', 'v1x2', 'a dot is a dot'],
    ['v*', 'xv1', 'the beginning is the beginning'],
  ])('%s is not reached by %s: %s', (pattern, name) => expect(reachedBy(pattern, name)).toBe(false));

  test('is not reached by a branch of such a name', () => expect(reaches({ kind: 'tag', pattern: 'v*' }, branch('v1'))).toBe(false));

  test('is not reached by what is excepted', () => {
    expect(reachedBy('v*', 'v1-rc', '*-rc')).toBe(false);
    expect(reachedBy('v*', 'v1', '*-rc')).toBe(true);
    expect(reachedBy('v*', 'v1-RC', '*-rc')).toBe(true);
  });
});

describe('a release', () => {
  const trigger: TriggerManifest = { kind: 'release', branches: ['main', '2.x'] };

  test.each(['main', '2.x'])('is reached from the branch %s', (name) => expect(reaches(trigger, branch(name))).toBe(true));
  test.each(['1.x', 'Main', 'feature'])('is not reached from the branch %s, where a person started its workflow', (name) => expect(reaches(trigger, branch(name))).toBe(false));
  test('is reached from a tag that started it', () => expect(reaches(trigger, tag('v1'))).toBe(true));
});

test.each<TriggerManifest>([{ kind: 'manual' }, { kind: 'release' }, { kind: 'after', environment: 'staging' }])('$kind is reached by the jobs\' order, whatever the ref', (trigger) => {
  expect(reaches(trigger, branch('anything'))).toBe(true);
  expect(reaches(trigger, tag('v1'))).toBe(true);
});
