import { partsOf, share } from '../../../tools/model-checker/crashes/share';

const POINTS = Array.from({ length: 23 }, (_, index) => index);

test.each([1, 2, 5, 22, 23])('after as many nights as there are parts, each point was taken once: at most %s a night', (most) => {
  const nights = Array.from({ length: partsOf(POINTS, most) }, (_, night) => share(POINTS, most, 20_000 + night));
  expect(nights.filter(({ length }) => length === 0 || length > most)).toEqual([]);
  expect(nights.flat().sort((a, b) => a - b)).toEqual(POINTS);
});

test('without a limit all are taken', () => {
  expect(share(POINTS, Infinity)).toEqual(POINTS);
  expect(share([], 3)).toEqual([]);
});
