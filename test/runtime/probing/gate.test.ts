import { CloudWatchAlarmCheckManifest, HealthCheckManifest, HttpCheckManifest } from '../../../src/contract/manifest';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { baseline, GateOptions, GateResult, InterruptedError, Prober, Progress, runGate } from '../../../src/runtime/probing/gate';
import { Outcome } from '../../../src/runtime/probing/observation';
import { probe } from '../../../src/runtime/probing/probe';
import { Release } from '../../../src/runtime/release';
import { respond, hang, json, MisbehavingServer } from '../../misbehaving-server';
import { VirtualClock } from '../../virtual-clock';
import { healthCheck } from '../health-check-manifest';

const release: Release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };

/** What a service does from a time on, counted from the beginning. */
interface Chapter {
  readonly from: number;
  readonly outcome: Outcome;
  /** How long a response takes. */
  readonly takes?: number;
}

interface ProbeCall {
  readonly check: string;
  readonly at: number;
  readonly url?: string;
}

/** Services that behave as set, on a clock that runs only as far as needed. */
class Stage {
  public readonly clock = new VirtualClock();
  public readonly startedAt = this.clock.now();
  public readonly calls: ProbeCall[] = [];
  public readonly progress: Progress[] = [];
  /** Probes that run at this moment, per check. */
  private readonly running = new Map<string, number>();
  public mostAtOnce = 0;

  constructor(private readonly script: Record<string, Chapter[]>) {}

  public readonly probe: Prober = async (check, target, signal) => {
    const startedAt = this.clock.now();
    this.calls.push({ check: check.name, at: startedAt - this.startedAt, url: target.url });
    const count = (this.running.get(check.name) ?? 0) + 1;
    this.running.set(check.name, count);
    this.mostAtOnce = Math.max(this.mostAtOnce, count);
    const chapter = this.script[check.name].filter(({ from }) => from <= startedAt - this.startedAt).at(-1);
    if (!chapter) throw new Error('the script does not say');
    await this.clock.sleep(Math.min(chapter.takes ?? 10, check.timeoutMs), signal);
    this.running.set(check.name, count - 1);
    if (signal?.aborted) throw new InterruptedError();
    return { startedAt, endedAt: this.clock.now(), outcome: chapter.outcome, saw: `saw ${chapter.outcome}` };
  };

  /** Runs a gate; times in the result are counted from its beginning. */
  public async gate(given: Partial<GateOptions> = {}, checks: Partial<HttpCheckManifest>[] = [{}]): Promise<GateResult> {
    const options = {
      checks: checks.map((check) => healthCheck(check)),
      release,
      ready: true,
      baseline: {},
      onProgress: (progress: Progress) => this.progress.push(progress),
      ...given,
    };
    const result = await this.clock.run(runGate(options, this));
    await this.clock.run(Promise.resolve());
    return {
      ...result,
      decidedAt: result.decidedAt - this.startedAt,
      firstBadAt: result.firstBadAt === undefined ? undefined : result.firstBadAt - this.startedAt,
    };
  }

  public at(ms: number): number {
    return this.startedAt + ms;
  }
}

function stage(...chapters: Chapter[]): Stage {
  return new Stage({ api: chapters });
}

