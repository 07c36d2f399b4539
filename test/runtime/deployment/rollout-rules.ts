/** DESIGN section 5: what must always hold with each strategy, through the bundled runtime as a real process. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { STRATEGIES, StrategyKind } from '../../../src/contract/strategies';
import { check, killAt, World } from '../world';

export function rolloutRules(strategy: StrategyKind): void {
  const { promotes, slots } = STRATEGIES.find(({ kind }) => kind === strategy)!;
  const [isInPlace, isWeighted] = [slots.length === 0, promotes === 'byWeight'];
  let world: World;
  afterEach(() => world.destroy());

  describe(`with ${strategy}`, () => {
    beforeEach(async () => {
      world = await World.create(strategy);
    });

    test('a good release becomes Stable', async () => {
      const { code, output } = await world.ship('v1');
      expect(output).toContain('v1 is live on production, verified and Stable');
      expect([code, world.served]).toEqual([0, 'v1']);
    });

    test('a bad release is rolled back to the last verified one, and the run ends red', async () => {
      await world.ship('v1');
      const { code, output } = await world.ship('v2', isInPlace ? 'error' : 'bad');
      expect(output).toContain('v2 was bad on production and was rolled back: v1 is live again, verified');
      expect([code, world.served]).toEqual([1, 'v1']);
    });

    test('rule 7: "the old version still responds" is a failed deploy', async () => {
      await world.ship('v1');
      const { code, output } = await world.ship('v2', 'stale');
      expect(output).toContain('v0 responded instead of v2');
      expect([code, world.served]).toEqual([1, 'v1']);
    });

    describe('rule 7, where a command is done before users see what it did', () => {
      // longer than any number of responses here takes, on the busiest machine
      const asynchronous = { propagationMs: 3_000 };
      beforeEach(() => world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, asynchronous)] }));

      // a weight is in effect when its command ends
      if (!isWeighted) {
        test('a stale response right after the command does not count: the release appears and becomes Stable', async () => {
          await world.ship('v1');
          const { code, output } = await world.ship('v2', 'slow');
          expect(output).toContain('v1 responded instead of v2 · waiting for it');
          expect([code, world.served, world.responses.at(-1)]).toEqual([0, 'v2', 'v2']);
        });
      }

      if (!isWeighted) {
        test('a release that appears after its rollback began is detected: Stable counts as restored when it responds after it', async () => {
          await world.ship('v1');
          const { code, output } = await world.ship('v2', 'late');
          expect(output).toMatch(/v1 responded instead of v2 \(\d+ in a row, after a wait of 3 s\)/);
          expect(output).toContain('v2 was bad on production and was rolled back: v1 is live again, verified');
          expect(world.responses).toContain('v2');
          expect(world.responses.slice(world.responses.lastIndexOf('v2') + 1).length).toBeGreaterThanOrEqual(3);
          expect([code, world.served, world.responses.at(-1)]).toEqual([1, 'v1', 'v1']);
          expect(world.commands.at(-1)).toBe(isInPlace ? 'deploy v1 to only' : 'promote v1 on blue');
        });
      }

      test('a third release does not count as stale', async () => {
        await world.ship('v1');
        world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, { ...asynchronous, propagationMs: isInPlace ? 30_000 : 100 })] });
        const { code, output } = await world.ship('v2', 'stale');
        expect(output).toMatch(isInPlace ? /v0 responded instead of v2 \(3 in a row\)/ : /v0 responded instead of v2 \(3 in a row, after a wait of 100 ms\)/);
        expect([code, world.served]).toEqual([1, 'v1']);
      });
    });

    test('rule 6: a service that the baseline reached and that now resets is unhealthy', async () => {
      await world.ship('v1');
      world.shortenDeadline();
      const { code } = await world.ship('v2', 'reset');
      expect([code, world.served]).toEqual([1, 'v1']);
    });

    test('rule 10: a first release that fails after a change is halted', async () => {
      const { code, output } = await world.ship('v1', 'error');
      expect(output).toContain('production is halted');
      expect(code).toBe(3);
    });

    test('rule 4: a release that was rolled back is blocked, whatever its tag is called now', async () => {
      await world.ship('v1');
      await world.ship('v2', 'error');
      world.git('tag', 'v2-again', 'v2');
      world.forgetCommands();
      const { code, output } = await world.delivery('deploy', 'production', '--release', 'v2-again');
      expect(output).toContain('was rolled back on production before');
      expect([code, world.commands]).toEqual([2, []]);
    });

    test.each(['my-pkg@1.2.3', '@scope/my-pkg@1.2.3'])('the tag %s of Lerna or changesets is deployed, and can be restored', async (tag) => {
      world.change({ trigger: { kind: 'tag', pattern: tag.replace('1.2.3', '*') } });
      world.release(tag);
      expect((await world.step({ id: world.newRun(), tag }, 'deploy', 'production')).code).toBe(0);
      expect((await world.step({ id: world.newRun(), tag }, 'monitor', 'production')).code).toBe(0);
      await world.ship('v2');
      const { code, output } = await world.delivery('rollback', 'production', '--release', tag, '--reason', 'as it was');
      expect({ code, served: world.served, output }).toMatchObject({ code: 0, served: tag });
    });

    test('rule 5: a release that is already live stays unchanged', async () => {
      await world.ship('v1');
      world.forgetCommands();
      const { code, output } = await world.delivery('deploy', 'production', '--release', 'v1');
      expect(output).toContain('v1 is already live');
      expect([code, world.commands]).toEqual([0, []]);
    });

    test('rule 9: an old run that is run again does not deploy its release over a newer one', async () => {
      world.release('v1');
      world.release('v2');
      const [older, newer] = [world.newRun(), world.newRun()];
      await world.step({ id: newer, tag: 'v2' }, 'deploy', 'production');
      await world.step({ id: newer, tag: 'v2', env: { DELIVERY_DEPLOYED: 'success' } }, 'monitor', 'production');
      world.forgetCommands();
      const { code, output } = await world.step({ id: older, tag: 'v1' }, 'deploy', 'production');
      expect(output).toContain('an older run never deploys over a newer one');
      expect([code, world.served, world.commands]).toEqual([2, 'v2', []]);
    });

    test('rule 9: the next run first recovers an unfinished deployment', async () => {
      await world.ship('v1');
      world.release('v2', 'bad');
      await world.step({ id: world.newRun(), tag: 'v2', onLine: killAt('Verify') }, 'deploy', 'production');
      world.release('v3');
      const { code, output } = await world.step({ id: world.newRun(), tag: 'v3' }, 'deploy', 'production');
      expect(output).toContain('An earlier deployment was left unfinished');
      expect([code, world.served]).toEqual([0, 'v3']);
    });

    test('rule 1: if the rollback point cannot be written, nothing is changed', async () => {
      await world.ship('v1');
      rmSync(join(world.root, 'machine/ledger.json'));
      mkdirSync(join(world.root, 'machine/ledger.json'));
      world.forgetCommands();
      const { code, output } = await world.ship('v2');
      expect(output).toContain('ledger');
      expect([code, world.commands]).toEqual([1, []]);
    });

    test('a command that fails is rolled back', async () => {
      await world.ship('v1');
      const { target } = world.manifest.environments[0];
      world.change({ target: { ...target, deploy: { kind: 'bash', line: 'test "$DELIVERY_VERSION" = v1 || exit 7' } } });
      expect([(await world.ship('v2')).code, world.served]).toEqual([1, 'v1']);
      world.change({ target });
      expect((await world.ship('v3')).code).toBe(0);
    });

    test('rule 3: the recover step finishes a deployment that SIGINT interrupted, and is idempotent', async () => {
      await world.ship('v1');
      world.release('v2');
      const run = { id: world.newRun(), tag: 'v2' };
      const interrupted = await world.step({ ...run, onLine: killAt('Verify', 'SIGINT') }, 'deploy', 'production');
      expect(interrupted.code).toBe(1);
      const recovered = await world.step(run, 'rollback', 'production', '--recover');
      expect([recovered.code, world.served]).toEqual([1, 'v1']);
      world.forgetCommands();
      const again = await world.step(run, 'rollback', 'production', '--recover');
      expect(again.output).toContain('nothing is unfinished');
      expect([again.code, world.commands]).toEqual([0, []]);
      // the release has no verdict, so nothing blocks it
      expect((await world.step({ ...run, attempt: 2 }, 'deploy', 'production')).code).toBe(0);
      expect(world.served).toBe('v2');
    });

    test('a second deploy on a laptop is rejected, and does not recover the first', async () => {
      world.release('v1');
      // a checkout holds one release
      const ended = await Promise.all([1, 2].map(() => world.delivery('deploy', 'production', '--release', 'v1')));
      expect(ended.map(({ output }) => output.includes('left unfinished'))).toEqual([false, false]);
      expect(ended.map(({ code }) => code).sort()).toEqual([0, 1]);
      expect(world.commands.filter((line) => line.startsWith('deploy'))).toHaveLength(1);
    });

    test('a deployment that lacks only its confirmation is probed again, not rolled back', async () => {
      await world.ship('v1');
      world.release('v2');
      const run = { id: world.newRun(), tag: 'v2', env: { DELIVERY_DEPLOYED: 'success' } };
      await world.step(run, 'deploy', 'production');
      const { code } = await world.step(run, 'rollback', 'production', '--recover');
      expect([code, world.served]).toEqual([0, 'v2']);
      expect((await world.delivery('status')).output).toMatch(/production +v2/);
    });
  });
}
