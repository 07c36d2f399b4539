import { liveOf, sharesOf, splitStep } from '../../../src/engines/lambda/runtime/lambda-steps';

describe('the next step to a split alias', () => {
  const alias = (version: string, weights: Record<string, number> = {}) => ({ version, revisionId: 'r', weights });
  const wanted = { base: '2', added: '3', weight: 25 };

  it.each([
    ['all traffic is on Stable', alias('2'), 'split'],
    ['the release has another share', alias('2', { 3: 0.05 }), 'split'],
    ['it has this share', alias('2', { 3: 0.25 }), 'done'],
    ['AWS rounds the share', alias('2', { 3: 0.250_000_01 }), 'done'],
    ['a third version has a share', alias('2', { 1: 0.25 }), 'elsewhere'],
    ['the alias names the release', alias('3', { 2: 0.75 }), 'elsewhere'],
    ['the alias names a third version', alias('1'), 'elsewhere'],
  ])('%s', (_, now, step) => {
    expect(splitStep(now, wanted)).toBe(step);
  });

  it('both versions are named with their shares', () => {
    expect(sharesOf(alias('2', { 3: 0.05 }))).toBe('version 2 and version 3 with 5 %');
    expect(liveOf(alias('2', { 3: 0.05 }), 'delivery v1 0123456')).toEqual({ kind: 'split', shares: 'version 2 and version 3 with 5 %' });
  });
});
