import { BLUE_GREEN, CANARY, REDEPLOY, STRATEGIES } from '../../../src/contract/strategies';
import { Course, Event, EVENTS, FINAL_STATES, IllegalTransition, isFinal, next, State, STATES } from '../../../src/runtime/deployment/state-machine';
import { COURSES } from '../../../src/runtime/strategies/rollout-strategy';

const COURSE: Course = { steps: REDEPLOY.steps, canGoBack: true, migrates: false, byHand: false, weightsLeft: 0 };
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
  test.each(COURSES)('cannot get stuck: every open state handles a timeout, and every path ends ($steps, can go back: $canGoBack, migrates: $migrates, by hand: $byHand, weights left: $weightsLeft)', (course) => {
    for (const state of open) {
      expect(() => next(state, 'timedOut', course)).not.toThrow();
      expect(steps(state, course).some(({ to }) => to !== state)).toBe(true);
    }
    const all = paths('pending', course);
    expect(all.length).toBeGreaterThan(5);
    expect(all.every((path) => isFinal(path.at(-1)!))).toBe(true);
  });

  test.each(COURSES)('a final state is final ($steps, can go back: $canGoBack, migrates: $migrates, by hand: $byHand, weights left: $weightsLeft)', (course) => {
    for (const state of FINAL_STATES) expect(steps(state, course)).toEqual([]);
  });

  test.each(COURSES)('Stable is reached only by a healthy verdict ($steps, can go back: $canGoBack, migrates: $migrates, by hand: $byHand, weights left: $weightsLeft)', (course) => {
    for (const state of open) {
      for (const { event, to } of steps(state, course)) {
        if (to === 'stable') expect(event).toBe('healthy');
      }
    }
  });

  test.each([BLUE_GREEN, CANARY])('traffic moves only to a candidate that was verified: $kind promotes after a healthy verdict and never else', (strategy) => {
    const course: Course = { ...COURSE, steps: strategy.steps };
    const into = open.flatMap((state) => steps(state, course).filter(({ to }) => to === 'promoting').map(({ event }) => ({ state, event })));
    expect(into).toEqual([{ state: 'verifying', event: 'healthy' }]);
  });

  test('a canary passes promoting once for each weight: a healthy verdict leads to the next one, and all traffic to the bake', () => {
    const course: Course = { ...COURSE, steps: CANARY.steps, weightsLeft: 1 };
    expect(next('verifying', 'healthy', course)).toBe('promoting');
    expect(next('promoting', 'healthy', course)).toBe('promoting');
    expect(next('promoting', 'commandSucceeded', { ...course, weightsLeft: 0 })).toBe('baking');
    for (const event of ['unhealthy', 'commandFailed', 'timedOut', 'unrecorded', 'abandoned', 'superseded'] as const) expect(next('promoting', event, course)).toBe('rollingBack');
    expect(next('promoting', 'inconclusive', course)).toBe('halted');
    // with all traffic the verdict is the bake's
    for (const event of ['healthy', 'unhealthy', 'inconclusive', 'unrecorded'] as const) expect(() => next('promoting', event, { ...course, weightsLeft: 0 })).toThrow(IllegalTransition);
  });

  test('redeploy has nothing to promote: users see the release already', () => {
    const course = COURSE;
    expect(next('verifying', 'healthy', course)).toBe('baking');
    expect(paths('pending', course).flat()).not.toContain('promoting');
  });

  test('without a verified release to go back to, what went wrong is halted, never guessed', () => {
    for (const strategy of STRATEGIES) {
      const reached = paths('pending', { ...COURSE, steps: strategy.steps, canGoBack: false }).flat();
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
      expect(next('rollingBack', event, COURSE)).toBe('halted');
    }
  });

  test('what someone else is doing there is left alone: halted, not rolled back over it', () => {
    for (const course of COURSES) {
      for (const state of ['deploying', 'promoting'] as const) expect(next(state, 'overtaken', course)).toBe('halted');
    }
  });

  test('what fell over before the first change is failed, not halted', () => {
    for (const event of ['rejected', 'timedOut', 'abandoned'] as const) {
      expect(next('pending', event, { ...COURSE, canGoBack: false })).toBe('failed');
    }
  });

  test('a rollback by hand whose process is gone is begun again: its release was verified, and a person wants it', () => {
    for (const state of ['deploying', 'verifying', 'promoting', 'baking'] as const) {
      expect(next(state, 'abandoned', { ...COURSE, canGoBack: false, byHand: true })).toBe('deploying');
    }
  });

  test('a migration comes before the deploy, only where there is one, and never in a rollback', () => {
    const migrates = { ...COURSE, migrates: true };
    expect(next('pending', 'began', migrates)).toBe('migrating');
    expect(next('pending', 'began', COURSE)).toBe('deploying');
    expect(open.flatMap((state) => steps(state, migrates).filter(({ to }) => to === 'migrating').map(() => state))).toEqual(['pending']);
  });

  test('a deployment that is no longer wanted is rolled back, unless it got a verdict', () => {
    for (const state of ['migrating', 'deploying', 'verifying', 'promoting', 'baking'] as const) {
      expect(next(state, 'superseded', COURSE)).toBe('rollingBack');
    }
    expect(next('pending', 'superseded', COURSE)).toBe('superseded');
  });
});