describe('a gate', () => {
  test('is healthy after successThreshold healthy responses, an interval apart', async () => {
    const { probedAt, ...rest } = await played(stage({ from: 0, outcome: 'healthy' }));
    expect(rest).toMatchObject({ verdict: 'healthy', decidedAt: 4_010, firstBadAt: undefined, reason: 'api: saw healthy (healthy 3 in a row)' });
    expect(probedAt).toEqual([0, 2_000, 4_000]);
  });

  test('is unhealthy after failureThreshold bad responses in a row', async () => {
    expect(await played(stage({ from: 0, outcome: 'healthy' }, { from: 1_000, outcome: 'unhealthy' }))).toMatchObject({
      verdict: 'unhealthy', firstBadAt: 2_010, decidedAt: 6_010, reason: 'api: saw unhealthy (3 in a row)',
    });
  });

  test('contains the beginning of the deciding row, not of the first bad response', async () => {
    const it = stage({ from: 0, outcome: 'unhealthy' }, { from: 1_000, outcome: 'healthy' }, { from: 3_000, outcome: 'unhealthy' });
    expect(await played(it)).toMatchObject({ verdict: 'unhealthy', firstBadAt: 4_010, decidedAt: 8_010 });
  });

  test('is not healthy while the old release responds', async () => {
    expect(await played(stage({ from: 0, outcome: 'stale' }))).toMatchObject({ verdict: 'unhealthy', decidedAt: 4_010 });
  });

  test('waits for a deployment that is not ready', async () => {
    expect(await played(stage({ from: 0, outcome: 'unreachable' }, { from: 60_000, outcome: 'healthy' }), { ready: false })).toMatchObject({
      verdict: 'healthy', decidedAt: 64_010,
    });
  });

  test('is unhealthy at the deadline without any response if there was one before the deployment', async () => {
    expect(await played(stage({ from: 0, outcome: 'unreachable' }), { ready: false, baseline: { api: true } })).toMatchObject({
      verdict: 'unhealthy', decidedAt: 120_000, firstBadAt: 10, reason: 'api: no response within 2 min; last: saw unreachable',
    });
  });

  test('is inconclusive at the deadline without any response, also before the deployment', async () => {
    for (const ready of [true, false]) {
      expect(await played(stage({ from: 0, outcome: 'unreachable' }), { ready, baseline: { api: false } })).toMatchObject({
        verdict: 'inconclusive', decidedAt: 120_000, reason: 'api: no response within 2 min, and none before the deployment; last: saw unreachable',
      });
    }
  });

  test('is inconclusive when the prober was blind all the time', async () => {
    expect(await played(stage({ from: 0, outcome: 'blind' }))).toMatchObject({
      verdict: 'inconclusive', decidedAt: 120_000, reason: "api: the prober's own network is at fault, so 2 min gave no verdict; last: saw blind",
    });
  });

  test('is unhealthy at the deadline when the service flaps', async () => {
    const flapping = Array.from({ length: 100 }, (_, index): Chapter => ({ from: index * 2_000, outcome: index % 2 ? 'healthy' : 'unhealthy' }));
    expect(await played(stage(...flapping))).toMatchObject({ verdict: 'unhealthy', decidedAt: 120_000, reason: 'api: not healthy within 2 min; last: saw healthy' });
  });

  test('does not wait for a probe that hangs at the deadline', async () => {
    expect(await played(stage({ from: 0, outcome: 'unreachable', takes: 60_000 }), { ready: false }, { timeoutMs: 60_000, deadlineMs: 10_000 })).toMatchObject({
      verdict: 'unhealthy', decidedAt: 10_000, reason: 'api: no response within 10 s; last: no result',
    });
  });

  test('never runs two probes at once: a slow probe delays the next', async () => {
    const slow = stage({ from: 0, outcome: 'healthy', takes: 3_000 }, { from: 5_000, outcome: 'healthy', takes: 10 });
    const { probedAt, decidedAt } = await played(slow);
    expect(probedAt).toEqual([0, 3_000, 6_000]);
    expect(decidedAt).toBe(6_010);
    expect(slow.mostAtOnce).toBe(1);
  });

  test('probes the candidate if there is one', async () => {
    const it = stage({ from: 0, outcome: 'healthy' });
    await it.gate({ candidateUrl: 'http://green.example' });
    expect(it.calls.map(({ url }) => url)).toEqual(Array(3).fill('http://green.example'));
  });

  test('reports every observation, the row and the remaining time', async () => {
    const it = stage({ from: 0, outcome: 'unreachable' }, { from: 1_000, outcome: 'unhealthy' }, { from: 3_000, outcome: 'healthy' });
    await it.gate({ ready: false });
    const progress = it.progress.map(({ check, observation, counting, inARow, needed, remainingMs }) => (
      [check, observation.outcome, counting, inARow, needed, remainingMs]
    ));
    expect(progress).toEqual([
      ['api', 'unreachable', 'waiting', 0, 3, 119_990],
      ['api', 'unhealthy', 'unhealthy', 1, 3, 117_990],
      ['api', 'healthy', 'healthy', 1, 3, 115_990],
      ['api', 'healthy', 'healthy', 2, 3, 113_990],
      ['api', 'healthy', 'healthy', 3, 3, 231_990],
    ]);
  });

  test('counts its probes, and how long they took', async () => {
    const it = stage(
      { from: 0, outcome: 'healthy', takes: 100 }, { from: 1_000, outcome: 'unhealthy', takes: 300 }, { from: 3_000, outcome: 'healthy', takes: 200 },
    );
    const { probes } = await it.gate();
    expect(probes).toEqual([{ name: 'api', count: 5, healthy: 4, p50Ms: 200, p95Ms: 300 }]);
  });

  test('leaves no timer', async () => {
    const it = stage({ from: 0, outcome: 'unhealthy' });
    await it.gate();
    expect(it.clock.sleeping).toBe(0);
  });

  test('rejects when a probe falls over', async () => {
    const { clock } = stage();
    const broken: Prober = () => Promise.reject(new TypeError('broken'));
    await expect(clock.run(runGate({ checks: [healthCheck()], release, ready: true, baseline: {} }, { clock, probe: broken }))).rejects.toThrow('broken');
  });
});

