/** A Lambda function that runs a container image: the real runtime, with the stand-in for the AWS CLI as Lambda and as the registry. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaWorld } from './lambda-world';
import { Behaviour, Ended } from '../../runtime/world';

const REPOSITORY = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop';
/** "Pushes" the image: its content is the release, its digest that of the release's name. */
const BUILD = 'digest=$(printf %s "$DELIVERY_VERSION" | sha256sum | cut -c1-64); echo "$DELIVERY_VERSION" > "machine/image-$digest"; echo "sha256:$digest" > "$DELIVERY_IMAGE_DIGEST_FILE"';

let world: LambdaWorld;
beforeEach(async () => {
  world = await LambdaWorld.create({ code: undefined }, 'blueGreen');
  world.aws.reset({ packageType: 'Image' });
  world.world.manifest = { ...world.world.manifest, image: { repository: REPOSITORY, build: { kind: 'command', command: { kind: 'bash', line: BUILD } } } };
  world.world.change({});
});
afterEach(() => world.world.destroy());

const digestOf = (version: string) => createHash('sha256').update(version).digest('hex');

async function ship(version: string, behaviour: Behaviour = 'good'): Promise<Ended> {
  world.world.release(version, behaviour);
  expect((await world.deliver('build')).code).toBe(0);
  return world.deliver('deploy', 'production', '--release', version);
}

it('is deployed by the digest, and a bad one is rolled back without an upload', async () => {
  expect((await ship('v1')).code).toBe(0);
  await world.stands('v1');
  expect(world.aws.state.latest.image).toBe(`${REPOSITORY}@sha256:${digestOf('v1')}`);
  const { changes } = world.aws;
  expect((await ship('v2', 'error')).code).toBe(1);
  expect(world.aws.changes.slice(changes.length)).toEqual(['update-function-code', 'publish-version', 'update-alias', 'update-alias']);
  await world.stands('v1');
});

it('whose upload had an uncertain result is uploaded once', async () => {
  world.aws.fails({ on: 'update-function-code', nth: 1, how: 'appliedUnavailable' });
  expect((await ship('v1')).code).toBe(0);
  expect(world.aws.changes.filter((call) => call === 'update-function-code')).toHaveLength(1);
  await world.stands('v1');
});

it('that the registry has lost is rejected before anything is changed', async () => {
  await ship('v1');
  const { changes } = world.aws;
  world.world.release('v2');
  await world.deliver('build');
  rmSync(join(world.world.root, 'machine', `image-${digestOf('v2')}`));
  const refused = await world.deliver('deploy', 'production', '--release', 'v2');
  expect([refused.code, refused.output]).toEqual([2, expect.stringContaining('is not in the registry')]);
  expect(world.aws.changes).toEqual(changes);
});

it.each<[string, 'Image' | 'Zip', string | undefined, string]>([
  ['a function with a zip file', 'Zip', undefined, 'functionName: shop runs a zip file, and Target.lambda deploys a container image. Name a function of the package type Image, or set code'],
  ['a zip file for a function with an image', 'Image', 'machine/function.zip', 'functionName: shop runs a container image, and Target.lambda deploys a zip file. Name a function of the package type Zip, or set image'],
])('%s is refused', async (_, packageType, code, problem) => {
  const target = world.world.manifest.environments[0].target;
  world.world.change({ target: { ...target, driver: { ...target.driver!, kind: 'lambda', functionName: 'shop', alias: 'live', code } } });
  world.aws.reset({ packageType });
  const { code: exit, output } = await ship('v1');
  expect([exit, output]).toEqual([2, expect.stringContaining(problem)]);
  expect(world.aws.changes).toEqual([]);
});
