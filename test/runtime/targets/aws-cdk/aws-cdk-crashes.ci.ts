/** Target.awsCdk whose runtime is killed before, during and after every call of the engine, from the first change to the end. */
import { AwsCdkWorld } from './aws-cdk-world';
import { AssemblyOptions, CdkFaultKind } from '../../../../tools/aws-cdk-stand-in/stand-in';
import { Behaviour } from '../../world';

jest.setTimeout(1_200_000);

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

const STORIES: readonly (readonly [string, Behaviour, AssemblyOptions])[] = [
  ['a good release', 'good', {}],
  ['a bad release', 'bad', {}],
  ['a release whose stack gets stuck', 'good', { how: 'sticks' }],
];

interface Point {
  readonly on: string;
  readonly nth: number;
  readonly how: CdkFaultKind;
}

/** The calls from the first change on, each with the ways to die there. */
function pointsIn(calls: readonly string[]): Point[] {
  const first = calls.indexOf('cdk deploy');
  return calls.flatMap((on, i) => {
    if (i < first) return [];
    const nth = calls.slice(0, i + 1).filter((call) => call === on).length;
    const ways: CdkFaultKind[] = on === 'cdk deploy' ? ['killed', 'appliedKilled', 'endedKilled'] : /^(cancel|continue|rollback)/.test(on) ? ['killed', 'appliedKilled'] : ['killed'];
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
    const { last, stable } = await cdk.status();
    const where = `${point.how} at ${point.on} ${point.nth}`;
    expect([where, last?.state === 'stable' || last?.state === 'rolledBack']).toEqual([where, true]);
    expect([where, [before, version].includes(stable!.version)]).toEqual([where, true]);
    await cdk.stands(stable!.version);
  }
  expect(killed).toBeGreaterThan(points.length / 2);
});
