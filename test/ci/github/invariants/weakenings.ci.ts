/** Every weakening of every job, step and event, once each, in a way that turns. */
import { outcomeOf, isRejected } from './rejected';
import { WAYS } from './ways';
import { asWritten } from './weakened-delivery';
import { weakenings } from './weakenings';

const written = asWritten();
const ways = Object.keys(WAYS);

/** What is the same for each environment is changed for one of them. */
const DIFFERS = ['if', 'needs', 'environment', 'concurrency', 'outputs'];

it('refuses every weakening', () => {
  const edits = weakenings(written).filter(({ path: [, id, key] }) => !/_(production|demo)$/.test(String(id)) || DIFFERS.includes(String(key)));
  const made = new Set<string>();
  const accepted = edits.flatMap((edit, i) => {
    const outcome = outcomeOf(ways.map((_, turn) => [edit, ways[(i + turn) % ways.length]]), written);
    if (!outcome) return [`there is no way to make ${JSON.stringify(edit)}`];
    made.add(outcome.way);
    return isRejected(edit, outcome.said) ? [] : [`${outcome.what}: ${outcome.said}`];
  });
  expect(accepted).toEqual([]);
  expect(edits.length).toBeGreaterThan(1000);
  // some ways fit few of them: which of these meet is chance. weakenings.test.ts goes through every one
  expect(made.size).toBeGreaterThanOrEqual(19);
});
