import { matches } from '../../../src/runtime/probing/bounded-pattern';

/** What takes years. */
const ENDLESS = ['^(a+)+$', `${'a'.repeat(60)}!`] as const;

afterEach(() => {
  jest.restoreAllMocks();
});

/** How often it is tried, if the process gets so much of the processor each time, in milliseconds. */
function tries(usedMs: number): number {
  const usage = jest.spyOn(process, 'cpuUsage').mockReturnValue({ user: usedMs * 1000, system: 0 });
  expect(matches(...ENDLESS, 20)).toBeUndefined();
  return usage.mock.calls.length / 2;
}

test('a pattern that matches, or does not, is a result', () => {
  expect(matches('^text/', 'text/html')).toBe(true);
  expect(matches('^text/', 'image/png')).toBe(false);
});

test('a pattern that takes too long is none', () => {
  expect(matches(...ENDLESS, 20)).toBeUndefined();
  expect(tries(20)).toBe(1);
});

test('time in which the machine gives the process no turn is not held against it: it is tried again, a few times', () => {
  expect(tries(1)).toBe(4);
});
