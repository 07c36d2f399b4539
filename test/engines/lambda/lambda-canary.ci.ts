/** Canaries of Target.lambda through the bundled runtime, with the stand-in for the AWS CLI as a real process: the alias splits the traffic. */
import { LambdaWorld } from './lambda-world';
import { FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

let lambda: LambdaWorld;
beforeEach(async () => {
  lambda = await LambdaWorld.create({}, 'canary');
  lambda.world.release('v0');
  expect((await lambda.deliver('adopt', 'production', '--release', 'v0', '--slot', 'blue')).code).toBe(0);
});
afterEach(() => lambda.world.destroy());

/** The version that no delivery published has all traffic again. */
async function isBack(): Promise<void> {
  expect([lambda.aws.served, weights()]).toEqual(['v0', undefined]);
  const { changedByHand, last } = await lambda.status();
  expect([changedByHand, last?.state]).toEqual([undefined, 'rolledBack']);
}

const weights = () => lambda.aws.state.aliases.live.weights;

it('gives the new version its weights one after the other, and all traffic in the end', async () => {
  lambda.aws.fails();
  const ended = await lambda.ship('v1');
  expect([ended.code, lambda.aws.changes]).toEqual([0, ['update-function-code', 'publish-version', 'update-alias', 'update-alias', 'update-alias']]);
  for (const said of [
    'live already points at version 1 with v0', 'live sends 5 % to version 2 with v1, and the rest to version 1 with v0', 'live sends 25 % to version 2 with v1',
    'live moved from version 1 to version 2 with v1',
  ]) expect(ended.output).toContain(said);
  expect(weights()).toBeUndefined();
  await lambda.stands('v1');
});

it('takes the weight from a bad version with one change', async () => {
  lambda.aws.fails();
  const ended = await lambda.ship('v1', 'bad');
  expect([ended.code, lambda.aws.changes]).toEqual([1, ['update-function-code', 'publish-version', 'update-alias', 'update-alias']]);
  expect(ended.output).toContain('live already points at version 1 with v0');
  await isBack();
});

it('a share for a third version, which someone sets meanwhile, is found, and Stable is restored', async () => {
  await lambda.ship('v1');
  const ended = await lambda.ship('v2', 'good', (line) => {
    if (line.includes('live sends 5 %')) lambda.aws.moveByHand('2', { 1: 0.5 });
  });
  expect(ended.output).toMatch(/v0 responded instead of v2|someone else changed live: it points at version 2 and version 1 with 50 %/);
  expect(ended.code).toBe(1);
  await lambda.stands('v1');
});

it('removes weights that someone left, before a version is published', async () => {
  await lambda.ship('v1');
  lambda.aws.moveByHand('2', { 1: 0.5 });
  expect((await lambda.status()).changedByHand).toContain('version 2 and version 1 with 50 %');
  expect((await lambda.deliver('adopt', 'production', '--release', 'v1', '--slot', 'green')).output).toContain('is not live: the engine serves version 2 and version 1 with 50 %');
  const ended = await lambda.ship('v2');
  expect(ended.output).toContain('live sends all traffic to version 2 with v1');
  expect(ended.code).toBe(0);
  await lambda.stands('v2');
});

it('is recovered where it was killed in the middle, and status names the shares until then', async () => {
  await lambda.ship('v1', 'good');
  await lambda.ship('v2', 'good', (line, stop) => {
    if (line.includes('live sends 25 %')) stop('SIGKILL');
  });
  expect(weights()).toEqual({ 3: 0.25 });
  expect((await lambda.status()).live).toBe('version 2 and version 3 with 25 %');
  await lambda.deliver('rollback', 'production', '--recover');
  expect(weights()).toBeUndefined();
  await lambda.stands('v1');
});

it.each<FaultKind>(['throttled', 'unavailable', 'appliedUnavailable'])('a call that sets a weight and is %s is read back and repeated', async (how) => {
  lambda.aws.fails({ on: 'update-alias', nth: 1, times: 1, how });
  expect((await lambda.ship('v1')).code).toBe(0);
  await lambda.stands('v1');
});

it('a weight that may not be set rolls back before users see the release', async () => {
  lambda.aws.fails({ on: 'update-alias', nth: 1, times: 1, how: 'denied' });
  const ended = await lambda.ship('v1');
  expect(ended.code).toBe(1);
  await isBack();
});