type Played = Omit<GateResult, 'probes'> & { readonly probedAt: number[] };

async function played(it: Stage, given: Partial<GateOptions> = {}, check: Partial<HttpCheckManifest> = {}): Promise<Played> {
  const { probes, ...result } = await it.gate(given, [check]);
  return { ...result, probedAt: it.calls.map(({ at }) => at) };
}

describe('a gate with several checks', () => {
  const checks = [{ name: 'api' }, { name: 'web' }];

  test('is healthy when all are, at the same time', async () => {
    const it = new Stage({ api: [{ from: 0, outcome: 'healthy' }], web: [{ from: 0, outcome: 'unreachable' }, { from: 20_000, outcome: 'healthy' }] });
    expect(await it.gate({ ready: false }, checks)).toMatchObject({
      verdict: 'healthy', decidedAt: 24_010, reason: 'api: saw healthy (healthy 13 in a row); web: saw healthy (healthy 3 in a row)',
    });
  });

  test('is unhealthy when one turns bad while the other is still waited for', async () => {
    const it = new Stage({ api: [{ from: 0, outcome: 'healthy' }, { from: 10_000, outcome: 'unhealthy' }], web: [{ from: 0, outcome: 'unreachable' }] });
    expect(await it.gate({ ready: false }, checks)).toMatchObject({ verdict: 'unhealthy', decidedAt: 14_010, reason: 'api: saw unhealthy (3 in a row)' });
  });

  test('is unhealthy at once when one is, and ends the probes of the others', async () => {
    const it = new Stage({ api: [{ from: 0, outcome: 'unhealthy' }], web: [{ from: 0, outcome: 'healthy', takes: 5_000 }] });
    expect(await it.gate({}, checks)).toMatchObject({ verdict: 'unhealthy', decidedAt: 4_010 });
    expect(it.clock.sleeping).toBe(0);
    expect(it.clock.now()).toBe(it.at(4_010));
  });

  test('is inconclusive when one is and none is unhealthy, after all had their time', async () => {
    const it = new Stage({ api: [{ from: 0, outcome: 'unreachable' }], web: [{ from: 0, outcome: 'unreachable' }, { from: 150_000, outcome: 'healthy' }] });
    expect(await it.gate({ ready: false, baseline: { api: false, web: true } }, [{ name: 'api' }, { name: 'web', deadlineMs: 300_000 }])).toMatchObject({
      verdict: 'inconclusive', decidedAt: 154_010, reason: expect.stringMatching(/^api: no response/),
    });
  });

  test('keeps an inconclusive verdict although a response comes after the deadline', async () => {
    const it = new Stage({
      api: [{ from: 0, outcome: 'unreachable' }, { from: 117_000, outcome: 'unhealthy', takes: 4_000 }],
      web: [{ from: 0, outcome: 'unreachable' }, { from: 150_000, outcome: 'healthy' }],
    });
    const late = [{ name: 'api' }, { name: 'web', deadlineMs: 300_000 }];
    expect(await it.gate({ ready: false, baseline: { api: false, web: true } }, late)).toMatchObject({ verdict: 'inconclusive', decidedAt: 154_010 });
    expect(it.calls.filter(({ check, at }) => check === 'api' && at > 118_000)).toEqual([]);
  });

  test('probes each at its own interval', async () => {
    const it = new Stage({ api: [{ from: 0, outcome: 'healthy' }], web: [{ from: 0, outcome: 'healthy' }] });
    await it.gate({}, [{ name: 'api', intervalMs: 1_000 }, { name: 'web', intervalMs: 3_000 }]);
    expect(it.calls.filter(({ check }) => check === 'api').map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    expect(it.calls.filter(({ check }) => check === 'web').map(({ at }) => at)).toEqual([0, 3_000, 6_000]);
  });
});

describe('a bake', () => {
  test('holds a healthy verdict until its end', async () => {
    const it = stage({ from: 0, outcome: 'healthy' });
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'healthy', decidedAt: 15_000 });
    expect(it.calls).toHaveLength(8);
  });

  test('ends as soon as it is unhealthy', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 7_000, outcome: 'unhealthy' });
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'unhealthy', firstBadAt: 8_010, decidedAt: 12_010 });
  });

  test('is prolonged until it ends healthy', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 13_000, outcome: 'unhealthy' }, { from: 15_000, outcome: 'healthy' });
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'healthy', decidedAt: 20_010 });
  });

  test('is prolonged until it is unhealthy', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 13_000, outcome: 'unhealthy' });
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'unhealthy', decidedAt: 18_010 });
  });

  test('is not prolonged for ever by a service that flaps', async () => {
    const flapping = Array.from({ length: 200 }, (_, index): Chapter => ({ from: 7_000 + index * 2_000, outcome: index % 2 ? 'healthy' : 'unhealthy' }));
    const it = stage({ from: 0, outcome: 'healthy' }, ...flapping);
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'unhealthy', decidedAt: 135_000, reason: expect.stringContaining('did not stay so') });
  });

  test('waits for the probe that is pending at its end', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 13_500, outcome: 'unreachable', takes: 5_000 }, { from: 18_000, outcome: 'healthy' });
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'healthy', decidedAt: 23_010 });
  });

  test('does not end healthy while the prober is blind', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 7_000, outcome: 'blind' });
    expect(await it.gate({ until: it.at(15_000) })).toMatchObject({ verdict: 'inconclusive', decidedAt: 135_000 });
    const seeing = stage({ from: 0, outcome: 'healthy' }, { from: 7_000, outcome: 'blind' }, { from: 17_000, outcome: 'healthy' });
    expect(await seeing.gate({ until: seeing.at(15_000) })).toMatchObject({ verdict: 'healthy', decidedAt: 18_010 });
  });

  test('reports the remaining time', async () => {
    const it = stage({ from: 0, outcome: 'healthy' });
    await it.gate({ until: it.at(15_000) });
    expect(it.progress[0].remainingMs).toBe(14_990);
  });

  test('that is already over needs one row', async () => {
    const it = stage({ from: 0, outcome: 'healthy' });
    expect(await it.gate({ until: it.at(-60_000) })).toMatchObject({ verdict: 'healthy', decidedAt: 4_010 });
  });
});

