import { PreviewCode } from './preview-code';
import { A, B, C, Ended, Job, PreviewWorld, Pull } from './preview-world';
import { Actor } from './turns';
import { Manifest } from '../../../src/contract/manifest';

/** Whose previews a scenario is about. */
export type Kind = 'own' | 'expiring' | 'shared';

/** What happens on GitHub, beside the jobs that it starts. */
export interface Scenario {
  readonly name: string;
  readonly kind: Kind;
  readonly setUp: (world: PreviewWorld) => Promise<void>;
  /** Each of its operations comes at any time after the one before it. */
  readonly play: (world: PreviewWorld, github: Actor) => Promise<unknown>;
}

export type Manifests = Readonly<Record<Kind, Manifest>>;

export async function beginScenario({ kind, play, setUp }: Scenario, code: PreviewCode, manifests: Manifests): Promise<PreviewWorld> {
  const world = new PreviewWorld(code, manifests[kind]);
  await setUp(world);
  void play(world, world.actor('GitHub'));
  return world;
}

const OPEN: Pull = { isOpen: true, head: A, labels: [] };

function pullOf(world: PreviewWorld, change: Partial<Pull> = {}, number = 7): void {
  world.pulls.set(number, { ...OPEN, ...change });
}

const DEPLOYED: Scenario['setUp'] = async (world) => {
  pullOf(world);
  await world.deployed(7, A);
};

const CLOSED: Scenario['setUp'] = async (world) => {
  pullOf(world, { isOpen: false });
  await world.deployed(7, A);
};

const LABELLED: Scenario['setUp'] = async (world) => {
  for (const number of [7, 8]) pullOf(world, { labels: ['qa'], head: number === 7 ? A : B }, number);
  await world.deployed(7, A);
};

function overOf(ended: Ended): Promise<void> {
  return new Promise((resolve) => {
    ended.onOver = resolve;
  });
}

/** How a job that is cancelled ends. */
const ENDS = {
  /** It stops by itself. */
  '': () => undefined,
  /** At any moment the machine is gone. */
  ', whose machine is lost': (world, ended) => {
    ended.actor.die();
    world.end(ended);
  },
  /** At any moment GitHub believes so, and it goes on later. */
  ', whose machine is believed to be lost': (world, ended) => {
    ended.isGivenUp = true;
    world.end(ended);
  },
} satisfies Record<string, (world: PreviewWorld, ended: Ended) => void>;

/** A push, a close or a reopening cancels what is under way. The next job begins when the run of that is over. */
function interrupting(first: Job, what: string, change: Partial<Pull>, next: Job, end: keyof typeof ENDS): Scenario['play'] {
  return async (world, github) => {
    const under = world.begin(first);
    const over = overOf(under);
    await github.do(what, () => {
      pullOf(world, { ...world.pulls.get(7), ...change });
      under.actor.interrupted.abort();
    });
    if (end !== '') {
      await github.do('end it', () => {
        if (!under.actor.isOver) ENDS[end](world, under);
      });
    }
    await over;
    await github.do('start the next job', () => {
      world.begin(next);
    });
  };
}

const DEPLOY_A = { run: 2, what: 'deploy', number: 7, sha: A } as const;
const DEPLOY_B = { run: 3, what: 'deploy', number: 7, sha: B } as const;
const CLOSED_3 = { run: 3, what: 'closed', number: 7, sha: A } as const;
const NOTHING: Scenario['setUp'] = async (world) => pullOf(world);

