import { alarmChance, DeploymentChance } from './alarm-chance';
import { BAKE_MS, CHECK, DeploymentOptions, Ending, HealthyDeployments, STARTS_AT } from './healthy-deployment';
import { Figure, Measurement, Outcome } from './measurement';
import { bursts, BurstOptions, independentLoss, LossKind, Network, Random, seeded } from './network-loss';
import { binomialInterval } from './statistics';
import { Plot } from './svg-plot';

const INDEPENDENT = 50_000;
const IN_BURSTS = 20_000;
const SEED = 20_261_125;
const CONFIDENCE = 0.99;
/** Of healthy releases, at 1 % independent loss. */
const LIMIT = 1 / 5000;

const STRATEGIES = ['blueGreen', 'redeploy'] as const;
const LOSSES = [0.01, 0.02, 0.03, 0.04, 0.05];
const KINDS = ['reset', 'silence'] as const;
const MEANS_MS = [2_000, 10_000, 30_000];
/** So that all of the intervals hold at once with that confidence (Bonferroni). */
const EACH = 1 - (1 - CONFIDENCE) / (STRATEGIES.length * LOSSES.length * KINDS.length);

export interface Counted {
  readonly deployments: number;
  readonly rolledBack: number;
  readonly halted: number;
}

/** Every probe is lost with the same probability, independently of the others. */
export interface IndependentLoss {
  readonly strategy: DeploymentOptions['strategy'];
  readonly loss: number;
  readonly kind: LossKind;
}

export interface IndependentCase extends IndependentLoss, Counted {
  readonly formula: DeploymentChance;
  /** For the probability of being rolled back. */
  readonly interval: readonly [number, number];
}

export interface BurstCase extends Counted, BurstOptions, DeploymentOptions {}

/** (f) How many healthy releases are rolled back because the network lost probes. */
export const falseAlarms: Measurement = {
  letter: 'f',
  name: 'false-alarms',
  title: `healthy releases over networks that lose probes, ${INDEPENDENT.toLocaleString('en')} or ${IN_BURSTS.toLocaleString('en')} deployments a case`,

  async run(say) {
    // one for all, so that no two cases meet the same losses
    const random = seeded(SEED);
    const independent: IndependentCase[] = [];
    const inBursts: BurstCase[] = [];
    for (const strategy of STRATEGIES) {
      for (const loss of LOSSES) {
        say(`${strategy}, ${100 * loss} % of the probes`);
        for (const kind of KINDS) independent.push(await withIndependentLoss({ strategy, loss, kind }, INDEPENDENT, random));
      }
      for (const meanMs of MEANS_MS) {
        for (const share of [0.01, 0.05]) {
          say(`${strategy}, bursts of ${meanMs / 1000} s in ${100 * share} % of the time`);
          for (const hasControl of [false, true]) inBursts.push(await withBursts({ strategy, hasControl }, { share, meanMs }, IN_BURSTS, random));
        }
      }
    }
    return report(independent, inBursts);
  },
};

export async function withIndependentLoss(what: IndependentLoss, deployments: number, random: Random): Promise<IndependentCase> {
  const counted = await count({ ...what, hasControl: false }, deployments, () => independentLoss(what.loss, what.kind, random));
  const formula = alarmChance({ ...what, check: CHECK, bakeMs: BAKE_MS });
  return { ...what, ...counted, formula, interval: binomialInterval(counted.rolledBack, deployments, EACH) };
}

export async function withBursts(options: DeploymentOptions, what: BurstOptions, deployments: number, random: Random): Promise<BurstCase> {
  return { ...options, ...what, ...await count(options, deployments, () => bursts(what, STARTS_AT, random)) };
}

/** Every deployment has a network of its own. */
async function count({ strategy, hasControl }: DeploymentOptions, deployments: number, network: () => Network): Promise<Counted> {
  const all = new HealthyDeployments({ strategy, hasControl });
  const states: Record<Ending['state'], number> = { stable: 0, rolledBack: 0, halted: 0 };
  for (let number = 0; number < deployments; number += 1) states[(await all.deploy(network())).state] += 1;
  return { deployments, rolledBack: states.rolledBack, halted: states.halted };
}

