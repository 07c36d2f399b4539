/** Target.lambda where someone changed the release by hand, or the process was killed: what the engine serves is what counts. */
import { LambdaWorld } from './lambda-world';

let lambda: LambdaWorld;
afterEach(() => lambda.world.destroy());

describe('before the first deployment', () => {
  it('the plan shows what the engine serves, or that it could not be read, and how to record it', async () => {
    lambda = await LambdaWorld.create();
    lambda.build('v1');
    const plan = () => lambda.deliver('plan', 'production', '--release', 'v1');
    const { code, output } = await plan();
    expect([code, output]).toEqual([0, expect.stringContaining('this is the first deployment, and the alias live of the function shop serves version 1, which no delivery published')]);
    expect(output).toContain('adopt production --release VERSION');
    expect(output).toContain('If any step fails, there is nothing to go back to: no release was verified here yet');
    lambda.aws.reset({ name: 'other' });
    expect((await plan()).output).toMatch(/the alias live of the function shop could not be read: .*Function not found/);
    lambda.aws.reset();
    lambda.aws.fails({ on: 'get-alias', nth: 1, times: 99, how: 'denied' });
    expect((await plan()).output).toMatch(/could not be read: .*not authorized.*\. Add the permissions of docs\/targets\/lambda\.md to the role/);
    lambda.aws.fails({ on: 'get-alias', nth: 1, times: 99, how: 'signedOut' });
    expect((await plan()).output).toMatch(/could not be read: .*Unable to locate credentials.*\. Sign in: set login: Login\.aws\(\{ role, region, readRole \}\)/);
    lambda.aws.fails();
    await lambda.deploy('v1');
    lambda.build('v2');
    expect((await lambda.deliver('plan', 'production', '--release', 'v2')).output).not.toContain('first deployment');
  });
});

describe('a release that is Stable, and an engine that cannot be read', () => {
  it('nothing is deployed, and no one says that it is live', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on: 'get-alias', nth: 1, times: 99, how: 'denied' });
    for (const command of ['deploy', 'plan']) {
      const { code, output } = await lambda.deliver(command, 'production', '--release', 'v1');
      expect([code, output]).toEqual([0, expect.stringMatching(/v1 is Stable.*could not be read: .*not authorized/)]);
      expect(output).not.toContain('already live');
    }
  });
});

describe('a release that someone changed by hand', () => {
  it('is shown by plan and status, and the next deployment replaces it', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2');
    lambda.aws.moveByHand('2');
    const { changedByHand, live } = await lambda.status();
    expect(live).toContain('v1');
    expect(changedByHand).toContain('the alias live of the function shop serves v1');
    expect(changedByHand).toContain('the ledger says v2');
    const plan = await lambda.deliver('plan', 'production', '--release', 'v2');
    expect(plan.output).toContain('changed by hand: the alias live of the function shop serves v1');
    expect((await lambda.deliver('deploy', 'production', '--release', 'v2')).code).toBe(0);
    await lambda.stands('v2');
    expect((await lambda.status()).changedByHand).toBeUndefined();
  });

  it('fires one alert of the watch, which ends when the engine serves the recorded release again', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.forgetIdentity();
    lambda.watch();
    expect((await lambda.deliver('watch')).code).toBe(0);
    lambda.aws.moveByHand('1');
    const fired = await lambda.deliver('watch');
    expect(fired.code).toBe(1);
    expect(fired.output).toContain('firing: production/release');
    await lambda.deliver('watch');
    lambda.aws.fails({ on: 'get-alias', nth: 1, times: 99, how: 'signedOut' });
    expect((await lambda.deliver('watch')).output).toContain('production/release');
    lambda.aws.fails();
    lambda.aws.moveByHand('2');
    expect((await lambda.deliver('watch')).output).not.toContain('production/release');
    expect(lambda.notifications).toEqual([
      'laptop: production: the release was changed by hand',
      expect.stringMatching(/^laptop: production: the engine serves the recorded release again, after /),
    ]);
  });

  it('is put right by a rollback to Stable', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.moveByHand('1');
    expect((await lambda.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    await lambda.stands('v1');
  });

  it('counts as changed while two versions share the traffic, and all traffic moves in the end', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2');
    lambda.aws.moveByHand('3', { 2: 0.1 });
    expect((await lambda.status()).changedByHand).toContain('version 3 and version 2 with 10 %');
    await lambda.deliver('deploy', 'production', '--release', 'v2');
    expect(lambda.aws.state.aliases.live.weights).toBeUndefined();
    await lambda.stands('v2');
  });

  it('is adopted with the number of its version, and restored by it', async () => {
    lambda = await LambdaWorld.create();
    lambda.world.release('v0');
    expect((await lambda.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
    expect((await lambda.status()).changedByHand).toBeUndefined();
    expect((await lambda.ship('v1', 'bad')).code).toBe(1);
    expect(lambda.aws.served).toBe('v0');
    expect((await lambda.status()).last?.state).toBe('rolledBack');
  });

  it('is not adopted under another name', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2');
    const ended = await lambda.deliver('adopt', 'production', '--release', 'v1');
    expect(ended.code).toBe(2);
    expect(ended.output).toContain('is not live: the engine serves v2');
  });

  it('resolve ends halted with the release that the engine serves', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on: 'update-alias', nth: 2, times: 9, how: 'denied' });
    await lambda.ship('v2', 'bad');
    lambda.aws.fails();
    lambda.aws.moveByHand('2');
    const ended = await lambda.deliver('resolve', 'production', '--reason', 'a test');
    expect(ended.code).toBe(0);
    expect(ended.output).toContain('the engine serves v1');
    await lambda.stands('v1');
  });
});

describe('a deployment whose process is killed', () => {
  it('is recovered, and the record says what the engine served', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2', 'good', (line, stop) => {
      if (line.includes('Verify')) stop('SIGKILL');
    });
    expect(lambda.aws.served).toBe('v2');
    const ended = await lambda.deliver('rollback', 'production', '--recover');
    expect(ended.output).toContain('the engine serves v2');
    await lambda.stands('v1');
  });

  it('stays open while the engine is not reached, and is recovered later', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2', 'good', (line, stop) => {
      if (line.includes('Verify')) stop('SIGKILL');
    });
    lambda.aws.fails({ on: 'get-alias', nth: 1, times: 99, how: 'signedOut' });
    expect((await lambda.deliver('rollback', 'production', '--recover')).code).toBe(1);
    expect((await lambda.status()).last?.state).toBe('verifying');
    lambda.aws.fails();
    await lambda.deliver('rollback', 'production', '--recover');
    await lambda.stands('v1');
  });
});
