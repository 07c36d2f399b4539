import { STARVED_MOST_MS } from '../../../src/contract/manifest';
import { Clock } from '../../../src/runtime/clock';
import { QUIET } from '../../../src/runtime/monitoring/alert-lifecycle';
import { probeUntilKnown, CheckResult } from '../../../src/runtime/monitoring/probe-check';
import { Baseline, baseline, GateResult, Prober, runGate } from '../../../src/runtime/probing/gate';
import { Outcome } from '../../../src/runtime/probing/observation';
import { attentive, FairClock } from '../../../src/runtime/probing/starvation';
import { VirtualClock } from '../../virtual-clock';
import { healthCheck } from '../health-check-manifest';

const release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };

/** A machine on which the process gets no turn at times: seconds from the beginning, and for how long. */
class BusyMachine implements Clock {
  private readonly clock = new VirtualClock(0);

  constructor(private readonly stalls: readonly (readonly [from: number, until: number])[]) {}

  /** What the process sees: a moment within a stall is seen when it is over. */
  public now(): number {
    const at = this.clock.now();
    const stall = this.stalls.find(([from, until]) => from * 1_000 < at && at < until * 1_000);
    return stall ? stall[1] * 1_000 : at;
  }

  public async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.clock.sleep(ms, signal);
    if (this.now() > this.clock.now()) await this.clock.sleep(this.now() - this.clock.now());
  }

  /** A gate over a service that does this; one that a stall meets is silent, as far as the process sees. */
  public async gate(outcome: Outcome = 'healthy', deadlineMs = 20_000): Promise<GateResult & { readonly probed: Outcome[] }> {
    const { probed, probe } = this.service(outcome);
    const fair = new FairClock(this);
    const end = new AbortController();
    const check = healthCheck({ intervalMs: 1_000, timeoutMs: 1_000, deadlineMs });
    const by = { clock: fair, probe: attentive(probe, fair) };
    const work = runGate({ checks: [check], release, ready: true, baseline: {} }, by).finally(() => end.abort());
    void fair.beat(end.signal);
    return { ...await this.clock.run(work), probed };
  }

  /** What a deployment probes before its first change. */
  public async baseline(outcome: Outcome = 'healthy'): Promise<Baseline & { readonly probed: Outcome[] }> {
    const { probed, probe } = this.service(outcome);
    const check = healthCheck({ timeoutMs: 1_000 });
    return { ...await this.clock.run(baseline([check], { release }, { clock: this, probe, noticesStarvation: true })), probed };
  }

  /** A look of the scheduled watch. */
  public async look(outcome: Outcome = 'healthy'): Promise<CheckResult & { readonly probed: Outcome[] }> {
    const { probed, probe } = this.service(outcome);
    const check = healthCheck({ intervalMs: 1_000, timeoutMs: 1_000 });
    const rules = { retries: 1, firesAfter: 1, resolvesAfter: 1 };
    const options = { check, alert: QUIET, rules, release, clock: this, probe, noticesStarvation: true, signal: new AbortController().signal };
    return { ...await this.clock.run(probeUntilKnown(options)), probed };
  }

  /** What responds so; a probe that a stall meets is silent, as far as the process sees. */
  private service(outcome: Outcome): { readonly probed: Outcome[]; readonly probe: Prober } {
    const probed: Outcome[] = [];
    const probe: Prober = async (check, _target, signal) => {
      const startedAt = this.now();
      await this.sleep(10, signal);
      const isLate = this.now() - startedAt > check.timeoutMs;
      const seen = isLate ? 'unreachable' : outcome;
      probed.push(seen);
      return { startedAt, endedAt: this.now(), outcome: seen, saw: `saw ${seen}` };
    };
    return { probed, probe };
  }
}

/** The process stands still within each of so many probes from the first second on, for so long. */
function often(count: number, seconds: number): [number, number][] {
  return Array.from({ length: count }, (_, index): [number, number] => [0.005 + index * seconds, 0.005 + index * seconds + seconds - 0.004]);
}

describe('a process that gets no turn', () => {
  test('a healthy release is not condemned by what was not seen meanwhile', async () => {
    const { verdict, probed } = await new BusyMachine(often(9, 3)).gate();
    expect(probed.filter((seen) => seen === 'unreachable').length).toBeGreaterThan(3);
    expect(verdict).toBe('healthy');
  });

  test('the deadline moves by as much', async () => {
    const { verdict, decidedAt } = await new BusyMachine([[0.5, 25]]).gate();
    expect([verdict, decidedAt < 20_000]).toEqual(['healthy', true]);
  });

  test('it is not prolonged for ever: a runner that is starved is inconclusive, and says so', async () => {
    const { verdict, reason } = await new BusyMachine(often(200, 3)).gate();
    expect(verdict).toBe('inconclusive');
    expect(reason).toMatch(/^api: the runner is starved: this machine is too busy to probe, so 20 s gave no verdict; last: this machine gave the runtime no CPU for 3 s/);
  });

  test.each(['unhealthy', 'unreachable'] as const)('a service that is %s is found all the same, where the process gets its turns', async (outcome) => {
    expect((await new BusyMachine([[5, 9]]).gate(outcome)).verdict).toBe('unhealthy');
    expect((await new BusyMachine([[1.5, 9]]).gate(outcome)).verdict).toBe('unhealthy');
  });
});

describe('a process that gets no turn while it probes outside of a gate', () => {
  const stall: [number, number] = [0.005, 3];

  test('probes again before a deployment, so that a starved probe does not count as an unreachable service', async () => {
    expect(await new BusyMachine([stall]).baseline()).toMatchObject({ reached: { api: true }, probed: ['unreachable', 'healthy'] });
  });

  test('probes again in the watch, without a bad result', async () => {
    const { probed, observations, row } = await new BusyMachine([stall]).look();
    expect([probed, observations.map(({ outcome }) => outcome), row.last]).toEqual([['unreachable', 'healthy'], ['healthy'], 'healthy']);
  });

  test('probes at most three times: then it knows nothing', async () => {
    const { probed, reached } = await new BusyMachine(often(9, 3)).baseline();
    expect([probed.length, reached]).toEqual([3, { api: false }]);
    expect((await new BusyMachine(often(90, 3)).look()).observations.every(({ outcome }) => outcome === 'blind')).toBe(true);
  });

  test('probes once if it gets its turns, whatever it sees', async () => {
    expect((await new BusyMachine([]).baseline('unreachable')).probed).toEqual(['unreachable']);
    expect((await new BusyMachine([]).look('unhealthy')).observations.map(({ outcome }) => outcome)).toEqual(['unhealthy']);
  });
});

describe('a fair clock', () => {
  test('runs as the other one while the process gets its turns', async () => {
    const clock = new VirtualClock(0);
    const fair = new FairClock(clock);
    const end = new AbortController();
    void fair.beat(end.signal);
    await clock.run(fair.sleep(10_000));
    expect([fair.now(), fair.lostMs]).toEqual([10_000, 0]);
    end.abort();
  });

  test('leaves out what is lost, also before the overdue beat, and no more than the most', async () => {
    let now = 0;
    const fair = new FairClock({ now: () => now, sleep: () => new Promise(() => undefined) });
    void fair.beat(new AbortController().signal);
    now = 5_050;
    expect([fair.now(), fair.lostMs]).toEqual([50, 5_000]);
    now = 1_000_050;
    expect(fair.now()).toBe(1_000_050 - STARVED_MOST_MS);
  });
});