describe('the time from the first bad response to the decision', () => {
  const combinations = [1, 2, 3, 5, 10].flatMap((failureThreshold) => [1_000, 2_000, 10_000].flatMap((intervalMs) => [500, 1_000, 5_000, 30_000]
    .map((timeoutMs) => ({ failureThreshold, intervalMs, timeoutMs, deadlineMs: 3_600_000 }))));

  test('is at most failureThreshold x interval + one timeout for any behaviour of the service', async () => {
    for (const check of combinations) {
      for (const outcome of ['unhealthy', 'stale', 'unreachable'] as const) {
        for (const share of [0, 0.5, 0.999, 1]) {
          for (const until of [undefined, 7_200_000]) {
            const it = stage({ from: 0, outcome: 'healthy' }, { from: 1, outcome, takes: check.timeoutMs * share });
            const { verdict, firstBadAt = NaN, decidedAt } = await it.gate({ until: until && it.at(until) }, [{ ...check, successThreshold: 2 }]);
            const bound = check.failureThreshold * check.intervalMs + check.timeoutMs;
            const kept = verdict === 'unhealthy' && decidedAt - firstBadAt <= bound;
            if (!kept) throw new Error(JSON.stringify({ check, outcome, share, until, verdict, firstBadAt, decidedAt, bound }));
          }
        }
      }
    }
  });

  test('is long enough for failureThreshold probes at the defaults, even when each takes its whole timeout', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 1, outcome: 'unreachable', takes: 5_000 });
    expect(await it.gate()).toMatchObject({ verdict: 'unhealthy', firstBadAt: 7_000, decidedAt: 17_000, reason: 'api: saw unreachable (3 in a row)' });
  });

  test('says when it was cut short', async () => {
    const it = stage({ from: 0, outcome: 'healthy' }, { from: 1, outcome: 'unreachable', takes: 5_000 });
    expect(await it.gate({}, [{ failureThreshold: 5 }])).toMatchObject({ firstBadAt: 7_000, decidedAt: 22_000, reason: 'api: saw unreachable (3 in a row, and no good response for 15 s)' });
  });
});

