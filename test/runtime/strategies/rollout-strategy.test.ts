import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { STRATEGIES } from '../../../src/contract/strategies';
import { fileLedger } from '../../../src/runtime/ci/open-ledger';
import { checkKnown } from '../../../src/runtime/deployment/known-manifest';
import { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { ALL_TRAFFIC, isBesideStable, isVerifiedBefore, promotionOf, restoreSteps } from '../../../src/runtime/strategies/rollout-strategy';
import { REDEPLOY_TIME_BUDGET } from '../../../src/strategies/redeploy';
import { InstantClock } from '../ledger/instant-clock';
import { newRecord, release, TO_STABLE, write } from '../ledger/records';

describe('a strategy that this runtime does not know', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'strategies-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const manifest = (change: Partial<EnvironmentManifest>) => ({
    environments: [{
      name: 'staging', strategy: { kind: 'redeploy', bakeMs: 0, commandTimeoutMs: 1, timeBudget: REDEPLOY_TIME_BUDGET }, target: { deploy: { kind: 'bash', line: 'ship' } }, ...change,
    }],
  }) as Manifest;

  it('is an error where the manifest names it', () => {
    expect(() => checkKnown(manifest({}))).not.toThrow();
    expect(() => checkKnown(manifest({ strategy: { kind: 'shadow', bakeMs: 0, commandTimeoutMs: 1, timeBudget: REDEPLOY_TIME_BUDGET } }))).toThrow(
      'the manifest\'s environment "staging" names the strategy "shadow", which this runtime does not know '
      + `(it knows ${STRATEGIES.map(({ kind }) => kind).join(', ')}). Use the version of projen-delivery that wrote it, or a later one.`,
    );
  });

  it('is an error where a record of the ledger names it, and the record is not taken for one that is not there', async () => {
    const ledger = fileLedger({ path: join(folder, 'ledger.json'), clock: new InstantClock() });
    await write(ledger, {}, ...TO_STABLE);
    expect(await new EnvironmentHistory(ledger, 'staging').stable()).toMatchObject({ release: newRecord().release });
    await write(ledger, { strategy: 'shadow', run: { id: 2, attempt: 1 } }, 'deploying');
    const message = 'the ledger\'s record of v1 on staging (deployment 2) names the strategy "shadow", which this runtime does not know';
    const history = new EnvironmentHistory(ledger, 'staging');
    await expect(history.open()).rejects.toThrow(message);
    await expect(history.stable()).rejects.toThrow(message);
    await expect(history.slotWithTraffic()).rejects.toThrow(message);
  });

  it.each([
    ['a target\'s command of an unknown kind', { promote: { kind: 'lua' } }, 'whose promote is of the kind "lua", which this runtime does not know (it knows exec, bash, driver).'],
    ['change sets that this runtime does not know', { driver: { kind: 'awsCdk', assembly: 'cdk.out', changeSet: 'later' } }, 'with the change sets "later", which this runtime does not know (it knows review)'],
    ['a driver that this runtime does not know', { driver: { kind: 'mainframe' } }, 'with the driver "mainframe", which this runtime does not know (it knows awsCdk, '],
    ['a registry that this runtime does not know', { driver: { kind: 'packageRegistry', registry: { ecosystem: 'attic' } } }, 'with the registry "attic", which this runtime does not know (it knows go, maven, pypi)'],
    ['a call of a driver that is not there', { deploy: { kind: 'driver', call: 'deploy' } }, 'whose deploy calls a driver, and which names none'],
    ['an unknown call of a driver', { deploy: { kind: 'driver', call: 'fly' }, driver: { kind: 'lambda' } }, 'whose deploy calls "fly" of the driver, which this runtime does not know (it knows deploy, promote, setWeight, rollback).'],
  ])('is an error, as is %s', (_title, part, message) => {
    const target = { deploy: { kind: 'bash', line: 'ship' }, ...part } as unknown as EnvironmentManifest['target'];
    expect(() => checkKnown(manifest({ target }))).toThrow(`the manifest's environment "staging" has a target ${message}`);
  });
});

