/** `delivery notify`, as a real process after those that deploy: what is notified, by which process, and that it is notified once. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { violations } from './channels/formats';
import { Receiver } from './receiver';
import { AlertManifest } from '../../../src/contract/manifest';
import { respond } from '../../misbehaving-server';
import { Ended, World } from '../world';

let world: World;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver.stop());
beforeEach(async () => {
  receiver.forget();
  world = await World.create('redeploy');
  setAlerts(webhook());
});
afterEach(() => world.destroy());

describe('Notifications', () => {
  it('a release that is Stable, in a format that docs/alerts.md describes', async () => {
    await deployAndConfirm('v1');
    await notify(runs.at(-1)!);

    expect(receiver.letters.map((letter) => violations('webhook', letter))).toEqual([[]]);
    expect(receiver.bodies).toEqual([expect.objectContaining({
      event: 'deployed',
      environment: 'production',
      title: 'acme/shop: v1 is live on production, verified and Stable',
      release: { version: 'v1', sha: sha('v1') },
      runUrl: `https://github.com/acme/shop/actions/runs/${runs.at(-1)}`,
    })]);
  });

  it('a bad release that was rolled back: the reason and the fix', async () => {
    await deployAndConfirm('v1');
    await deploy('v2', 'error');
    await notify(runs.at(-1)!);

    expect(receiver.bodies.at(-1)).toMatchObject({ event: 'rolledBack', title: 'acme/shop: v2 was bad on production and was rolled back: v1 is live again, verified' });
    expect(receiver.bodies.at(-1)!.text).toMatch(/^Why: .*500[\s\S]*Fix it in a new commit[\s\S]*npx projen delivery unblock production --release v2/);
  });

  it('halted: why, and the ways out', async () => {
    await deploy('v1', 'error');
    await notify(runs.at(-1)!);

    expect(receiver.bodies).toEqual([expect.objectContaining({ event: 'halted' })]);
    expect(receiver.bodies[0].text).toMatch(/^Why: .*\n[\s\S]*npx projen delivery resolve production/);
  });

  it('a rollback by hand, with person and reason; and an adoption', async () => {
    await deployAndConfirm('v1');
    await deployAndConfirm('v2');
    await step('v2', 'rollback', 'production', '--release', 'v1', '--reason', 'checkout is slow');
    await notify(runs.at(-1)!);
    expect(receiver.bodies.at(-1)).toMatchObject({ event: 'rolledBack', title: 'acme/shop: production was rolled back to v1, which is verified and Stable' });
    expect(receiver.bodies.at(-1)!.text).toContain('octocat gave this reason: checkout is slow.');

    await step('v2', 'adopt', 'production', '--release', 'v1');
    await notify(runs.at(-1)!);
    expect(receiver.bodies.at(-1)).toMatchObject({ event: 'deployed', title: 'acme/shop: v1 was adopted on production: verified and Stable' });
  });

  it('nothing for runs without changes, and for successful drills', async () => {
    await deployAndConfirm('v1');
    await notify(runs.at(-1)!);
    await step('v1', 'drill', 'production');
    const notified = await notify(runs.at(-1)!);
    expect(notified.output).toContain('no notification is due');
    await deploy('v1');
    expect((await notify(runs.at(-1)!)).output).toContain('no notification is due');
    expect(receiver.letters).toHaveLength(1);
  });

  it('only to channels for that event and environment', async () => {
    setAlerts({ ...webhook(), on: ['halted'] }, { ...webhook('OTHER'), environments: ['staging'] }, { ...webhook('THIRD'), on: ['deployed'] });
    await deployAndConfirm('v1');
    const { summary } = await notify(runs.at(-1)!);
    expect(receiver.letters).toHaveLength(1);
    expect(summary).toContain('THIRD');
    expect(summary).not.toMatch(/OTHER|&#40;ADDRESS/);
  });
});

describe('Sent once', () => {
  it('by all steps and jobs of a run, and its re-run', async () => {
    await deployAndConfirm('v1');
    const run = await deploy('v2', 'error');
    await notify(run);
    await notify(run);
    await notify(run, { attempt: 2 });
    expect(receiver.bodies.map(({ event }) => event)).toEqual(['rolledBack']);
  });

  it('not for deployments from before the first notification', async () => {
    await deployAndConfirm('v1');
    await deployAndConfirm('v2');
    await notify(runs.at(-1)!);
    expect(receiver.bodies.map(({ release }) => (release as { version: string }).version)).toEqual(['v2']);
  });

  it('by the next run on the environment if a run died before sending', async () => {
    await deployAndConfirm('v1');
    await notify(runs.at(-1)!);
    await deploy('v2', 'error');
    // its runner is gone
    await deployAndConfirm('v3');
    await notify(runs.at(-1)!);
    await notify(runs.at(-1)!);
    expect(said()).toEqual(['deployed v1', 'rolledBack v2', 'deployed v3']);
  });

  it('again, with the same id, if a process died between sending and recording', async () => {
    await deployAndConfirm('v1');
    await notify(runs.at(-1)!);
    const run = await deploy('v2', 'error');
    const before = readFileSync(notificationLog(), 'utf8');
    await notify(run);
    writeFileSync(notificationLog(), before);
    await notify(run);
    expect(said()).toEqual(['deployed v1', 'rolledBack v2', 'rolledBack v2']);
    expect(new Set(receiver.bodies.map(({ id }) => id)).size).toBe(2);
  });

  it('by hand on a laptop, too', async () => {
    await world.ship('v1');
    await world.run(['notify', 'production'], secrets());
    await world.run(['notify', 'production'], secrets());
    expect(receiver.bodies).toEqual([expect.objectContaining({ event: 'deployed', title: 'laptop: v1 is live on production, verified and Stable' })]);
    expect(receiver.bodies[0]).not.toHaveProperty('runUrl');
  });
});

describe('A dead channel', () => {
  it('changes no exit code, is named in the log and in the summary without its secret, and is tried again by the next job', async () => {
    receiver.behave(respond(404, `no such hook: ${receiver.address}`));
    await deployAndConfirm('v1');
    const failed = await notify(runs.at(-1)!);

    expect(failed.code).toBe(0);
    expect(failed.output).toMatch(/::warning title=A notification failed::.*webhook \(ADDRESS\) could not be notified \(HTTP 404/);
    expect(failed.summary).toContain('could not be notified');
    expect(failed.output + failed.summary).not.toContain('s3cr3t');

    receiver.behave(respond(204));
    expect((await notify(runs.at(-1)!)).summary).toContain('✅');
    expect((await notify(runs.at(-1)!)).output).toContain('no notification is due');
  });

  it('of two, the one that was notified is not notified again', async () => {
    const other = await Receiver.start();
    other.behave(respond(400));
    setAlerts(webhook(), { ...webhook('OTHER') });
    await deployAndConfirm('v1');
    await notify(runs.at(-1)!, { env: { OTHER: other.address } });
    other.behave(respond(200));
    await notify(runs.at(-1)!, { env: { OTHER: other.address } });
    await other.stop();
    expect([receiver.letters.length, other.letters.length]).toEqual([1, 2]);
  });

  it('a later run does not report that a release became live', async () => {
    receiver.behave(respond(400));
    await deployAndConfirm('v1');
    await notify(runs.at(-1)!);
    receiver.behave(respond(200));
    receiver.letters.splice(0);
    await deployAndConfirm('v2');
    await notify(runs.at(-1)!);
    expect(said()).toEqual(['deployed v2']);
  });

  it('without a value for its secret it says which one, and where it belongs', async () => {
    await deployAndConfirm('v1');
    const { code, output } = await notify(runs.at(-1)!, { env: { ADDRESS: '' } });
    expect([code, output]).toEqual([0, expect.stringContaining('ADDRESS has no value: make it a secret of the repository or the organization')]);
  });
});

describe('A command', () => {
  const file = () => join(world.root, 'machine/notified');

  it('gets the notification in its environment, only its own secret, and does not execute text', async () => {
    setAlerts(webhook(), command('printf "%s|" "$DELIVERY_EVENT" "$DELIVERY_VERSION" "$DEPLOY_ENV" "$GREETING" "${ADDRESS-hidden}" > machine/notified; printf "%s" "$DELIVERY_NOTIFICATION" > machine/notification'));
    await deployAndConfirm('v1');
    await deployAndConfirm('v2');
    await step('v2', 'rollback', 'production', '--release', 'v1', '--reason', '$(touch machine/pwned); touch machine/pwned');
    await notify(runs.at(-1)!);
    expect(readFileSync(file(), 'utf8')).toBe('rolledBack|v1|production|hello; $(id)|hidden|');
    expect(JSON.parse(readFileSync(join(world.root, 'machine/notification'), 'utf8'))).toMatchObject({ event: 'rolledBack', text: expect.stringContaining('$(touch machine/pwned)') as string });
    expect(existsSync(join(world.root, 'machine/pwned'))).toBe(false);
  });

  it('gets its own secret; that it fails changes nothing', async () => {
    setAlerts({ ...command('echo "$MAIL_KEY" > machine/notified; echo "sent with $MAIL_KEY"; exit 7'), secrets: ['MAIL_KEY'] });
    await deployAndConfirm('v1');
    const { code, output, summary } = await notify(runs.at(-1)!, { env: { MAIL_KEY: 'k3y-of-mail' } });
    expect(readFileSync(file(), 'utf8')).toBe('k3y-of-mail\n');
    expect(code).toBe(0);
    expect(summary).toContain('exit code 7');
    expect(output + summary).not.toContain('k3y-of-mail');
  });
});

const runs: number[] = [];

async function step(tag: string, ...args: string[]): Promise<Ended> {
  const id = world.newRun();
  runs.push(id);
  return world.step({ id, tag }, ...args);
}

/** The deploy job of a new run; its id. */
async function deploy(version: string, behaviour: 'good' | 'error' = 'good'): Promise<number> {
  if (!world.git('tag').split('\n').includes(version)) world.release(version, behaviour);
  await step(version, 'deploy', 'production');
  return runs.at(-1)!;
}