describe('a gate that is interrupted', () => {
  test('rejects at once, and leaves no timer', async () => {
    const stop = new AbortController();
    const it = stage({ from: 0, outcome: 'unreachable', takes: 5_000 });
    const stopping = it.clock.sleep(3_000).then(() => stop.abort());
    await expect(it.gate({ signal: stop.signal, ready: false })).rejects.toThrow(InterruptedError);
    await stopping;
    expect(it.clock.now()).toBe(it.at(3_000));
    expect(it.clock.sleeping).toBe(0);
  });

  test('sends no probe if it was interrupted before', async () => {
    const it = stage({ from: 0, outcome: 'healthy' });
    await expect(it.gate({ signal: AbortSignal.abort() })).rejects.toThrow(InterruptedError);
    expect(it.calls).toEqual([]);
  });
});

/** The old release, then the new one, and so on, each from a second on. */
function showing(...chapters: [number, Outcome][]): Chapter[] {
  return chapters.map(([second, outcome]) => ({ from: second * 1_000, outcome }));
}

describe('an asynchronous deployment', () => {
  const replaced = { releases: [] };
  const check = { propagationMs: 60_000 };

  test.each([5, 30, 59])('that takes %i s to appear: stale responses until then do not count', async (seconds) => {
    for (const ready of [true, false]) {
      const next = Math.ceil(seconds / 2) * 2_000;
      expect(await played(stage(...showing([0, 'stale'], [seconds, 'healthy'])), { ready, replaced }, check)).toMatchObject({
        verdict: 'healthy', decidedAt: next + 4_010, isUnseen: false, shownAt: expect.any(Number),
      });
    }
  });

  test('that never shows is unhealthy after the propagation and failureThreshold more responses, and says so', async () => {
    expect(await played(stage(...showing([0, 'stale'])), { replaced }, check)).toMatchObject({
      verdict: 'unhealthy', decidedAt: 64_010, isUnseen: true, reason: 'api: saw stale (3 in a row, after a wait of 1 min)',
    });
  });

  test('is not waited for if nothing is replaced, or no response names a release', async () => {
    expect(await played(stage(...showing([0, 'stale'])), {}, check)).toMatchObject({ verdict: 'unhealthy', decidedAt: 4_010 });
    expect(await played(stage(...showing([0, 'stale'])), { replaced })).toMatchObject({ verdict: 'unhealthy', decidedAt: 4_010 });
  });

  test('that showed once and is gone again is unhealthy by the row', async () => {
    expect(await played(stage(...showing([0, 'stale'], [10, 'healthy'], [12, 'stale'])), { replaced }, check)).toMatchObject({
      verdict: 'unhealthy', decidedAt: 16_010, isUnseen: false, reason: 'api: saw stale (3 in a row)',
    });
  });

  test('that flaps behind a load balancer, or in one of two caches, is unhealthy at the deadline', async () => {
    const flapping = Array.from({ length: 130 }, (_, index): [number, Outcome] => [10 + index * 2, index % 2 ? 'healthy' : 'stale']);
    expect(await played(stage(...showing([0, 'stale'], ...flapping)), { replaced }, check)).toMatchObject({ verdict: 'unhealthy', isUnseen: false });
    // two of three responses are the old release's: three in a row sooner or later
    const rarely = showing([0, 'stale'], [10, 'healthy'], [12, 'stale'], [14, 'stale'], [16, 'healthy'], [18, 'stale']);
    expect(await played(stage(...rarely), { replaced }, check)).toMatchObject({ verdict: 'unhealthy', decidedAt: 22_010 });
  });

  test('is unhealthy at once if it responds badly meanwhile', async () => {
    expect(await played(stage(...showing([0, 'stale'], [10, 'unhealthy'])), { replaced }, check)).toMatchObject({ verdict: 'unhealthy', decidedAt: 14_010, isUnseen: false });
    expect(await played(stage(...showing([0, 'stale'], [10, 'unreachable'])), { ready: true, replaced }, check)).toMatchObject({ verdict: 'unhealthy', decidedAt: 14_010 });
  });

  test('that shows just before the deadline gets the time of a row', async () => {
    expect(await played(stage(...showing([0, 'stale'], [59, 'healthy'])), { ready: false, replaced }, { propagationMs: 60_000, deadlineMs: 60_000 })).toMatchObject({
      verdict: 'healthy', decidedAt: 64_010,
    });
  });

  test('bakes for the whole time, from when it shows', async () => {
    const it = stage(...showing([0, 'stale'], [30, 'healthy']));
    expect(await played(it, { replaced, until: it.at(15_000) }, check)).toMatchObject({ verdict: 'healthy', decidedAt: 45_010, shownAt: it.at(30_010) });
  });
});

