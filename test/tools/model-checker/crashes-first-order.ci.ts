/**
 * As crashes.test.ts: at every point, and in every way where the world has changed. Of points in a row at which a process leaves the same, at the first
 * and at the last. A landing takes a share of the cuts.
 */
import { crashWorlds } from './crash-worlds';
import { How } from '../../../tools/model-checker/crashes/crash-world';
import { changes, Cut, CutOptions, cutsAt, describeCut, Outcome, Worlds, wrong } from '../../../tools/model-checker/crashes/every-point';
import { whereItDiffers } from '../../../tools/model-checker/crashes/left-behind';
import { Kind } from '../../../tools/model-checker/crashes/pipeline';
import { asynchronousStories, deployStories, otherStories, Story } from '../../../tools/model-checker/crashes/stories';
import { sayTaken, taken } from '../../../tools/model-checker/share';
import { AT_ONCE, BY_WEIGHT, IN_PLACE, STRATEGY_KINDS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

/** Where the world has changed, and what comes next is notified, too. */
const DIES: readonly How[] = ['SIGKILL', 'runner lost'];
/** Where the world has changed. */
const IS_CUT_OFF: readonly How[] = ['SIGKILL, command lives', 'runner paused', 'cancelled', 'SIGTERM'];

const [kinds, inPlace, withSlots, byWeight] = [STRATEGY_KINDS, IN_PLACE, AT_ONCE, BY_WEIGHT]
  .map((names) => names.map((strategy): Kind => ({ strategy })));
const around = { around: true } as const;
const stories = [
  ...[...inPlace, ...withSlots].flatMap(deployStories),
  ...byWeight.flatMap((kind) => deployStories(kind).filter(({ name }) => name.endsWith(', a bad release'))),
  ...withSlots.flatMap(otherStories).filter(({ name }) => !/drill/.test(name)),
];
/** What is only decided, between two changes of the world, is the same in these as in one of the others. */
const alike = [
  ...withSlots.flatMap((kind) => deployStories({ ...kind, migrates: true }).slice(0, 2)),
  ...[...inPlace, ...withSlots].flatMap((kind) => deployStories({ ...kind, ...around }).slice(0, 2)),
  ...byWeight.flatMap((kind) => deployStories(kind).filter(({ name }) => !name.endsWith(', a bad release'))),
  ...byWeight.flatMap((kind) => deployStories({ ...kind, ...around }).slice(1, 2)),
  ...[...inPlace, ...byWeight, ...withSlots.map((kind) => ({ ...kind, ...around }))].flatMap((kind) => otherStories(kind).filter(({ name }) => /by hand|drill/.test(name))),
  ...withSlots.flatMap(otherStories).filter(({ name }) => /drill/.test(name)),
];
const { worlds, explored } = crashWorlds();

const named = (all: readonly Story[]) => all.map((story) => [story.name, story] as const);

test.each(named(stories))('%s: cut off anywhere, it ends right, and so does the next deployment', async (_, story) => {
  const points = await worlds.points(story);
  const changed = changes(points);
  const between = whereItDiffers(points).filter((point) => !changed.includes(point));
  // a seam that does not look at the files would find no difference
  expect(points[0].left).toMatch(/^[0-9a-f]{16}$/);
  await expectRight(story, [
    [cutsAt(story, changed, DIES), { goesOn: true }],
    [cutsAt(story, changed, IS_CUT_OFF), { goesOn: false }],
    [cutsAt(story, between, ['SIGKILL']), { goesOn: false }],
  ]);
});

test.each(named(alike))('%s: killed where the world has changed, it ends right, and so does what comes next', async (_, story) => {
  await expectRight(story, [[cutsAt(story, changes(await worlds.points(story)), ['SIGKILL']), { goesOn: true }]]);
});

const good = named(kinds.flatMap((kind) => deployStories(kind).slice(0, 1)));

test.each(good)('%s: cancelled while a command does not listen, it is recovered within the time that GitHub gives', async (_, story) => {
  await expectRight(story, [[cutsAt(story, await worlds.points(story), ['cancelled, command stubborn']), { goesOn: true }]]);
});

const late = named(STRATEGY_KINDS.flatMap(asynchronousStories));

test.each(late)('%s: killed where the world has changed, nothing else shows after what the ledger says', async (_, story) => {
  await expectRight(story, [[cutsAt(story, changes(await worlds.points(story)), ['SIGKILL']), { goesOn: true }]]);
});

test('where the next command meets the same, it goes the same: nothing is lost where it runs once for all of these', async () => {
  const [story] = deployStories({ strategy: 'blueGreen' }).filter(({ name }) => name.endsWith(', a bad release'));
  const cuts = cutsAt(story, changes(await worlds.points(story)), ['SIGKILL']);
  const [once, always] = [new Worlds(), new Worlds({ remembersNext: false })];
  const nextOf = (outcomes: readonly Outcome[]) => Object.fromEntries(outcomes.map(({ cut, next }) => [describeCut(cut), next]));
  expect(nextOf(await once.cut(cuts, { goesOn: true }))).toEqual(nextOf(await always.cut(cuts, { goesOn: true })));
  // it is what is left that decides, not the story alone
  expect(once.met).toBeGreaterThan(1);
  expect(once.met).toBeLessThan(cuts.length);
  await Promise.all([once.destroy(), always.destroy()]);
});

/** Cuts a story off, at a share of these. */
async function expectRight({ name }: Story, kindsOfCuts: readonly (readonly [cuts: readonly Cut[], options: CutOptions])[]): Promise<void> {
  const all = kindsOfCuts.flatMap(([cuts, options]) => cuts.map((cut) => ({ cut, options })));
  const some = taken(all);
  const outcomes: Outcome[] = [];
  for (const [, options] of kindsOfCuts) {
    outcomes.push(...await worlds.cut(some.filter((one) => one.options === options).map(({ cut }) => cut), options));
  }
  expect(outcomes).toHaveLength(some.length);
  explored.push(`  ${name}: cut off at ${sayTaken(some.length, all.length)}`);
  expect(wrong(outcomes)).toEqual([]);
}
