/** The part of the cuts that a landing takes of the longest suites. */
import { sayTaken, shareOf, taken } from '../../../tools/model-checker/share';

const POINTS = Array.from({ length: 23 }, (_, index) => index);
const EIGHTHS = Array.from({ length: 8 }, (_, index) => ({ number: index + 1, count: 8 }));

test('eight shares hold each point once, and each holds about as many', () => {
  const shares = EIGHTHS.map((share) => taken(POINTS, share));
  expect(shares.flat().sort((a, b) => a - b)).toEqual(POINTS);
  expect(shares.filter(({ length }) => length < 2 || length > 3)).toEqual([]);
});

test.each([1, 3, 7])('of %s points each share has one, and all of them have all', (length) => {
  const few = POINTS.slice(0, length);
  const shares = EIGHTHS.map((share) => taken(few, share));
  expect(shares.filter((share) => share.length !== 1)).toEqual([]);
  expect([...new Set(shares.flat())].sort()).toEqual(few);
});

test('without a share all are taken', () => {
  expect(taken(POINTS, shareOf(undefined))).toEqual(POINTS);
  expect(taken([], EIGHTHS[2])).toEqual([]);
});

test('says how much of the whole it took', () => {
  expect(sayTaken(61, 488, shareOf('3/8'))).toBe('61 of 488, share 3 of 8');
  expect(sayTaken(488, 488, shareOf(undefined))).toBe('all 488');
});

test.each(['0/8', '9/8', '3', 'all', ''])('a share that is none is an error: %p', (text) => {
  expect(() => shareOf(text)).toThrow(`SHARE is '${text}'; write 3/8`);
});
