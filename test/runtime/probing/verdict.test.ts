import { Observation, Outcome, Verdict } from '../../../src/runtime/probing/observation';
import { atDeadline, begin, CheckRules, CheckState, combine, endOf, initial, evaluate, nextMoment, observe } from '../../../src/runtime/probing/verdict';
import { IS_NIGHT } from '../../random';

const OUTCOMES: Outcome[] = ['healthy', 'unhealthy', 'stale', 'unreachable', 'blind'];
const LETTERS: Record<string, Outcome> = { H: 'healthy', U: 'unhealthy', S: 'stale', R: 'unreachable', B: 'blind' };

function rules(given: Partial<CheckRules> = {}): CheckRules {
  const times = { intervalMs: 2, timeoutMs: 5, deadlineMs: 120, startedAt: 0 };
  return { successThreshold: 3, failureThreshold: 3, ready: true, baselineReached: true, ...times, ...given };
}

function observation(outcome: Outcome, endedAt: number): Observation {
  return { outcome, startedAt: endedAt, endedAt, saw: outcome };
}

/** One observation every interval, judged after each; the verdict and after how many. */
function course(outcomes: readonly Outcome[], given: CheckRules): { verdict?: Verdict; after: number; state: CheckState } {
  let state = initial;
  for (const [index, outcome] of outcomes.entries()) {
    state = observe(state, observation(outcome, index * given.intervalMs), given);
    const evaluation = evaluate(state, given, index * given.intervalMs);
    if (evaluation) return { verdict: evaluation.verdict, after: index + 1, state };
  }
  return { after: outcomes.length, state };
}

function verdictOf(letters: string, given: Partial<CheckRules> = {}): string {
  const { verdict, after } = course([...letters].map((letter) => LETTERS[letter]), rules(given));
  return verdict === undefined ? 'none' : `${verdict} after ${after}`;
}

type Meaning = 'good' | 'bad' | 'waited out' | undefined;

/** Whether a response of the replaced release is progress, read off the whole sequence. */
function isWaitedOut(outcomes: readonly Outcome[], index: number, { propagationMs, mayShowUp, intervalMs }: CheckRules): boolean {
  if (propagationMs === undefined) return false;
  const since = mayShowUp ? outcomes.indexOf('stale') : 0;
  return !outcomes.slice(since, index).includes('healthy') && (index - since) * intervalMs < propagationMs;
}

/** What the outcomes mean after each other, read off the whole sequence instead of counted on the way. */
function meanings(outcomes: readonly Outcome[], given: CheckRules): Meaning[] {
  const { ready, baselineReached } = given;
  return outcomes.map((outcome, index) => {
    if (outcome === 'blind') return undefined;
    if (outcome === 'healthy') return 'good';
    if (outcome === 'stale' && isWaitedOut(outcomes, index, given)) return 'waited out';
    if (outcome !== 'unreachable') return 'bad';
    const before = outcomes.slice(0, index);
    const wasUp = before.includes('healthy');
    const wasThere = baselineReached || before.some((earlier) => ['healthy', 'unhealthy', 'stale'].includes(earlier));
    return wasUp || (ready && wasThere) ? 'bad' : undefined;
  });
}

function expected(outcomes: readonly Outcome[], given: CheckRules): { verdict?: Verdict; after: number } {
  const all = meanings(outcomes, given);
  for (let after = 1; after <= outcomes.length; after += 1) {
    const known = all.slice(0, after).filter((meaning) => meaning !== undefined);
    const last = known.slice(-given.successThreshold);
    const bad = all.slice(respondsAgain(outcomes, all, after), after).filter((meaning) => meaning !== undefined && meaning !== 'waited out');
    if (known.at(-1) === 'bad' && bad.length >= given.failureThreshold && bad.slice(-given.failureThreshold).every((each) => each === 'bad')) return { verdict: 'unhealthy', after };
    if (last.length === given.successThreshold && last.every((each) => each === 'good')) return { verdict: 'healthy', after };
  }
  return { after: outcomes.length };
}

/** Where the old release last responded again after not responding: it was not gone, so what came before is no part of a bad row. */
function respondsAgain(outcomes: readonly Outcome[], all: ReturnType<typeof meanings>, until: number): number {
  const isAgain = (at: number) => all[at] === 'waited out' && outcomes.slice(0, at).filter((outcome) => outcome !== 'blind').at(-1) === 'unreachable';
  return outcomes.reduce((from, _, at) => (at < until && isAgain(at) ? at : from), 0);
}

function* everyWay(length: number): Generator<[Outcome[], Partial<CheckRules>]> {
  for (const outcomes of sequences(length)) for (const waiting of WAITING) yield [outcomes, waiting];
}

function* sequences(length: number): Generator<Outcome[]> {
  if (length === 0) return yield [];
  for (const rest of sequences(length - 1)) for (const outcome of OUTCOMES) yield [...rest, outcome];
}

/** How the old release's responses count. */
const WAITING: Partial<CheckRules>[] = [
  {}, { propagationMs: 3 }, { propagationMs: 100 }, { propagationMs: 5, mayShowUp: true }, { propagationMs: 100, mayShowUp: true },
];