export const SCENARIOS: readonly Scenario[] = [
  ...(Object.keys(ENDS) as (keyof typeof ENDS)[]).flatMap((end): Scenario[] => [
    { name: `a push during a deployment${end}`, kind: 'own', setUp: NOTHING, play: interrupting(DEPLOY_A, 'push', { head: B }, DEPLOY_B, end) },
    { name: `a close during a deployment${end}`, kind: 'own', setUp: NOTHING, play: interrupting(DEPLOY_A, 'close', { isOpen: false }, CLOSED_3, end) },
    {
      name: `a reopening during a removal${end}`,
      kind: 'own',
      setUp: CLOSED,
      play: interrupting({ ...CLOSED_3, run: 2 }, 'reopen', { isOpen: true }, { ...DEPLOY_A, run: 3 }, end),
    },
    {
      name: `a push during the removal of an expired preview${end}`,
      kind: 'expiring',
      setUp: DEPLOYED,
      play: interrupting({ run: 2, what: 'removeIfDue', number: 7 }, 'push', { head: B }, DEPLOY_B, end),
    },
  ]),
  {
    name: 'a sweep beside a removal',
    kind: 'own',
    setUp: CLOSED,
    play: async (world, github) => {
      world.begin({ ...CLOSED_3, run: 2 });
      world.begin({ run: 3, what: 'sweep' });
      // the run that it starts
      await github.do('start what the sweep asked for', () => {
        for (const job of world.dispatched.splice(0)) world.begin(job);
      });
    },
  },
  {
    name: 'two removals',
    kind: 'own',
    setUp: CLOSED,
    play: async (world) => {
      world.begin({ ...CLOSED_3, run: 2 });
      world.begin({ run: 3, what: 'remove', number: 7 });
    },
  },
  {
    name: 'a removal by hand beside a deployment',
    kind: 'own',
    setUp: NOTHING,
    play: async (world) => {
      world.begin(DEPLOY_A);
      world.begin({ run: 3, what: 'remove', number: 7 });
    },
  },
  {
    name: 'the removal of an expired preview beside a deployment that does not cancel it',
    kind: 'expiring',
    setUp: async (world) => {
      await DEPLOYED(world);
      pullOf(world, { head: B });
    },
    play: async (world) => {
      world.begin({ run: 2, what: 'removeIfDue', number: 7 });
      world.begin(DEPLOY_B);
    },
  },
  {
    name: 'the run of a close that begins after a reopening',
    kind: 'own',
    setUp: async (world) => {
      await CLOSED(world);
      pullOf(world);
    },
    play: async (world, github) => {
      world.begin({ ...DEPLOY_A, run: 3 });
      await github.do('start the older job', () => {
        world.begin({ ...CLOSED_3, run: 2 });
      });
    },
  },
  {
    name: 'shared: a push of the one that has it, beside the label of another one',
    kind: 'shared',
    setUp: async (world) => {
      await LABELLED(world);
      pullOf(world, { head: C, labels: ['qa'] });
    },
    play: async (world) => {
      world.begin({ run: 2, what: 'deploy', number: 7, sha: C });
      world.begin({ run: 3, what: 'deploy', number: 8, takes: true });
    },
  },
  {
    name: 'shared: two labels',
    kind: 'shared',
    setUp: LABELLED,
    play: async (world) => {
      world.begin({ run: 2, what: 'deploy', number: 7, takes: true });
      world.begin({ run: 3, what: 'deploy', number: 8, takes: true });
    },
  },
  {
    name: 'shared: a push right after the label',
    kind: 'shared',
    setUp: LABELLED,
    play: async (world, github) => {
      const label = world.begin({ run: 2, what: 'deploy', number: 8, takes: true });
      const over = overOf(label);
      await github.do('push', () => pullOf(world, { head: C, labels: ['qa'] }, 8));
      // they share a queue
      await over;
      await github.do('start the next job', () => {
        world.begin({ run: 3, what: 'deploy', number: 8, sha: C });
      });
    },
  },
  {
    name: 'shared: a push right after the label, whose job begins first',
    kind: 'shared',
    setUp: async (world) => {
      await LABELLED(world);
      pullOf(world, { head: C, labels: ['qa'] }, 8);
    },
    play: async (world, github) => {
      const over = overOf(world.begin({ run: 3, what: 'deploy', number: 8, sha: C }));
      await over;
      await github.do('start the older job', () => {
        world.begin({ run: 2, what: 'deploy', number: 8, takes: true });
      });
    },
  },
];
