import { CrashWorld, End, Ran } from './crash-world';
import { Kind, nameOf } from './pipeline';
import { Lateness } from './service';
import { hasWeights, strategyData } from '../strategies';

/** Something that happens to an environment, and what should have become of it. */
export interface Story {
  readonly name: string;
  readonly kind: Kind;
  /** What was before; saved once. */
  readonly before: { readonly name: string; readonly play: (world: CrashWorld) => Promise<void> };
  /** What may be cut off anywhere. */
  readonly play: (world: CrashWorld, ends: readonly End[]) => Promise<Ran>;
  /** The release that is Stable afterwards, where nothing cut it off; undefined where it is none. */
  readonly stable: string | undefined;
  /** The last job of the same run that recovers the interrupted deployment; undefined if the next run does. */
  readonly lastRecovery: string | undefined;
  /** Whether it goes to a release that nothing speaks against: having died in `confirming`, it is not undone. */
  readonly isGood: boolean;
  /** What comes next, whatever became of it; then this release is Stable. */
  readonly next: { readonly play: (world: CrashWorld) => Promise<Ran>; readonly stable: string };
}

const NOTHING: Story['before'] = { name: 'nothing', play: async () => {} };
const V1: Story['before'] = { name: 'v1', play: async (world) => { await world.push('v1'); } };
const V1_AND_V2: Story['before'] = {
  name: 'v1 and v2',
  async play(world) {
    await world.push('v1');
    await world.push('v2');
  },
};
/** v2 was bad, and so was its rollback point. */
const HALTED: Story['before'] = {
  name: 'halted',
  async play(world) {
    await world.push('v1');
    world.service.behaviours.v1 = 'bad';
    await world.push('v2', 'bad');
    world.service.behaviours.v1 = 'good';
  },
};
const JUDGED: Story['before'] = {
  name: 'v2 judged',
  async play(world) {
    await world.push('v1');
    await world.push('v2', 'bad');
  },
};
/** A person deployed v1 by hand. */
const BY_HAND: Story['before'] = {
  name: 'v1 by hand',
  async play({ service, kind }) {
    const slot = slotOf(kind) ?? 'only';
    service.put(slot, 'v1');
    service.put('live', slot);
  },
};

/** A slot that a release may be in; undefined where there are none. */
function slotOf({ strategy }: Kind): string | undefined {
  return strategyData(strategy).slots[0];
}

const V3: Story['next'] = { play: (world) => world.push('v3'), stable: 'v3' };

export function deployStories(kind: Kind): Story[] {
  const story = { kind, lastRecovery: 'rollback_production' };
  return [
    {
      ...story,
      name: `${nameOf(kind)}, a good release`,
      before: V1,
      play: (world, ends) => world.push('v2', 'good', ends),
      stable: 'v2',
      isGood: true,
      // the same commit again: it got no verdict, so it is not blocked
      next: { play: (world) => world.push('v2'), stable: 'v2' },
    },
    { ...story, name: `${nameOf(kind)}, a bad release`, before: V1, play: (world, ends) => world.push('v2', 'bad', ends), stable: 'v1', isGood: false, next: V3 },
    { ...story, name: `${nameOf(kind)}, the first release`, before: NOTHING, play: (world, ends) => world.push('v2', 'good', ends), stable: 'v2', isGood: true, next: V3 },
  ];
}

export function otherStories(kind: Kind): Story[] {
  const story = { kind, isGood: false };
  const decide = (action: string, inputs: Record<string, string>) => (world: CrashWorld, ends: readonly End[] = []) =>
    world.dispatch('rollback.yml', { action, reason: 'a test', ...inputs }, ends);
  const back = decide('rollback', { release: 'v1' });
  const adopt = decide('adopt', { release: 'v1', ...(slotOf(kind) !== undefined && { slot: slotOf(kind)! }) });
  const resolve = decide('resolve', {});
  const unblock = decide('unblock', { release: 'v2' });
  return [
    { ...story, name: `${nameOf(kind)}, a rollback by hand`, before: V1_AND_V2, play: back, stable: 'v1', lastRecovery: 'recover', next: { play: (world) => back(world), stable: 'v1' } },
    { ...story, name: `${nameOf(kind)}, adopt`, before: BY_HAND, play: adopt, stable: 'v1', lastRecovery: undefined, next: { play: (world) => adopt(world), stable: 'v1' } },
    { ...story, name: `${nameOf(kind)}, resolve`, before: HALTED, play: resolve, stable: 'v1', lastRecovery: undefined, next: { play: (world) => resolve(world), stable: 'v1' } },
    {
      ...story,
      name: `${nameOf(kind)}, unblock`,
      before: JUDGED,
      play: unblock,
      stable: 'v1',
      lastRecovery: 'recover',
      next: {
        async play(world) {
          await unblock(world);
          return world.push('v2');
        },
        stable: 'v2',
      },
    },
    { ...story, name: `${nameOf(kind)}, a drill`, before: V1, play: (world, ends) => world.dispatch('drill.yml', {}, ends), stable: 'v1', lastRecovery: 'recover', next: V3 },
  ];
}

