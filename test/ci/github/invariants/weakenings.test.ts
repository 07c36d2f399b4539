/** Random weakenings of our jobs and events, through every public way to change them. Every one: `weakenings.ci.ts`. */
import { Candidate, isRejected, outcomeOf } from './rejected';
import { WAYS } from './ways';
import { asWritten } from './weakened-delivery';
import { weakenings } from './weakenings';
import { Random, samples } from '../../../random';

const written = asWritten();
const edits = weakenings(written);

test('nothing is said to what breaks no guarantee', () => {
  expect(outcomeOf([[{ which: 'workflow', path: ['name'], value: 'Deploy' }, 'addOverride']], written)?.said).toBe('nothing');
});

test('random weakenings are rejected, through every way to make them', () => {
  const random = new Random(12);
  const ways = Object.keys(WAYS);
  const outcomes = Array.from({ length: Math.max(samples(100), ways.length) }, (_, i) => outcomeOf(anyIn(ways[i % ways.length], random), written)!);
  expect(outcomes.filter(({ edit, said }) => !isRejected(edit, said)).map(({ what, said }) => `${what}: ${said}`)).toEqual([]);
  expect(new Set(outcomes.map(({ way }) => way)).size).toBe(ways.length);
});

function* anyIn(way: string, random: Random): Generator<Candidate> {
  for (;;) yield [random.oneOf(edits), way];
}