describe.each(STRATEGIES)('the strategy $kind', (strategy) => {
  it('verifies what it exposes, after it is exposed, and again until it ends', () => {
    const { exposes, steps, verifies } = strategy;
    expect(steps).toContain(exposes);
    expect(steps.slice(0, steps.indexOf(exposes)).map((step) => verifies[step])).not.toContain('users');
    expect(verifies[steps.at(-1)!]).toBe('users');
  });

  it('runs a command in the steps without a verdict', () => {
    expect(strategy.steps.filter((step) => strategy.verifies[step] === undefined)).toEqual(strategy.promotes === 'atOnce' ? ['deploying', 'promoting'] : ['deploying']);
  });

  it('switches to no slot but Stable\'s own, or one where Stable was deployed and verified', () => {
    const places = strategy.slots.length === 0 ? [undefined] : [undefined, ...strategy.slots];
    for (const slot of places) {
      for (const stableSlot of places) {
        const steps = restoreSteps(strategy, { slot, stableSlot, trafficMoved: true });
        const promoted = steps.find(({ action }) => action === 'promote');
        const before = steps.filter((step) => promoted && step !== promoted);
        if (promoted && promoted.slot !== stableSlot) expect(before.map(({ action }) => action)).toEqual(['deploy', 'verify']);
        for (const step of before) expect(step.slot).toBe(promoted!.slot);
        expect(steps.length).toBeGreaterThan(0);
        if (slot !== undefined) expect(promoted!.slot).not.toBe(slot);
      }
    }
  });

  it('restores nothing that users never left, unless it has only one place', () => {
    expect(restoreSteps(strategy, { trafficMoved: false }).length === 0).toBe(strategy.slots.length > 0);
  });

  it('bakes a release that users were verified to see only where a step in place verified it', () => {
    expect(isVerifiedBefore('baking', strategy)).toBe(strategy.slots.length === 0 && strategy.steps.includes('verifying'));
  });
});

describe('the weights of a promotion', () => {
  const strategyOf = (name: string) => STRATEGIES.find(({ kind }) => kind === name)!;
  const stable = { recordId: '1', release: release('v1', 'a'), slot: 'blue', since: '' };
  const weights = [{ percent: 10, atLeastMs: 1000 }, { percent: 50, atLeastMs: 2000 }];
  const commands = { deploy: { kind: 'bash', line: 'ship' } } as const;
  const environment = { strategy: { weights }, target: commands } as unknown as EnvironmentManifest;
  const deploy = { kind: 'deploy', slot: 'green', stable } as const;

  it('are those of the environment, and all traffic at last', () => {
    expect(promotionOf(strategyOf('canary'), environment, deploy)).toEqual([...weights, ALL_TRAFFIC]);
  });

  it('wait for nothing in a drill', () => {
    expect(promotionOf(strategyOf('canary'), environment, { ...deploy, kind: 'drill' })).toEqual([{ percent: 10, atLeastMs: 0 }, { percent: 50, atLeastMs: 0 }, ALL_TRAFFIC]);
  });

  it.each<[string, string, Parameters<typeof promotionOf>[2]]>([
    ['in a rollback by hand: its release was verified before', 'canary', { ...deploy, kind: 'rollback' }],
    ['without Stable', 'canary', { ...deploy, stable: undefined }],
    ['in the slot of Stable', 'canary', { ...deploy, slot: 'blue' }],
    ['if the slot of Stable is not known', 'canary', { ...deploy, stable: { ...stable, slot: undefined } }],
    ['with blue/green', 'blueGreen', deploy],
  ])('are all traffic at once %s', (_, strategy, record) => {
    expect(promotionOf(strategyOf(strategy), environment, record)).toEqual([ALL_TRAFFIC]);
  });

  it('do not depend on the slots of a Rollout of Argo Rollouts: it has both releases, whatever they are called', () => {
    const kubernetes = (rollout: object | undefined) => ({ driver: { kind: 'kubernetes', rollout } }) as unknown as EnvironmentManifest['target'];
    const inSameSlot = { ...deploy, slot: 'blue' };
    expect([{}, undefined].map((rollout) => isBesideStable(inSameSlot, kubernetes(rollout)))).toEqual([true, false]);
    expect(isBesideStable({ ...inSameSlot, stable: undefined }, kubernetes({}))).toBe(false);
  });
});