describe('the verdict on one check', () => {
  test.each([
    ['HHH', 'healthy after 3'],
    ['HHUHHH', 'healthy after 6'],
    ['UUU', 'unhealthy after 3'],
    ['UUHUU', 'none'],
    ['USR', 'unhealthy after 3'],
    ['SSS', 'unhealthy after 3'],
    ['HUHUHUHUHUHU', 'none'],
    ['HBHBBH', 'healthy after 6'],
    ['UBUBBU', 'unhealthy after 6'],
    ['BBBBBBBB', 'none'],
  ])('counts what is consecutive: %s', (letters, verdict) => {
    expect(verdictOf(letters)).toBe(verdict);
  });

  test.each([
    ['RRRRRRRR', 'none'],
    ['RRRRHHH', 'healthy after 7'],
    ['RRRRHRRR', 'unhealthy after 8'],
    ['RURURU', 'unhealthy after 6'],
    ['UUU', 'unhealthy after 3'],
    ['SSS', 'unhealthy after 3'],
  ])('lets a deployment that is not ready be unreachable, and nothing else: %s', (letters, verdict) => {
    expect(verdictOf(letters, { ready: false })).toBe(verdict);
  });

  test.each([
    ['RRRRRR', 'none'],
    ['HRRR', 'unhealthy after 4'],
    ['URR', 'unhealthy after 3'],
  ])('does not blame a release for a service that was never reached before: %s', (letters, verdict) => {
    expect(verdictOf(letters, { baselineReached: false })).toBe(verdict);
  });

  test('is that of the last consecutive observations, in every sequence of four (with NIGHTLY=1: of five)', () => {
    const length = IS_NIGHT ? 5 : 4;
    let count = 0;
    for (const ready of [true, false]) {
      for (const baselineReached of [true, false]) {
        for (const [successThreshold, failureThreshold] of [[1, 1], [2, 3], [3, 2]]) {
          for (const [outcomes, waiting] of everyWay(length)) {
            const given = rules({ ready, baselineReached, successThreshold, failureThreshold, ...waiting });
            const { verdict, after } = course(outcomes, given);
            const right = expected(outcomes, given);
            if (verdict !== right.verdict || after !== right.after) {
              throw new Error(`${outcomes.join(' ')} with ${JSON.stringify(given)}: ${verdict} after ${after}, not ${right.verdict} after ${right.after}`);
            }
            count += 1;
          }
        }
      }
    }
    expect(count).toBe(2 * 2 * 3 * 5 ** length * 5);
  });

  test('is never drawn from blind observations: leaving them out changes nothing', () => {
    for (const outcomes of sequences(6)) {
      const seeing = outcomes.filter((outcome) => outcome !== 'blind');
      if (course(outcomes, rules()).verdict !== course(seeing, rules()).verdict) throw new Error(outcomes.join(' '));
    }
  });
});

describe('the verdict on a check whose time is over', () => {
  function late(letters: string, given: Partial<CheckRules> = {}): Verdict {
    return atDeadline(course([...letters].map((letter) => LETTERS[letter]), rules({ ready: false, ...given })).state, rules(given));
  }

  test.each([
    ['RRRR', 'unhealthy'], ['', 'unhealthy'], ['HUHU', 'unhealthy'], ['HH', 'unhealthy'],
    ['RBRB', 'unhealthy'], ['UB', 'unhealthy'],
    ['BBBB', 'inconclusive'], ['HHB', 'inconclusive'],
  ] as const)('where the baseline reached the service: %s', (letters, verdict) => {
    expect(late(letters)).toBe(verdict);
  });

  test.each([
    ['RRRR', 'inconclusive'], ['', 'inconclusive'], ['RBRB', 'inconclusive'], ['BBBB', 'inconclusive'],
    ['HUHU', 'unhealthy'], ['RRU', 'unhealthy'], ['RRS', 'unhealthy'],
  ] as const)('where the baseline did not reach it either: %s', (letters, verdict) => {
    expect(late(letters, { baselineReached: false })).toBe(verdict);
  });

  test('comes at the deadline, and not before', () => {
    const given = rules({ ready: false });
    const state = observe(initial, observation('unreachable', 10), given);
    expect(evaluate(state, given, 119)).toBeUndefined();
    expect(evaluate(state, given, 120)).toEqual({ verdict: 'unhealthy', because: 'deadline' });
    expect(nextMoment(state, given, 10)).toBe(120);
  });

  test('is put off once the check was healthy, by no more than its deadline', () => {
    const given = rules({ until: 15 });
    const { state } = course(['healthy', 'healthy', 'healthy', 'unhealthy', 'healthy'], given);
    expect(endOf(state, given)).toBe(135);
    expect(evaluate(state, given, 134)).toBeUndefined();
    expect(evaluate(state, given, 135)).toEqual({ verdict: 'unhealthy', because: 'deadline' });
  });

  describe('where the prober was blind and sees a healthy release again just before the deadline', () => {
    const given = rules({ ready: false, deadlineMs: 10 });

    test.each([
      ['BBBBBHHH', 'healthy after 8'],
      ['HBBBBHH', 'healthy after 7'],
    ])('waits for the row: %s', (letters, verdict) => {
      expect(verdictOf(letters, given)).toBe(verdict);
    });

    test.each([
      ['BBBBHR', 'unhealthy after 6'],
      ['BBBBBHB', 'inconclusive after 7'],
      ['HBBBBBHH', 'inconclusive after 6'],
      ['RRRRRHHH', 'unhealthy after 6'],
    ])('does not wait for ever, and not for a release that is only slow: %s', (letters, verdict) => {
      expect(verdictOf(letters, given)).toBe(verdict);
    });
  });

  test('always comes: some moment is left until there is one', () => {
    for (const outcomes of sequences(5)) {
      for (const until of [undefined, 15]) {
        const given = rules({ until, ready: false });
        const { state, verdict } = course(outcomes, given);
        if (verdict !== undefined) continue;
        let now = 10;
        for (let moments = 0; evaluate(state, given, now) === undefined; moments += 1) {
          now = nextMoment(state, given, now);
          if (!Number.isFinite(now) || moments >= 5) throw new Error(outcomes.join(' '));
        }
      }
    }
  });
});