async function deployAndConfirm(version: string): Promise<void> {
  const id = await deploy(version);
  const confirmed = await world.step({ id, tag: version, env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' } }, 'monitor', 'production');
  expect(confirmed.code).toBe(0);
}

function notify(id: number, { attempt = 1, env = {} }: { attempt?: number; env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
  return world.step({ id, attempt, tag: 'v1', env: { ...secrets(), ...env } }, 'notify', 'production');
}

function secrets(): NodeJS.ProcessEnv {
  return { ADDRESS: receiver.address, OTHER: receiver.address, THIRD: receiver.address };
}

function setAlerts(...alerts: AlertManifest[]): void {
  world.manifest = { ...world.manifest, alerts };
  world.change({});
  world.git('add', '.');
  world.commit('alerts');
}

function webhook(address = 'ADDRESS'): AlertManifest {
  return { name: `webhook (${address})`, kind: 'webhook', address, on: ['deployed', 'rolledBack', 'halted'], secrets: [address] };
}

function command(line: string): AlertManifest {
  return { name: 'command (notify)', kind: 'command', command: { kind: 'bash', line }, on: ['deployed', 'rolledBack', 'halted'], secrets: [] };
}

function said(): string[] {
  return receiver.bodies.map(({ event, release }) => `${String(event)} ${(release as { version: string }).version}`);
}

function sha(tag: string): string {
  return world.git('rev-parse', `${tag}^{commit}`);
}

/** Which notifications were sent stands in the ledger. */
function notificationLog(): string {
  return join(world.root, 'machine/ledger.json');
}
