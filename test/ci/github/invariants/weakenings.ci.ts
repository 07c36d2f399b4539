/** Every weakening of every job, step and event, once each, in a way that turns. */
import { createRequire } from 'node:module';
import { outcomeOf, isRejected } from './rejected';
import { WAYS } from './ways';
import { asWritten } from './weakened-delivery';
import { weakenings } from './weakenings';

/** As projen requires it. A weakening changes one of the files: the text of the others is made once. */
const yaml = jest.requireActual<{ stringify(...given: readonly unknown[]): string }>(createRequire(require.resolve('projen')).resolve('yaml'));
const { stringify } = yaml;
const unchanged = new Map<string, string>();
const making = jest.spyOn(yaml, 'stringify').mockImplementation((...given) => {
  const text = stringify(...given);
  unchanged.set(JSON.stringify(given), text);
  return text;
});
const written = asWritten();
making.mockImplementation((...given) => unchanged.get(JSON.stringify(given)) ?? stringify(...given));
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
