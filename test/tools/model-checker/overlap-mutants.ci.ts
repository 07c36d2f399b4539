/** The rules of overlaps.ci.ts see every mistake of the watch. */
import { CALM, ROUGH, ROUGH_STORIES, runStory } from '../../../tools/model-checker/overlaps/story';
import { loadWatchCode } from '../../../tools/model-checker/overlaps/watch-code';
import { taken } from '../../../tools/model-checker/share';
import { Mutation } from '../../mutated-runtime';

const MUTATIONS: readonly Mutation[] = [
  { name: 'a change need not follow the last one', file: 'monitoring/alert-lifecycle.ts', find: 'entry.after !== before.last || ', replace: '' },
  { name: 'no record of the channels that were notified', file: 'monitoring/environment-alerts.ts', find: 'channels: channels.map(channelKey)', replace: 'channels: []' },
  { name: 'the first to take a telling is not the one who has it', file: 'monitoring/alert-lifecycle.ts', find: 'if (takenFrom !== pending.sender) return undefined;', replace: '' },
  { name: 'what a dead run did not send is never sent', file: 'monitoring/environment-alerts.ts', find: 'if (!isDueAgain(pending, clock.now()) ||', replace: 'if (true ||' },
  { name: 'every other run counts as gone', file: 'monitoring/environment-alerts.ts', find: 'await this.options.isAlive(runOfProcess(processId))', replace: 'false' },
  { name: 'of two episodes the second is the one', file: 'monitoring/environment-alerts.ts', find: 'compareIds(episode.id, other.id) < 0', replace: 'compareIds(episode.id, other.id) > 0' },
  { name: 'what a channel did not take counts as taken', file: 'notifications/channel-queues.ts', find: '.then(() => undefined, faultOf)', replace: '.then(() => undefined, () => undefined)' },
  { name: 'a channel that missed the beginning gets the end', file: 'monitoring/environment-alerts.ts', find: '.filter((name) => !waiting.has(name))', replace: '' },
  { name: 'what is not watched any more is called well again', file: 'monitoring/environment-watch.ts', find: "'unwatched' as const", replace: "'resolved' as const" },
  { name: 'what is not watched any more fires for ever', file: 'monitoring/environment-watch.ts', find: 'await this.dropUnknown(new Map());', replace: '' },
  {
    name: 'a channel that got the beginning does not get that it is not watched any more',
    file: 'monitoring/environment-alerts.ts',
    find: 'return !this.options.isEnding ||',
    replace: 'return !this.options.isEnding &&',
  },
  {
    name: 'what came after the end of a record is not written where it counts',
    file: 'monitoring/environment-alerts.ts',
    find: 'if (continuedBy === undefined || compareIds(id, continuedBy) < 0) return;',
    replace: 'return;',
  },
  {
    name: 'of several records that go on with the same one the last is the one',
    file: 'monitoring/environment-alerts.ts',
    find: '.sort((a, b) => compareIds(a.id, b.id))[0]',
    replace: '.sort((a, b) => compareIds(b.id, a.id))[0]',
  },
  { name: 'the next record does not know what fires', file: 'monitoring/carried-alerts.ts', find: ': alert] as const)', replace: ': QUIET] as const)' },
  { name: 'the next record does not know which channels are pending', file: 'monitoring/carried-alerts.ts', find: 'pendingNotifications: unsent,', replace: 'pendingNotifications: [],' },
  { name: 'the next record does not know which channels were notified', file: 'monitoring/carried-alerts.ts', find: 'sentTo: [...sentTo]', replace: 'sentTo: []' },
  {
    name: 'the next record forgets which channels got the beginning',
    file: 'monitoring/carried-alerts.ts',
    find: 'notifiedChannels: new Map([...notifiedChannels].filter(([check]) => checks.has(check))),',
    replace: 'notifiedChannels: new Map(),',
  },
  {
    name: 'a run that is gone is waited for',
    file: 'monitoring/environment-alerts.ts',
    find: 'this.gone.add(processId);',
    replace: '',
  },
];

test.each(taken(MUTATIONS))('the rules see it when $name', async (mutation) => {
  const code = await loadWatchCode(mutation);
  const faults: string[] = [];
  for (let seed = 1; seed <= ROUGH_STORIES && faults.length === 0; seed++) faults.push(...(await runStory(code, seed, ROUGH)).faults);
  expect(faults).not.toEqual([]);
});

/** Rare: of 1,500 calm stories, these were the ones in which the end of an alert overtook what another run was still sending. */
const OVERTAKEN: readonly (Mutation & { readonly seeds: readonly number[] })[] = [
  {
    name: 'an outdated reminder is waited for by no one',
    file: 'monitoring/environment-alerts.ts',
    find: '[...this.unsentTo(one), ...this.mayStillGet(one)]',
    replace: 'this.unsentTo(one)',
    seeds: [30, 535, 772],
  },
  {
    name: 'a channel that is being notified of the beginning does not get that it is not watched any more',
    file: 'monitoring/environment-alerts.ts',
    find: '|| this.earlierThan(pending).some((one) => this.mayStillGet(one).includes(name))',
    replace: '',
    seeds: [227, 721],
  },
];

test.each(taken(OVERTAKEN))('the rules see it when $name, and nothing without that', async ({ seeds, ...mutation }) => {
  for (const seed of seeds) {
    expect((await runStory(await loadWatchCode(mutation), seed, CALM)).faults).not.toEqual([]);
    expect((await runStory(await loadWatchCode(), seed, CALM)).faults).toEqual([]);
  }
});

/** Of 1,500 rough stories: in these an environment was no longer watched after the sender of an alert had died, before it recorded whom it notified. */
const UNRECORDED: readonly (Mutation & { readonly seeds: readonly number[] })[] = [
  {
    name: 'a channel that a dead sender may have notified does not get the end',
    file: 'monitoring/environment-alerts.ts',
    find: 'return mayHaveArrived && this.notNotified(pending)',
    replace: 'return mayHaveArrived && ([] as string[])',
    seeds: [598, 921, 923, 1033, 1279, 1396, 1471],
  },
  {
    name: 'a process that takes a notification over forgets that its sender died',
    file: 'monitoring/alert-lifecycle.ts',
    find: 'pending.mayHaveArrived === true || !pending.isDone;',
    replace: 'false as boolean;',
    seeds: [598, 1279, 1396, 1471],
  },
];

test.each(taken(UNRECORDED))('the rules see it when $name, and nothing without that', async ({ seeds, ...mutation }) => {
  for (const seed of seeds) {
    expect({ seed, faults: (await runStory(await loadWatchCode(), seed, ROUGH)).faults }).toEqual({ seed, faults: [] });
    expect({ seed, faults: (await runStory(await loadWatchCode(mutation), seed, ROUGH)).faults }).not.toEqual({ seed, faults: [] });
  }
});
