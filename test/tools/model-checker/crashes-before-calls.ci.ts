/** A kill before a call, only where it differs from one after the call before it: that this sees what no kill after a call shows. */
import { crashWorlds } from './crash-worlds';
import { beforeCalls } from '../../../tools/model-checker/crashes/before-calls';
import { Point } from '../../../tools/model-checker/crashes/crash-world';
import { cutsAt, engineCalls, wrong } from '../../../tools/model-checker/crashes/every-point';
import { PlantedFault } from '../../../tools/model-checker/crashes/pipeline';
import { deployStories } from '../../../tools/model-checker/crashes/stories';

jest.setTimeout(1_200_000);

const { worlds, explored } = crashWorlds();

/** Though it died before the call that the entry announces. The second of the entries takes the lease. */
const planted: PlantedFault = {
  name: 'a rollback that is recorded counts as made',
  find: 'trafficMoved: strategy.exposes ===',
  replace: '...entries.filter(({ state }) => state === "rollingBack").length > 1 && { hasBegun: false },\n    trafficMoved: strategy.exposes ===',
};

test(`${planted.name}: only a kill before a call shows it`, async () => {
  const story = deployStories({ strategy: 'blueGreen', engine: 'kubernetes', planted })[1]!;
  const points = await worlds.points(story);
  const patches = (when: string) => engineCalls(points, { isChange: true }).filter(({ name }) => name === `${when} command kubectl patch`);
  const [, before] = beforeCalls(points).filter(({ name }) => name === 'before command kubectl patch');
  const last = engineCalls(points, { isChange: true }).filter((point) => point.name.startsWith('after ') && points.indexOf(point) < points.indexOf(before!)).at(-1)!;
  const kill = async (point: Point) => wrong(await worlds.cut(cutsAt(story, [point], ['SIGKILL']), { goesOn: false }));
  expect(await kill(last)).toEqual([]);
  expect(await kill(before!)).not.toEqual([]);
  expect(await kill(patches('after')[1]!)).toEqual([]);
  explored.push(`  ${story.name}: killed around the call that goes back`);
});

describe('which of them are left out', () => {
  const at = (...names: string[]): Point[] => names.map((name) => ({ where: 'deploy', name, nth: 1 }));
  const [before, after] = ['before command kubectl patch', 'after command kubectl patch'];
  const entry = ['before POST /deployments/#/statuses promoting', 'after POST /deployments/#/statuses promoting'];
  const found = (...names: string[]) => {
    const points = at(...names);
    return beforeCalls(points).map((point) => points.indexOf(point));
  };

  it('finds the first one of a process', () => {
    expect(found(before, after, before, after)).toEqual([0]);
    expect(beforeCalls([...at(before, after), { where: 'rollback', name: before, nth: 1 }])).toHaveLength(2);
  });

  it('finds one after an entry of the ledger, and the first of several that begin side by side', () => {
    expect(found(before, after, ...entry, before, before, after, after)).toEqual([0, 4]);
  });

  it('leaves out one after which only reads came, and not one after something unknown', () => {
    expect(found(before, after, 'before command kubectl get', 'after command kubectl get', 'after GET /deployments', 'after probe /health', before)).toEqual([0]);
    expect(found(before, after, 'before command sed', 'after command sed', before)).toEqual([0, 4]);
  });
});