describe('a restored release, if the one that is left never responded', () => {
  const given = { ready: false, replaced: { releases: [], mayShowUp: true } };
  const check = { propagationMs: 60_000 };

  test('is not verified before the propagation is over', async () => {
    expect(await played(stage(...showing([0, 'healthy'])), given, check)).toMatchObject({ verdict: 'healthy', decidedAt: 60_000 });
  });

  test('is not waited for if no response names a release', async () => {
    expect(await played(stage(...showing([0, 'healthy'])), given)).toMatchObject({ verdict: 'healthy', decidedAt: 4_010 });
  });

  test.each([
    ['shows up late and is replaced in time', [30, 'stale'], [50, 'healthy'], 60_000],
    ['shows up at the last moment, and is replaced', [57, 'stale'], [100, 'healthy'], 104_010],
  ] as const)('is verified in the end where that one %s', async (_, late, back, decidedAt) => {
    expect(await played(stage(...showing([0, 'healthy'], [...late], [...back])), given, check)).toMatchObject({ verdict: 'healthy', decidedAt });
  });

  test('is not restored where that one shows up late and stays', async () => {
    expect(await played(stage(...showing([0, 'healthy'], [30, 'stale'])), given, check)).toMatchObject({ verdict: 'unhealthy', decidedAt: 94_010 });
  });

  test('is not restored where that one shows up, goes and comes back', async () => {
    expect(await played(stage(...showing([0, 'healthy'], [30, 'stale'], [40, 'healthy'], [42, 'stale'])), given, check)).toMatchObject({ verdict: 'unhealthy', decidedAt: 46_010 });
  });
});

describe('an alarm after a restore', () => {
  const alarm: CloudWatchAlarmCheckManifest = {
    ...healthCheck(), kind: 'cloudWatchAlarm', alarm: 'shop-errors', insufficientData: 'ok', liveOnly: true, propagationMs: 60_000,
  };
  const gated = (chapters: Chapter[], given: Partial<GateOptions> = {}) => {
    const it = stage(...chapters);
    return played(it, { ready: false, replaced: { releases: [] }, isRestored: true, checks: [alarm], ...given });
  };

  test('that fires after it was OK is waited for', async () => {
    expect(await gated(showing([0, 'healthy'], [3, 'stale'], [40, 'healthy']))).toMatchObject({ verdict: 'healthy', decidedAt: 44_010 });
  });

  test('counts once its time to recover is over', async () => {
    expect(await gated(showing([0, 'healthy'], [3, 'stale']))).toMatchObject({ verdict: 'unhealthy', decidedAt: 64_010 });
  });

  test('is waited for in the confirmation, too, where nothing is replaced', async () => {
    expect(await gated(showing([0, 'healthy'], [3, 'stale'], [40, 'healthy']), { ready: true, replaced: undefined })).toMatchObject({ verdict: 'healthy' });
  });

  test('counts at once where nothing was restored', async () => {
    expect(await gated(showing([0, 'healthy'], [3, 'stale']), { isRestored: false })).toMatchObject({ verdict: 'unhealthy', decidedAt: 8_010 });
  });

  test('does not excuse the response of another release', async () => {
    const it = stage(...showing([0, 'healthy'], [3, 'stale']));
    const group: HealthCheckManifest = { ...healthCheck(), kind: 'allOf', checks: [healthCheck(), alarm], propagationMs: 60_000 };
    const named: Prober = async (...args) => ({ ...await it.probe(...args), release: 'v2' });
    const given = { checks: [group], release, ready: false, replaced: { releases: [] }, isRestored: true, baseline: {} };
    expect(await it.clock.run(runGate(given, { clock: it.clock, probe: named })))
      .toMatchObject({ verdict: 'unhealthy', decidedAt: it.at(8_010) });
  });
});

