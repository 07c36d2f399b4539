import { PreviewCode } from './preview-code';
import { A, B, Job, PreviewWorld, Pull } from './preview-world';
import { faultsAtTheEnd, faultsNow } from './rules';
import { Manifests } from './scenarios';
import { PlannedFault } from './turns';

/** A job that goes wrong somewhere, and what comes next. */
export interface CrashStory {
  readonly name: string;
  readonly setUp: (world: PreviewWorld) => Promise<void>;
  readonly job: Job;
  /** What happens after it, and the job that this starts; the same job again if nothing happens. */
  readonly next?: { readonly change: Partial<Pull>; readonly job: Job };
}

export interface Crashes {
  readonly cases: number;
  /** What is wrong, with the case. */
  readonly faults: readonly string[];
}

const NUMBER = 7;

function pullOf(world: PreviewWorld, change: Partial<Pull>): void {
  world.pulls.set(NUMBER, { isOpen: true, head: A, labels: [], ...world.pulls.get(NUMBER), ...change });
}

const opened = async (world: PreviewWorld) => pullOf(world, {});
const deployed = async (world: PreviewWorld) => {
  pullOf(world, {});
  await world.deployed(NUMBER, A);
};
const pushed = async (world: PreviewWorld) => {
  await deployed(world);
  pullOf(world, { head: B });
};
const closed = async (world: PreviewWorld) => {
  await deployed(world);
  pullOf(world, { isOpen: false });
};

const DEPLOY_A: Job = { run: 2, what: 'deploy', number: NUMBER, sha: A };
const DEPLOY_B: Job = { run: 2, what: 'deploy', number: NUMBER, sha: B };
const REMOVE: Job = { run: 2, what: 'closed', number: NUMBER, sha: A };
const CLOSE: CrashStory['next'] = { change: { isOpen: false }, job: { ...REMOVE, run: 3 } };
const REOPEN: CrashStory['next'] = { change: { isOpen: true }, job: { ...DEPLOY_A, run: 3 } };

export const CRASH_STORIES: readonly CrashStory[] = [
  { name: 'the first deployment, run again', setUp: opened, job: DEPLOY_A },
  { name: 'the first deployment, then a push', setUp: opened, job: DEPLOY_A, next: { change: { head: B }, job: { ...DEPLOY_B, run: 3 } } },
  { name: 'the first deployment, then a close', setUp: opened, job: DEPLOY_A, next: CLOSE },
  { name: 'a second deployment, run again', setUp: pushed, job: DEPLOY_B },
  { name: 'a second deployment, then a close', setUp: pushed, job: DEPLOY_B, next: CLOSE },
  { name: 'a deployment of a fork, run again', setUp: opened, job: { ...DEPLOY_A, what: 'deployFork' } },
  { name: 'a removal, run again', setUp: closed, job: REMOVE },
  { name: 'a removal, then a reopening', setUp: closed, job: REMOVE, next: REOPEN },
  { name: 'a removal by hand, run again', setUp: deployed, job: { ...REMOVE, what: 'remove' } },
  { name: 'a removal by hand, then a push', setUp: deployed, job: { ...REMOVE, what: 'remove' }, next: { change: { head: B }, job: { ...DEPLOY_B, run: 3 } } },
  { name: 'a sweep, then the next one', setUp: closed, job: { run: 2, what: 'sweep' } },
];

export interface CrashOptions {
  readonly code: PreviewCode;
  readonly manifests: Manifests;
  /** What goes wrong at each operation. */
  readonly faults: readonly (Pick<PlannedFault, 'fault' | 'lasts'>)[];
  /** Whether the next job goes wrong once, too: at each of its operations. @default false */
  readonly isTwice?: boolean;
}

/** Lets the job go wrong at each of its operations. Then what comes next must end right, and the sweep must leave nothing wrong. */
export async function crash(story: CrashStory, { code, faults, isTwice = false, manifests }: CrashOptions): Promise<Crashes> {
  const found: string[] = [];
  let cases = 0;
  for (const how of faults) {
    for (let at = 1, isThere = true; isThere; at++) {
      const first = { ...how, at };
      let last = 0;
      for (let second = 0; second <= last; second++) {
        const world = new PreviewWorld(code, manifests.own);
        const again = second === 0 ? undefined : { fault: how.fault, at: second };
        const ran = await play(story, world, first, again);
        isThere = ran.first >= at;
        if (isTwice && second === 0) last = ran.next;
        cases += 1;
        const wrong = [...ran.faults, ...await faultsAtTheEnd(world)];
        found.push(...wrong.map((fault) => `${story.name}: ${how.fault} ${at}: ${ran.at}${again ? `, then ${second}` : ''}: ${fault}`));
      }
    }
  }
  return { cases, faults: found };
}

interface Played {
  /** How many operations the jobs began. */
  readonly first: number;
  readonly next: number;
  readonly at: string;
  readonly faults: string[];
}

async function play({ job, next, setUp }: CrashStory, world: PreviewWorld, planned: PlannedFault, again: PlannedFault | undefined): Promise<Played> {
  await setUp(world);
  world.planned.set(`${job.run}.1`, planned);
  const first = world.begin(job);
  await world.finish();
  await world.beginDispatched();
  const faults = faultsNow(world);
  if (next) pullOf(world, next.change);
  const following: Job = next?.job ?? { ...job, attempt: 2 };
  if (again) world.planned.set(`${following.run}.${following.attempt ?? 1}`, again);
  const second = world.begin(following);
  await world.finish();
  // what is wrong for good would go wrong each time; one fault is over
  if (again) world.begin({ ...following, attempt: (following.attempt ?? 1) + 1 });
  await world.finish();
  const last = world.jobs.at(-1)!;
  if (!again && last.code !== 0) faults.push(`${last.actor.name} is red: ${last.error}`);
  return { first: first.actor.done.length, next: second.actor.done.length, at: first.actor.done[planned.at - 1] ?? 'nowhere', faults };
}