function report(independent: IndependentCase[], inBursts: BurstCase[]): Outcome {
  return {
    figures: [...independentFigures(independent), ...burstFigures(inBursts)],
    notes: [
      'The runtime\'s own gates (baseline, verify, bake, confirm) with one check and every default, on a virtual clock; each case is all strategies and kinds of loss in equal parts, '
      + 'the seed is fixed. A lost probe is reset at once, or silent until its timeout. With several checks the chance grows as many times. '
      + `Intervals: together right with ${100 * CONFIDENCE} % confidence.`,
      'Bursts: good and bad times in turn, exponentially distributed; in bad ones everything is lost, the control URL\'s responses as well. '
      + 'Halted means that the prober could not see for the whole readiness deadline: nothing is undone, a person decides.',
    ],
    data: { independent: independent.map(per100000), inBursts },
    plot: plot(independent),
  };
}

/** What would be nothing but zeros after three decimals. */
function per100000({ formula: { alarm, bound, probes }, interval, ...counted }: IndependentCase) {
  return { ...counted, per100000: { formula: 1e5 * alarm, bound: 1e5 * bound, interval: interval.map((chance) => 1e5 * chance) }, probes };
}

function independentFigures(cases: IndependentCase[]): Figure[] {
  const at = (loss: number) => cases.filter((one) => one.loss === loss);
  const worst = (loss: number) => Math.max(...at(loss).map(({ formula }) => formula.alarm));
  const sum = total(at(0.01));
  const [, upper] = binomialInterval(sum.rolledBack, sum.deployments, CONFIDENCE);
  const agreeing = cases.filter(({ formula, interval: [low, high] }) => low <= formula.alarm && formula.alarm <= high).length;
  return [
    {
      what: '1 % independent loss: healthy releases rolled back, by the formula',
      measured: oneIn(worst(0.01)),
      limit: `fewer than ${oneIn(LIMIT)}`,
      holds: worst(0.01) < LIMIT,
    },
    {
      what: '1 % independent loss: simulated',
      measured: `${of(sum)}, so at most ${oneIn(upper)}`,
      limit: `fewer than ${oneIn(LIMIT)}`,
      holds: upper < LIMIT,
    },
    { what: '5 % independent loss: by the formula; simulated', measured: `${oneIn(worst(0.05))}; ${of(total(at(0.05)))}` },
    {
      what: 'the formula lies within the simulation\'s interval',
      measured: `${agreeing} of ${cases.length} cases`,
      limit: 'all',
      holds: agreeing === cases.length,
    },
  ];
}

function burstFigures(cases: BurstCase[]): Figure[] {
  const blamed = total(cases.filter(({ hasControl }) => !hasControl));
  const seen = total(cases.filter(({ hasControl }) => hasControl));
  return [
    { what: 'losses in bursts that a control URL sees: rolled back', measured: of(seen), limit: '0', holds: seen.rolledBack === 0 },
    { what: 'losses in bursts that a control URL sees: halted', measured: `${seen.halted} of ${seen.deployments.toLocaleString('en')}` },
    { what: 'losses in bursts without a control URL: rolled back', measured: of(blamed) },
  ];
}

function total(cases: readonly Counted[]): Counted {
  const sum = (key: keyof Counted) => cases.reduce((all, one) => all + one[key], 0);
  return { deployments: sum('deployments'), rolledBack: sum('rolledBack'), halted: sum('halted') };
}

function of({ rolledBack, deployments }: Counted): string {
  return `${rolledBack.toLocaleString('en')} of ${deployments.toLocaleString('en')}`;
}

function oneIn(chance: number): string {
  return `1 in ${Number((1 / chance).toPrecision(3)).toLocaleString('en')}`;
}

function plot(cases: IndependentCase[]): Plot {
  const shown = cases.filter(({ kind }) => kind === 'reset');
  return {
    title: 'Healthy releases rolled back where probes are lost independently',
    x: '% of the probes that are lost',
    y: 'per 100,000',
    series: STRATEGIES.flatMap((strategy) => {
      const own = shown.filter((one) => one.strategy === strategy);
      return [
        { name: `${strategy}, formula`, points: own.map(({ loss, formula }) => [100 * loss, 1e5 * formula.alarm] as const), isJoined: true },
        { name: `${strategy}, simulated`, points: own.map(({ loss, rolledBack, deployments }) => [100 * loss, 1e5 * (rolledBack / deployments)] as const) },
      ];
    }),
    limit: { name: 'limit at 1 %', y: 1e5 * LIMIT },
  };
}