describe('a baseline', () => {
  test.each([
    ['healthy', true], ['unhealthy', true], ['stale', true], ['unreachable', false], ['blind', false],
  ] as const)('that saw %s says that the service was reached: %s', async (outcome, reached) => {
    const it = new Stage({ api: [{ from: 0, outcome }], web: [{ from: 0, outcome: 'healthy' }] });
    const seen = it.clock.run(baseline([healthCheck(), healthCheck({ name: 'web' })], { release }, it));
    expect(await seen).toEqual({ reached: { api: reached, web: true }, releases: [], unhealthy: outcome === 'unhealthy' ? ['api'] : [] });
    expect(it.calls).toHaveLength(2);
  });

  test('is interrupted with everything else', async () => {
    const it = stage({ from: 0, outcome: 'healthy' });
    await expect(it.clock.run(baseline([healthCheck()], { release }, it, AbortSignal.abort()))).rejects.toThrow(InterruptedError);
  });
});

describe('a gate on a real service', () => {
  let server: MisbehavingServer;
  const quick = { intervalMs: 20, timeoutMs: 5_000, deadlineMs: 30_000 };
  const prober: Prober = (check, target, signal) => probe(check, { ...target, env: {} }, SYSTEM_CLOCK, signal);
  const context = { clock: SYSTEM_CLOCK, probe: prober };

  beforeEach(async () => {
    server = await MisbehavingServer.start();
  });
  afterEach(() => server.stop());

  function gate(check: Partial<HttpCheckManifest> = {}): Promise<GateResult> {
    return runGate({ checks: [healthCheck({ url: server.url, ...quick, ...check })], release, ready: true, baseline: {} }, context);
  }

  test('is healthy when it responds with the release', async () => {
    server.behave(json({ version: '1.2.3' }));
    expect(await gate({ release: { kind: 'json', path: 'version' } })).toMatchObject({
      verdict: 'healthy', reason: expect.stringMatching(/^api: 200 in \d+ ms, 1\.2\.3 \(healthy 3 in a row\)$/),
    });
  });

  test('is unhealthy when the old release responds', async () => {
    server.behave(json({ version: '1.2.2' }));
    expect(await gate({ release: { kind: 'json', path: 'version' } })).toMatchObject({
      verdict: 'unhealthy', reason: expect.stringMatching(/1\.2\.2 responded instead of v1\.2\.3 \(3 in a row\)$/),
    });
  });

  test('is unhealthy when it responds 500, hangs, and responds 404', async () => {
    server.behave(respond(200), respond(500), hang, respond(404));
    const { verdict, reason, probes } = await gate({ intervalMs: 1_500, timeoutMs: 1_500 });
    expect({ verdict, reason }).toEqual({ verdict: 'unhealthy', reason: expect.stringMatching(/^api: 404 in \d+ ms \(3 in a row\)$/) });
    expect(probes[0]).toMatchObject({ count: 4, healthy: 1 });
  });

  test('is not unhealthy when it flaps, and recovers', async () => {
    server.behave(respond(500), respond(200), respond(500), respond(500), respond(200));
    expect(await gate()).toMatchObject({ verdict: 'healthy', probes: [{ count: 7, healthy: 4 }] });
  });

  test('ends the probe that hangs once another check has decided', async () => {
    server.behave(hang);
    const other = await MisbehavingServer.start();
    other.behave(respond(500));
    const checks = [healthCheck({ ...quick, timeoutMs: 60_000, url: server.url }), healthCheck({ ...quick, name: 'web', url: other.url })];
    expect(await runGate({ checks, release, ready: true, baseline: {} }, context)).toMatchObject({ verdict: 'unhealthy', reason: expect.stringMatching(/^web: 500/) });
    await server.deserted();
    await other.stop();
  });
});
