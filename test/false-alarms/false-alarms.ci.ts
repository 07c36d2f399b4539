import { alarmChance, rowBound, rowChance } from '../../bench/alarm-chance';
import { withBursts, withIndependentLoss } from '../../bench/false-alarms';
import { BAKE_MS, CHECK, deployHealthy, HealthyDeployments, STARTS_AT } from '../../bench/healthy-deployment';
import { bursts, independentLoss, Network, seeded } from '../../bench/network-loss';
import { binomialInterval } from '../../bench/statistics';

const STRATEGIES = ['redeploy', 'blueGreen'] as const;
const KINDS = ['reset', 'silence'] as const;
const BOTH = STRATEGIES.flatMap((strategy) => KINDS.map((kind) => ({ strategy, kind })));

describe('a healthy release, at the defaults', () => {
  test.each(BOTH)('is rolled back less often than once in 5,000 at 1 % independent loss ($strategy, $kind)', async ({ strategy, kind }) => {
    const { formula, rolledBack, halted, deployments } = await withIndependentLoss({ strategy, loss: 0.01, kind }, 20_000, seeded(1));
    expect(formula.bound).toBeLessThan(1 / 5000);
    expect(binomialInterval(rolledBack, deployments, 0.95)[1]).toBeLessThan(1 / 5000);
    expect(halted).toBe(0);
  });

  test.each(STRATEGIES)('is never rolled back when the losses come in bursts that a control URL sees, too (%s)', async (strategy) => {
    for (const meanMs of [2_000, 10_000, 30_000]) {
      const { rolledBack } = await withBursts({ strategy, hasControl: true }, { share: 0.05, meanMs }, 1_000, seeded(2));
      expect({ meanMs, rolledBack }).toEqual({ meanMs, rolledBack: 0 });
    }
  });

  test.each(STRATEGIES)('is not rolled back at 1 % independent loss where it shows only 30 s after the command (%s)', async (strategy) => {
    const random = seeded(7);
    const all = new HealthyDeployments({ strategy, hasControl: false, showsAfterMs: 30_000 });
    const states: string[] = [];
    for (const kind of KINDS) {
      for (let number = 0; number < 20_000; number += 1) states.push((await all.deploy(independentLoss(0.01, kind, random))).state);
    }
    const rolledBack = states.filter((state) => state === 'rolledBack').length;
    expect(binomialInterval(rolledBack, states.length, 0.95)[1]).toBeLessThan(1 / 5000);
    expect(states.filter((state) => state === 'halted')).toEqual([]);
  });

  test('would be rolled back in such bursts without a control URL: that is what it is for', async () => {
    const { rolledBack } = await withBursts({ strategy: 'blueGreen', hasControl: false }, { share: 0.05, meanMs: 10_000 }, 2_000, seeded(3));
    expect(rolledBack).toBeGreaterThan(50);
  });

  test('is Stable after a baseline, three probes, a bake and three more where nothing is lost', async () => {
    const probed: string[] = [];
    const lossless: Network = ({ probed: what, at }) => {
      probed.push(`${what} ${(at - STARTS_AT) / 1000}`);
      return { isResponse: true, takesMs: 10 };
    };
    expect(await deployHealthy({ strategy: 'blueGreen', hasControl: true }, lossless)).toEqual({ state: 'stable' });
    expect(probed).toHaveLength(1 + 3 + 8 + 3);
    expect(probed.every((question) => question.startsWith('service'))).toBe(true);
  });
});