const NEVER: Lateness = { candidate: 3, users: Infinity };
const AT_ONCE: Lateness = { candidate: 0, users: 0 };
const LATER: Lateness = { candidate: 3, users: 5 };

/** A target that cannot take a release back: a release that ends without a verdict, or with a bad one, is halted. */
export function oneWayStories(strategy: Kind['strategy']): Story[] {
  const [good, bad] = deployStories({ strategy, oneWay: true });
  return [good!, { ...bad!, stable: 'v1' }];
}

/** Releases that show only some time after their command has ended. */
export function asynchronousStories(strategy: Kind['strategy']): Story[] {
  const kind: Kind = { strategy, asynchronous: true };
  const story = { kind, lastRecovery: 'rollback_production', before: V1, next: V3, stable: 'v1', isGood: false };
  const late = (behaviour: 'good' | 'bad', v2 = LATER, v1 = LATER): Story['play'] => (world, ends) => {
    Object.assign(world.service.lateness, { v1, v2 });
    return world.push('v2', behaviour, ends);
  };
  const stories: Story[] = [
    { ...story, name: `${nameOf(kind)}, a good release that shows late`, play: late('good'), stable: 'v2', isGood: true },
    { ...story, name: `${nameOf(kind)}, a bad release that shows late`, play: late('bad') },
    { ...story, name: `${nameOf(kind)}, a release that never shows`, play: late('good', NEVER) },
    { ...story, name: `${nameOf(kind)}, a bad release that appears after its rollback`, play: late('bad', LATER, AT_ONCE) },
  ];
  // with weights only the candidate shows late
  return hasWeights(strategy) ? stories.slice(0, 2) : stories;
}

/** Releases with a URL of their own, which the target reports after it deployed. */
export function outputStories(strategy: Kind['strategy']): Story[] {
  const kind: Kind = { strategy, outputs: true };
  return [...deployStories(kind), ...otherStories(kind).filter(({ name }) => /by hand/.test(name))];
}

/** A bad release that causes an alarm. */
export function alarmStories(strategy: Kind['strategy']): Story[] {
  return deployStories({ strategy, alarm: true }).filter(({ name }) => name.endsWith('a bad release'));
}

/** Canaries that are compared with Stable: a good release, and one that only its errors distinguish from Stable. */
export function analysisStories(strategy: Kind['strategy']): Story[] {
  const [good] = deployStories({ strategy, analyzes: true });
  const worse: Story['play'] = (world, ends) => {
    world.service.put('worse', 'v2');
    return world.push('v2', 'good', ends);
  };
  return [good!, { ...good!, name: `${nameOf(good!.kind)}, a release with more errors`, play: worse, stable: 'v1', isGood: false, next: V3 }];
}

/** Releases that a driver of the runtime deploys. */
export function lambdaStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'lambda' });
}

export function staticSiteStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'staticSite' });
}

export function ecsStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'ecs' });
}

export function githubPagesStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'githubPages' });
}

export function gitOpsStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'gitOps' });
}

export function npmStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'npm' });
}

export function kubernetesStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'kubernetes' });
}

export function argoRolloutsStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'argoRollouts' });
}

export function serversStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'servers' });
}

export function containersStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'containers' });
}

export function caddyStories(strategy: Kind['strategy']): Story[] {
  return engineStories({ strategy, engine: 'servers', caddy: true });
}

function engineStories(kind: Kind): Story[] {
  return [...deployStories(kind).slice(0, 2), ...otherStories(kind).filter(({ name }) => /by hand/.test(name))];
}
