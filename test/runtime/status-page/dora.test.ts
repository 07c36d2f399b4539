import { doraOf, failureOf, FinishedAttempt } from '../../../src/runtime/status-page/dora';

const MINUTE = 60_000;
const DAY = 86_400_000;
const TO = Date.parse('2026-11-25T00:00:00Z');
const WINDOW = { from: TO - 28 * DAY, to: TO };

let last = 0;

function attempt(daysAgo: number, change: Partial<FinishedAttempt> = {}): FinishedAttempt {
  last += 1;
  const createdAt = TO - daysAgo * DAY;
  return { id: String(last), kind: 'deploy', version: `v${last}`, sha: last.toString(16).padStart(40, '0'), state: 'stable', createdAt, endedAt: createdAt + 5 * MINUTE, ...change };
}

describe('deployment frequency', () => {
  it('counts what became Stable, a week', () => {
    const all = [1, 2, 9, 20].map((ago) => attempt(ago));
    expect(doraOf(all, WINDOW)).toMatchObject({ deployments: 4, perWeek: 1 });
  });

  it('counts no rollback, adoption or drill, nothing that changed nothing, and nothing outside the time', () => {
    const all = [
      attempt(1), attempt(2, { kind: 'adopt' }), attempt(3, { kind: 'drill' }), attempt(4, { kind: 'rollback' }), attempt(5, { state: 'failed' }), attempt(6, { state: 'superseded' }), attempt(40),
    ];
    expect(doraOf(all, WINDOW)).toMatchObject({ deployments: 1, finished: 1, failures: 0 });
  });

  it('says no weekly figure of less than a week', () => {
    expect(doraOf([attempt(1)], { from: TO - 3 * DAY, to: TO })).not.toHaveProperty('perWeek');
  });
});

describe('lead time', () => {
  it('is the median from commit to Stable', () => {
    const all = [10, 20, 300].map((minutes, i) => {
      const one = attempt(i + 1);
      return { ...one, committedAt: one.endedAt - minutes * MINUTE };
    });
    expect(doraOf(all, WINDOW).leadTimeMs).toBe(20 * MINUTE);
  });

  it('is unknown where no commit is', () => {
    expect(doraOf([attempt(1)], WINDOW)).not.toHaveProperty('leadTimeMs');
  });
});

describe('failures', () => {
  it('are what was rolled back by itself; restored when that was done', () => {
    const bad = attempt(1, { state: 'rolledBack' });
    const all = [attempt(2), { ...bad, troubleAt: bad.endedAt - 2 * MINUTE }];
    expect(doraOf(all, WINDOW)).toMatchObject({ finished: 2, failures: 1, restoreMs: 2 * MINUTE, unrestored: 0 });
  });

  it('are what was halted; restored by the next verified release', () => {
    const halted = attempt(3, { state: 'halted' });
    const fix = attempt(2, { kind: 'adopt' });
    expect(failureOf(halted, [halted, fix])).toEqual({ since: halted.endedAt, until: fix.endedAt });
    expect(doraOf([halted], WINDOW)).toMatchObject({ failures: 1, unrestored: 1 });
  });

  it('are what a person rolled back later', () => {
    const bad = attempt(2);
    const back = attempt(1.9, { kind: 'rollback', leaving: bad.sha });
    expect(failureOf(bad, [bad, back])).toEqual({ since: back.createdAt, until: back.endedAt });
    expect(doraOf([bad, back], WINDOW)).toMatchObject({ deployments: 1, finished: 1, failures: 1 });
  });

  it('are not what was replaced, and rolled back to and from again much later', () => {
    const first = attempt(5);
    const second = attempt(4);
    const back = attempt(3, { kind: 'rollback', leaving: second.sha });
    expect(failureOf(first, [first, second, back])).toBeUndefined();
  });

  it('are not what was there while another release was left', () => {
    const good = attempt(2);
    const back = attempt(1.9, { kind: 'rollback', leaving: 'f'.repeat(40) });
    expect(failureOf(good, [good, back])).toBeUndefined();
  });

  it('exclude deployments of dead processes, which have no verdict', () => {
    expect(doraOf([attempt(1, { state: 'rolledBack', isAbandoned: true })], WINDOW)).toMatchObject({ finished: 0, failures: 0 });
  });
});