describe('the verdict on a bake', () => {
  const until = 15;

  function baked(letters: string): CheckState {
    return [...letters].reduce((state, letter, index) => observe(state, observation(LETTERS[letter], index * 2), rules({ until })), initial);
  }

  test('is not healthy before its end', () => {
    expect(evaluate(baked('HHHHHHH'), rules({ until }), 14)).toBeUndefined();
    expect(evaluate(baked('HHHHHHH'), rules({ until }), 15)).toEqual({ verdict: 'healthy', because: 'row' });
  });

  test('is unhealthy as soon as it is', () => {
    expect(evaluate(baked('HHHUUU'), rules({ until }), 10)).toEqual({ verdict: 'unhealthy', because: 'row' });
  });

  test.each(['HHHHHHU', 'HHHUH', 'HHHUHH', 'HHHB'])('must end healthy: %s does not', (letters) => {
    expect(evaluate(baked(letters), rules({ until }), 15)).toBeUndefined();
  });

  test('waits for the probe that is still pending at its end', () => {
    expect(evaluate(begin(baked('HHHHHHH'), 14), rules({ until }), 16)).toBeUndefined();
    expect(evaluate(begin(baked('HHHHHHH'), 15), rules({ until }), 16)).toEqual({ verdict: 'healthy', because: 'row' });
  });
});

describe('a row of bad responses that come slowly', () => {
  test('is long enough when the time of failureThreshold probes and one timeout has passed', () => {
    const given = rules({ failureThreshold: 5, intervalMs: 2, timeoutMs: 5 });
    const state = [10, 15, 20].reduce((before, at) => observe(before, observation('unhealthy', at), given), initial);
    expect(nextMoment(state, given, 20)).toBe(25);
    expect(evaluate(state, given, 24)).toBeUndefined();
    expect(evaluate(state, given, 25)).toEqual({ verdict: 'unhealthy', because: 'silence' });
  });

  test('is never one bad response alone', () => {
    expect(evaluate(observe(initial, observation('unhealthy', 10), rules()), rules(), 100)).toBeUndefined();
  });

  test.each(['blind', 'unreachable'] as const)('is not when an observation that does not count (%s) was among them', (outcome) => {
    const given = rules({ failureThreshold: 5, ready: false });
    const state = [observation('unhealthy', 10), observation(outcome, 15), observation('unhealthy', 20)].reduce((before, seen) => observe(before, seen, given), initial);
    expect(evaluate(state, given, 50)).toBeUndefined();
  });

  test('counts from the first of the row', () => {
    const given = rules({ failureThreshold: 5 });
    const state = [observation('unhealthy', 2), observation('healthy', 10), observation('unhealthy', 15), observation('stale', 16)].reduce((before, seen) => observe(before, seen, given), initial);
    expect(evaluate(state, given, 29)).toBeUndefined();
    expect(evaluate(state, given, 30)).toEqual({ verdict: 'unhealthy', because: 'silence' });
  });
});

describe('the verdict on several checks', () => {
  test.each([
    [['healthy', 'healthy'], 'healthy'],
    [['healthy', undefined], undefined],
    [['unhealthy', undefined], 'unhealthy'],
    [['unhealthy', 'healthy', 'inconclusive'], 'unhealthy'],
    [['inconclusive', undefined], undefined],
    [['inconclusive', 'healthy'], 'inconclusive'],
    [['inconclusive', 'inconclusive'], 'inconclusive'],
  ] as const)('of %j is %s', (verdicts, verdict) => {
    expect(combine(verdicts)).toBe(verdict);
  });

  test('does not depend on their order', () => {
    const all = ['healthy', 'unhealthy', 'inconclusive', undefined] as const;
    for (const a of all) for (const b of all) for (const c of all) expect(combine([a, b, c])).toBe(combine([c, a, b]));
  });
});
