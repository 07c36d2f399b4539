import { Random, samples } from './random';

test('the same seed gives the same numbers, another seed others', () => {
  const [one, again, other] = [new Random(7), new Random(7), new Random(8)].map((random) => Array.from({ length: 20 }, () => random.next()));
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

test('a choice meets every value about equally often', () => {
  const random = new Random(1);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 50_000; i++) counts[random.below(counts.length)] += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});

test('another order has the same values', () => {
  const shuffled = new Random(3).shuffled([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(shuffled).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect([...shuffled].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('now a tenth of the samples of a night, and at least one', () => {
  const share = process.env.NIGHTLY ? 1 : 10;
  expect([samples(1000), samples(3)]).toEqual([1000 / share, Math.ceil(3 / share)]);
});
