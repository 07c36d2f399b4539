/** Target.awsCdk with aliases that a rollback moves back first, whose runtime is killed before and after every call of the engine that belongs to the rollback. */
import { AwsCdkWorld } from './aws-cdk-world';
import { CdkFaultKind } from '../../../tools/aws-cdk-stand-in/stand-in';

jest.setTimeout(1_200_000);

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

interface Point {
  readonly on: string;
  readonly nth: number;
  readonly how: CdkFaultKind;
}

const CHANGE = /^cdk deploy|update-alias/;

/** The calls after the first deployment, each with the ways to die there: before it, while or after it takes effect. Of other reads in a row, the first. */
function pointsIn(calls: readonly string[]): Point[] {
  const first = calls.indexOf('cdk deploy');
  return calls.flatMap((on, i) => {
    if (i <= first || !(/alias|stack-resource/.test(on) || CHANGE.test(on) || CHANGE.test(calls[i - 1]!))) return [];
    const nth = calls.slice(0, i + 1).filter((call) => call === on).length;
    const ways: CdkFaultKind[] = on === 'cdk deploy' ? ['killed', 'appliedKilled', 'endedKilled'] : on === 'update-alias' ? ['killed', 'appliedKilled'] : ['killed'];
    return ways.map((how) => ({ on, nth, how }));
  });
}

it('killed at any call of the rollback, it ends verified, and the alias is where its stack says', async () => {
  cdk = await AwsCdkWorld.create({ fastPath: [{ alias: 'live', functionName: 'shop' }] });
  await cdk.ship('v1', 'good', { alias: 'retained' });
  cdk.aws.fails();
  await cdk.ship('v2', 'bad', { alias: 'retained' });
  const points = pointsIn(cdk.aws.calls);
  expect(points.map(({ how, on }) => `${how} ${on}`)).toEqual(expect.arrayContaining(['killed update-alias', 'appliedKilled update-alias', 'killed get-alias', 'killed describe-stack-resource']));
  let killed = 0;
  for (const [i, point] of points.entries()) {
    cdk.aws.fails(point);
    const ended = await cdk.ship(`v${i + 3}`, 'bad', { alias: 'retained' });
    cdk.aws.fails();
    if (ended.code === null) {
      killed += 1;
      await cdk.deliver('rollback', 'production', '--recover');
    }
    const { last, stable } = await cdk.status();
    const where = `${point.how} at ${point.on} ${point.nth}`;
    expect([where, last?.state, stable?.version, cdk.aws.aliasVersion]).toEqual([where, 'rolledBack', 'v1', cdk.aws.stackVersion]);
    await cdk.stands('v1');
  }
  expect(killed).toBeGreaterThan(points.length / 2);
});
