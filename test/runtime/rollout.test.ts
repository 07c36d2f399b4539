import { Course, Event, EVENTS, FINAL_STATES, IllegalTransition, isFinal, next, State, STATES } from '../../src/runtime/rollout';

const COURSES: Course[] = (['redeploy', 'blueGreen'] as const).flatMap((strategy) => [true, false].map((canGoBack) => ({ strategy, canGoBack })));
const open = STATES.filter((state) => !isFinal(state));

/** Every state reachable by one event, with that event. */
function steps(state: State, course: Course): { event: Event; to: State }[] {
  return EVENTS.flatMap((event) => {
    try {
      return [{ event, to: next(state, event, course) }];
    } catch (error) {
      expect(error).toBeInstanceOf(IllegalTransition);
      return [];
    }
  });
}

/** All paths from `state` that visit no state twice, as lists of states. */
function paths(state: State, course: Course, passed: State[] = []): State[][] {
  const here = [...passed, state];
  if (isFinal(state)) return [here];
  return steps(state, course).filter(({ to }) => !here.includes(to)).flatMap(({ to }) => paths(to, course, here));
}

describe('the rollout', () => {
  test.each(COURSES)('cannot get stuck: every open state answers a timeout, and every path ends ($strategy, can go back: $canGoBack)', (course) => {
    for (const state of open) {
      expect(() => next(state, 'timedOut', course)).not.toThrow();
      expect(steps(state, course).some(({ to }) => to !== state)).toBe(true);
    }
    const all = paths('pending', course);
    expect(all.length).toBeGreaterThan(5);
    expect(all.every((path) => isFinal(path.at(-1)!))).toBe(true);
  });

  test.each(COURSES)('a final state is final ($strategy, can go back: $canGoBack)', (course) => {
    for (const state of FINAL_STATES) expect(steps(state, course)).toEqual([]);
  });

  test.each(COURSES)('Stable is reached only by a healthy verdict ($strategy, can go back: $canGoBack)', (course) => {
    for (const state of open) {
      for (const { event, to } of steps(state, course)) {
        if (to === 'stable') expect(event).toBe('healthy');
      }
    }
  });

  test('traffic moves only to a candidate that was verified: blue/green promotes after a healthy verdict and never else', () => {
    const course: Course = { strategy: 'blueGreen', canGoBack: true };
    const into = open.flatMap((state) => steps(state, course).filter(({ to }) => to === 'promoting').map(({ event }) => ({ state, event })));
    expect(into).toEqual([{ state: 'verifying', event: 'healthy' }]);
  });

  test('redeploy has nothing to promote: users see the release already', () => {
    const course: Course = { strategy: 'redeploy', canGoBack: true };
    expect(next('verifying', 'healthy', course)).toBe('baking');
    expect(paths('pending', course).flat()).not.toContain('promoting');
  });

  test('without a verified release to go back to, what went wrong is halted, never guessed', () => {
    for (const strategy of ['redeploy', 'blueGreen'] as const) {
      const reached = paths('pending', { strategy, canGoBack: false }).flat();
      expect(reached).toContain('halted');
      expect(reached).not.toContain('rollingBack');
    }
  });

  test.each(['verifying', 'baking', 'confirming', 'rollingBack'] as const)('an inconclusive verdict while %s halts and never rolls back', (state) => {
    for (const course of COURSES) expect(next(state, 'inconclusive', course)).toBe('halted');
  });

  test('what merely lacks its confirmation is probed again when its process is gone, not undone', () => {
    for (const course of COURSES) expect(next('confirming', 'abandoned', course)).toBe('confirming');
  });

  test('a rollback that is itself bad is halted, and never tried twice', () => {
    for (const event of ['commandFailed', 'unhealthy', 'timedOut'] as const) {
      expect(next('rollingBack', event, { strategy: 'redeploy', canGoBack: true })).toBe('halted');
    }
  });

  test('what fell over before the first change is failed, not halted', () => {
    for (const event of ['refused', 'timedOut', 'abandoned'] as const) {
      expect(next('pending', event, { strategy: 'redeploy', canGoBack: false })).toBe('failed');
    }
  });
});
