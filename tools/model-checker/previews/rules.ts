import { Ended, PreviewWorld } from './preview-world';

/** A verdict of a job, as its comment says it. */
const HEALTHY = /The preview is healthy/;
const REMOVED = /The preview was removed/;

/** Returns what is wrong while no job is at work, in words. */
export function faultsNow(world: PreviewWorld): string[] {
  if (world.isShared) return [...world.faults, ...faultsOfShared(world)];
  return [...world.faults, ...[...world.pulls.keys()].flatMap((number) => faultsOf(world, number))];
}

/**
 * Returns what is wrong when all jobs are over, in words; then the schedule comes round twice, and it must leave everything right.
 *
 * - A process writes no record of another environment, and no two commands work on one preview at a time.
 * - The newest run, if it is green, did what its event asks for. What the newest comment says is true.
 * - After the sweep nothing of a closed pull request is left. It changes nothing of an open one whose preview is healthy, unless a removal was
 *   announced: a machine that is believed to be lost may do that after a newer run found the preview live, which writes no record.
 */
export async function faultsAtTheEnd(world: PreviewWorld): Promise<string[]> {
  const faults = faultsNow(world);
  const { isShared } = world;
  const before = new Map(world.served);
  const wasHealthy = new Set<number>();
  for (const [number, { head }] of isShared ? [] : world.pulls) {
    const isHealthy = isGreen(world, number) && before.get(world.nameOf(number)) === head;
    if (isHealthy && !await isRemovalAnnounced(world, number)) wasHealthy.add(number);
  }
  if (!isShared) {
    await world.sweep();
    await world.sweep();
  }
  for (const [number, { isOpen, head }] of isShared ? [] : world.pulls) {
    const name = world.nameOf(number);
    const served = world.served.get(name);
    const newest = (await world.records(name))[0]?.kind;
    if (!isOpen && served !== undefined) faults.push(`pull request ${number} is closed, and after the sweep its preview serves ${short(served)}`);
    if (!isOpen && newest !== undefined && newest !== 'removed') faults.push(`pull request ${number} is closed, and after the sweep its newest record is ${newest}`);
    if (isOpen && wasHealthy.has(number) && served !== head) faults.push(`the sweep removed the healthy preview of the open pull request ${number}`);
  }
  return [...new Set([...faults, ...world.faults])];
}

/** Whether the newest record is that of a removal, and no newer run has deployed before it. */
async function isRemovalAnnounced(world: PreviewWorld, number: number): Promise<boolean> {
  const [newest, ...others] = await world.records(world.nameOf(number));
  return newest?.kind === 'removal' && others.every(({ kind, run }) => kind !== 'deploy' || run < newest.run);
}

/** Whether the newest job of a pull request deployed it, and is green. */
function isGreen(world: PreviewWorld, number: number): boolean {
  const newest = newestOf(world, number);
  return newest?.code === 0 && newest.job.what.startsWith('deploy');
}

function newestOf({ jobs }: PreviewWorld, number?: number): Ended | undefined {
  const ours = jobs.filter(({ job }) => job.what !== 'sweep' && (number === undefined || job.number === number));
  return ours.reduce<Ended | undefined>((one, other) => (one && rank(one) > rank(other) ? one : other), undefined);
}

function rank({ job: { attempt = 1, run } }: Ended): number {
  return run * 10 + attempt;
}

function faultsOf(world: PreviewWorld, number: number): string[] {
  const { head, isOpen } = world.pulls.get(number)!;
  const served = world.served.get(world.nameOf(number));
  const newest = newestOf(world, number);
  const is = `preview-${number} serves ${short(served)}`;
  const faults: string[] = [];
  if (newest?.code === 0) {
    const { job: { what }, sha } = newest;
    if (what.startsWith('deploy') && isOpen && sha === head && served !== head) faults.push(`${newest.actor.name} is green, and ${is}`);
    if (what === 'closed' && !isOpen && served !== undefined) faults.push(`${newest.actor.name} is green, and ${is}`);
    // it may have come before the deployment, and found nothing
    if (what === 'remove' && newest.comment !== undefined && served !== undefined) faults.push(`${newest.actor.name} is green, and ${is}`);
  }
  const comments = world.jobs.filter(({ comment, job }) => job.number === number && comment !== undefined);
  const last = comments.reduce<Ended | undefined>((one, other) => (one && rank(one) > rank(other) ? one : other), undefined);
  // a newer run that is not green shows that the comment is of before
  if (!last || (newest !== last && newest?.code !== 0)) return faults;
  if (HEALTHY.test(last.comment!) && served !== last.sha) faults.push(`the comment of ${last.actor.name} says healthy, and ${is}`);
  if (REMOVED.test(last.comment!) && served !== undefined) faults.push(`the comment of ${last.actor.name} says removed, and ${is}`);
  return faults;
}

/** The pull request that got the label last has the environment, with its head commit, if its runs are green. */
function faultsOfShared(world: PreviewWorld): string[] {
  const taking = world.jobs.filter(({ job }) => job.takes).sort((a, b) => rank(b) - rank(a))[0];
  const number = taking?.job.number ?? 7;
  const { head } = world.pulls.get(number)!;
  const served = world.served.get(world.nameOf(number));
  const ours = world.jobs.filter(({ job }) => job.number === number);
  const isWrong = served !== head && ours.every(({ code }) => code === 0);
  return isWrong ? [`pull request ${number} got the label last, all its runs are green, and the environment serves ${short(served)}`] : [];
}

function short(served: string | undefined): string {
  return served?.replace(/([a-c])\1{39}/, '$1') ?? 'nothing';
}