describe('the formula', () => {
  test.each(BOTH)('says what the simulation shows, where losses are so many that it shows much ($strategy, $kind)', async ({ strategy, kind }) => {
    const { formula, rolledBack, deployments } = await withIndependentLoss({ strategy, loss: 0.15, kind }, 1_000, seeded(4));
    const [low, high] = binomialInterval(rolledBack, deployments, 0.999);
    expect(rolledBack).toBeGreaterThan(20);
    expect(formula.alarm).toBeGreaterThan(low);
    expect(formula.alarm).toBeLessThan(high);
  });

  test('never exceeds the probes of a deployment times the chance of a row', () => {
    for (const { strategy, kind } of BOTH) {
      for (const loss of [0.001, 0.01, 0.05, 0.2, 0.5]) {
        const { alarm, bound, probes } = alarmChance({ check: CHECK, strategy, bakeMs: BAKE_MS, loss, kind });
        expect(alarm).toBeLessThan(bound);
        expect(bound).toBeCloseTo(probes * loss ** 3, 12);
      }
    }
  });

  test('of a row within so many probes is what counting all courses gives', () => {
    const loss = 0.3;
    for (const probes of [0, 2, 3, 4, 7, 12]) {
      let counted = 0;
      for (const course of courses(probes)) if (course.includes('xxx')) counted += [...course].reduce((chance, fate) => chance * (fate === 'x' ? loss : 1 - loss), 1);
      expect(rowChance(probes, 3, loss)).toBeCloseTo(counted, 12);
      expect(rowBound(probes, 3, loss)).toBeGreaterThan(counted - 1e-12);
    }
  });

  test('of 60 probes at 1 % loss: three in a row 0.006 %, any failure 45 %', () => {
    expect(rowChance(60, 3, 0.01)).toBeCloseTo(0.00006, 5);
    expect(rowChance(60, 1, 0.01)).toBeCloseTo(0.45, 2);
  });
});

/** Every course of so many probes: `x` is lost. */
function courses(probes: number): string[] {
  return probes === 0 ? [''] : courses(probes - 1).flatMap((course) => [`${course}x`, `${course}.`]);
}

describe('the simulation', () => {
  test('gives every deployment the end that the gates give it', async () => {
    const options = { strategy: 'redeploy', hasControl: true } as const;
    const random = seeded(5);
    const all = new HealthyDeployments(options);
    for (const network of [() => independentLoss(0.3, 'silence', random), () => bursts({ share: 0.3, meanMs: 10_000 }, STARTS_AT, random)]) {
      for (let number = 0; number < 200; number += 1) {
        const observed = recorded(network());
        const ending = await all.deploy(observed.network);
        expect(await deployHealthy(options, replayed(observed.replies))).toEqual(ending);
      }
    }
    expect(all.courses).toBeLessThan(400);
  });
});

function recorded(network: Network) {
  const replies: ReturnType<Network>[] = [];
  return {
    replies,
    network: (question: Parameters<Network>[0]) => {
      const reply = network(question);
      replies.push(reply);
      return reply;
    },
  };
}

function replayed(replies: readonly ReturnType<Network>[]): Network {
  let next = 0;
  return () => replies[next++];
}

describe('a network that loses in bursts', () => {
  test('loses its share of the time, in bursts of the given mean length', () => {
    const random = seeded(6);
    const [share, meanMs, stepMs, runs, steps] = [0.05, 10_000, 100, 200, 10_000];
    let [lost, begun] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      // probed with a timeout of 1 ms, so that each response is about one moment
      const network = bursts({ share, meanMs }, 0, random);
      let before = false;
      for (let step = 0; step < steps; step += 1) {
        const isLost = !network({ probed: 'service', at: step * stepMs, timeoutMs: 1 }).isResponse;
        lost += isLost ? 1 : 0;
        begun += isLost && !before ? 1 : 0;
        before = isLost;
      }
    }
    expect(lost / (runs * steps)).toBeCloseTo(share, 2);
    expect((lost * stepMs) / begun / meanMs).toBeCloseTo(1, 0);
  });
});

describe('a confidence interval', () => {
  test.each([
    [0, 10_000, 0.95, 0, 0.000_369],
    [5, 10, 0.95, 0.1871, 0.8129],
    [10, 10, 0.95, 0.6915, 1],
  ])('for %i of %i at %f is as the tables say', (hits, trials, confidence, low, high) => {
    const interval = binomialInterval(hits, trials, confidence);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });
});
