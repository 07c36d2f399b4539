/**
 * Target.awsCdk whose runtime is killed before, during and after every call of the engine that changes something, from the first one to the end, and before the
 * call after it. A process that dies before a later read leaves the same. A good release is a part of the way of a bad one.
 */
import { AwsCdkWorld } from './aws-cdk-world';
import { AssemblyOptions, CdkFaultKind } from '../../../tools/aws-cdk-stand-in/stand-in';
import { Behaviour } from '../../runtime/world';

jest.setTimeout(1_200_000);

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

const STORIES: readonly (readonly [string, Behaviour, AssemblyOptions])[] = [
  ['a bad release', 'bad', {}],
  ['a release whose stack gets stuck', 'good', { how: 'sticks' }],
];

interface Point {
  readonly on: string;
  readonly nth: number;
  readonly how: CdkFaultKind;
}

const CHANGES = /^(cdk (deploy|publish-assets)|cancel|continue|rollback)/;

/** The calls from the first change on, each with the ways to die there. */
function pointsIn(calls: readonly string[]): Point[] {
  const first = calls.findIndex((call) => CHANGES.test(call));
  return calls.flatMap((on, i) => {
    if (i < first || !(CHANGES.test(on) || CHANGES.test(calls[i - 1] ?? ''))) return [];
    const nth = calls.slice(0, i + 1).filter((call) => call === on).length;
    const ways: CdkFaultKind[] = on === 'cdk deploy' ? ['killed', 'appliedKilled', 'endedKilled'] : CHANGES.test(on) ? ['killed', 'appliedKilled'] : ['killed'];
    return ways.map((how) => ({ on, nth, how }));
  });
}

it.each(STORIES)('%s: killed at any call of the engine, it ends verified, and the next deployment begins from there', async (_, behaviour, options) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails();
  await cdk.ship('v2', behaviour, options);
  const points = pointsIn(cdk.aws.calls);
  expect(points.length).toBeGreaterThan(5);
  let killed = 0;
  for (const [i, point] of points.entries()) {
    const before = (await cdk.status()).stable!.version;
    const version = `v${i + 3}`;
    cdk.aws.fails(point);
    const ended = await cdk.ship(version, behaviour, options);
    cdk.aws.fails();
    if (ended.code === null) {
      killed += 1;
      await cdk.deliver('rollback', 'production', '--recover');
    }
    await isRight(point, [before, version]);
  }
  expect(killed).toBeGreaterThan(points.length / 2);
});

it('a rollback by hand: killed at any call of the engine, it ends verified, and the next one begins from there', async () => {
  cdk = await AwsCdkWorld.create();
  const goBack = (release: string) => cdk.deliver('rollback', 'production', '--release', release, '--reason', 'a test');
  await cdk.ship('v1');
  await cdk.ship('v2');
  cdk.aws.fails();
  await goBack('v1');
  const points = pointsIn(cdk.aws.calls);
  expect(points.map(({ how }) => how)).toEqual(expect.arrayContaining(['killed', 'appliedKilled', 'endedKilled']));
  let killed = 0;
  for (const [i, point] of points.entries()) {
    const before = (await cdk.status()).stable!.version;
    const version = `v${i + 3}`;
    await cdk.ship(version);
    cdk.aws.fails(point);
    const ended = await goBack(before);
    cdk.aws.fails();
    if (ended.code === null) {
      killed += 1;
      await cdk.deliver('rollback', 'production', '--recover');
    }
    await isRight(point, [before, version]);
  }
  expect(killed).toBe(points.length);
});

/** The environment is verified, and has one of these releases. */
async function isRight({ how, nth, on }: Point, releases: readonly string[]): Promise<void> {
  const { last, stable } = await cdk.status();
  const where = `${how} at ${on} ${nth}`;
  expect([where, last?.state === 'stable' || last?.state === 'rolledBack']).toEqual([where, true]);
  expect([where, releases.includes(stable!.version)]).toEqual([where, true]);
  await cdk.stands(stable!.version);
}
