/** The watch against a real service that misbehaves, with GitHub's API as its description has it. */
import { Fault, FAULTS, Scene, TRIFLES } from './faults';
import { MonitoringManifest, WATCHED_AT_ONCE } from '../../../src/contract/manifest';
import { warnOverdue } from '../../../src/runtime/monitoring/watch';
import { channelKey } from '../../../src/runtime/notifications/notification';
import { FakeChannel, V1, V2, WatchWorld } from '../../../tools/model-checker/overlaps/watch-world';
import { respond, reset } from '../../misbehaving-server';
import { release, TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';
import { Receiver } from '../notifications/receiver';

let world: WatchWorld;

afterEach(async () => {
  expect(world.github.violations).toEqual([]);
  await world.destroy();
});

const events = (notifications: readonly { readonly event: string }[]) => notifications.map(({ event }) => event);

describe('a healthy service', () => {
  beforeEach(async () => {
    world = await WatchWorld.create();
    await world.deployed();
  });

  it('is probed once; nothing is written, and no notification is sent', async () => {
    const { code, summary, output } = await world.watch();
    expect(code).toBe(0);
    expect(world.service.received).toHaveLength(1);
    expect(world.written).toBe(0);
    expect(summary).toContain('💚 healthy&#58; production');
    expect(output.trim().split('\n').at(-1)).toBe('healthy: production');
  });

  it('may lose a packet: it is probed again, and nothing else happens', async () => {
    world.service.behave(reset, respond(200));
    expect(await world.watch()).toMatchObject({ code: 0, notified: [] });
    expect(world.service.received).toHaveLength(2);
    expect(world.written).toBe(0);
  });

  it('needs the fewest requests of the watch', async () => {
    world.github.requests.splice(0);
    await world.watch();
    expect(world.github.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(world.github.requests.length).toBeLessThanOrEqual(6);
  });
});

/** A busy machine takes its time for a response. */
const TIMES = { intervalMs: 10, timeoutMs: 5_000 };

describe('a service that fails', () => {
  let scene: Scene;

  /** It is watched, and well. */
  async function open(fault: Fault, monitoring: Partial<MonitoringManifest> = {}): Promise<void> {
    scene = await fault.open(TIMES);
    world = await WatchWorld.create(monitoring, { healthChecks: [scene.check] });
    await world.deployed();
    expect(await world.watch()).toMatchObject({ code: 0, notified: [] });
  }

  afterEach(() => scene.stop());

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s: the alert fires once, and resolves once', async (_, fault) => {
    await open(fault);
    await scene.spoil();
    world.isImpatient = fault.isSilent ?? false;
    const first = await world.watch();
    expect({ code: first.code, notified: events(first.notified) }).toEqual({ code: 1, notified: ['firing'] });
    for (let i = 0; i < 3; i++) expect(await world.watch()).toMatchObject({ code: 1, notified: [] });
    await scene.repair();
    world.isImpatient = false;
    const last = await world.watch();
    expect({ code: last.code, notified: events(last.notified) }).toEqual({ code: 0, notified: ['resolved'] });
    for (let i = 0; i < 2; i++) expect(await world.watch()).toMatchObject({ code: 0, notified: [] });
    const [firing, resolved] = world.pager.notifications;
    expect(resolved).toMatchObject({ key: firing.key, check: 'health', lastedMs: expect.any(Number) as number });
    expect(resolved.lastedMs!).toBeGreaterThan(19 * 60_000);
    expect(resolved.title).toContain('health is healthy again after 20 min');
  });

  it('flaps over runs with one probe each: the alert fires once and resolves once', async () => {
    await open(FAULTS.find(({ name }) => name.startsWith('flaps'))!, { retries: 0 });
    await scene.spoil();
    const notified = [];
    for (let i = 0; i < 12; i++) notified.push(events((await world.watch()).notified));
    expect(notified).toEqual([[], [], ['firing'], ...Array.from({ length: 9 }, () => [])]);
    await scene.repair();
    notified.splice(0);
    for (let i = 0; i < 4; i++) notified.push(...events((await world.watch()).notified));
    expect(notified).toEqual(['resolved']);
  });

  // probed three times in a run, and once: then the row is as long as the runs
  describe.each([{ retries: 2 }, { retries: 0 }])('and recovers at once ($retries retries)', ({ retries }) => {
    it.each(TRIFLES.map((fault) => [fault.name, fault] as const))('%s: no notification is sent', async (_, fault) => {
      await open(fault, { retries });
      await scene.spoil();
      for (let i = 0; i < 10; i++) expect(await world.watch()).toMatchObject({ code: 0, notified: [] });
      await scene.repair();
      for (let i = 0; i < 2; i++) expect(await world.watch()).toMatchObject({ code: 0, notified: [] });
    });
  });
});

it('environments are probed in parallel, with a limit that keeps memory small', async () => {
  world = await WatchWorld.create();
  const names = Array.from({ length: WATCHED_AT_ONCE + 5 }, (_, i) => `env-${i}`);
  const environments = names.map((name) => ({ ...world.environment(name), healthChecks: [world.check()] }));
  world.manifest = { ...world.manifest, environments, monitoring: { ...world.manifest.monitoring!, environments: names } };
  for (const name of names) await world.deployed(V1, undefined, { environment: name });
  // no request gets a response before all that may come have come
  const waiting: (() => void)[] = [];
  let most = 0;
  world.service.behave((_, response) => {
    waiting.push(() => response.end());
    most = Math.max(most, waiting.length);
    if (waiting.length === WATCHED_AT_ONCE || world.service.received.length > WATCHED_AT_ONCE) waiting.splice(0).forEach((end) => end());
  });
  expect(await world.watch()).toMatchObject({ code: 0, notified: [] });
  expect(most).toBe(WATCHED_AT_ONCE);
  expect(world.service.received).toHaveLength(names.length);
});

describe('a service that is down', () => {
  it('and comes back fires again the next time', async () => {
    world = await WatchWorld.create({}, {});
    await world.deployed();
    for (let i = 0; i < 2; i++) {
      world.service.behave(reset);
      await world.watch();
      world.service.behave(respond(200));
      await world.watch();
    }
    expect(events(world.pager.notifications)).toEqual(['firing', 'resolved', 'firing', 'resolved']);
    expect(new Set(world.pager.notifications.map(({ id }) => id)).size).toBe(4);
  });

  it('is counted over several runs if one run has too few probes', async () => {
    world = await WatchWorld.create({ retries: 0 });
    await world.deployed();
    world.service.behave(respond(500));
    const notified = [];
    for (let i = 0; i < 4; i++) notified.push(events((await world.watch()).notified));
    world.service.behave(respond(200));
    for (let i = 0; i < 2; i++) notified.push(events((await world.watch()).notified));
    expect(notified).toEqual([[], [], ['firing'], [], [], ['resolved']]);
  });

  it('is shown in every run, with its start and the fix', async () => {
    world = await WatchWorld.create();
    await world.deployed();
    world.service.behave(respond(500));
    await world.watch();
    const { output, summary } = await world.watch();
    expect(summary.split('\n')[0]).toBe('## 🔴 firing&#58; production/health');
    expect(summary).toMatch(/```mermaid\ngantt\n {2}dateFormat x\n {2}axisFormat %H:%M\n {2}production\/health :crit, \d+, \d+\n```/);
    expect(summary).toContain('### What to do\n- production: Look at ');
    expect(output.trim().split('\n').at(-1)).toMatch(/^::error title=Unhealthy::firing: production\/health\. Look at http\S+ v1 is live, Stable since \S+; no release was verified here before it\.$/);
    world.service.behave(respond(200));
    expect((await world.watch()).summary).not.toMatch(/mermaid|What to do/);
  });

  it('names the rollback point if the newest record of the ledger contains it', async () => {
    world = await WatchWorld.create();
    const first = await world.deployed(V1);
    const second = await world.deployed(V2, TO_STABLE, { stable: { recordId: first.id, release: V1, since: first.createdAt } });
    world.service.behave(respond(500));
    expect((await world.watch()).output.trim()).toMatch(/ v2 is live, .*; to roll back to v1: npx projen delivery rollback production --release v1$/);
    await world.deployed(release('v3', 'd'), TO_ROLLED_BACK, { stable: { recordId: second.id, release: V2, since: second.createdAt } });
    expect((await world.watch()).output.trim()).toMatch(/; to roll back, name a release that was verified before it: npx projen delivery rollback production --release VERSION$/);
  });

  it('causes a reminder', async () => {
    world = await WatchWorld.create({ remindEveryMs: 3_600_000 });
    await world.deployed();
    world.service.behave(respond(500));
    const notified = [];
    for (let i = 0; i < 25; i++) notified.push(...events((await world.watch()).notified));
    expect(notified).toEqual(['firing', 'reminder', 'reminder']);
    expect(world.pager.notifications[2].title).toContain('still unhealthy after 2 h');
  });
});

it('a blind watch changes nothing: no alert fires or resolves', async () => {
  world = await WatchWorld.create();
  await world.deployed();
  world.service.behave(respond(500));
  await world.watch();
  const written = world.written;
  // the control address is gone as well: the prober's own network is at fault
  world.manifest = { ...world.manifest, environments: [{ ...world.manifest.environments[0], controlUrl: 'http://127.0.0.1:9' }] };
  world.service.behave(reset);
  const { code, notified, summary } = await world.watch();
  expect({ code, notified }).toEqual({ code: 1, notified: [] });
  expect(summary).toContain('the control URL does not respond either');
  expect(world.written).toBe(written);
});

describe('a receiver of notifications', () => {
  beforeEach(async () => {
    world = await WatchWorld.create();
    await world.deployed();
  });

  it('that was unavailable is notified later, and once; the others are notified at once', async () => {
    const chat = new FakeChannel('chat');
    world.channels = [world.pager, chat];
    chat.isThere = false;
    world.service.behave(respond(500));
    const { code, output, summary, notified } = await world.watch();
    expect({ code, notified: events(notified) }).toEqual({ code: 1, notified: ['firing'] });
    expect(output).toContain('::warning title=chat could not be notified::');
    expect(summary).toContain('chat could not be notified&#58; no response');
    world.service.behave(respond(200));
    await world.watch();
    chat.isThere = true;
    await world.watch();
    await world.watch();
    expect(events(chat.notifications)).toEqual(['firing', 'resolved']);
    expect(chat.notifications.map(({ id }) => id)).toEqual(world.pager.notifications.map(({ id }) => id));
  });

  it('is notified by the next run, with the same id, if a run died after its claim', async () => {
    world.service.behave(respond(500));
    let received: string | undefined;
    const killed = world.begin();
    world.channels = [{ name: 'pager', send: (notification) => { received = notification.id; return new Promise(() => undefined); } }];
    void world.runOf(killed);
    while (received === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    world.channels = [world.pager];
    // as long as GitHub says that it is at work, it is left alone
    expect((await world.watch()).notified).toEqual([]);
    world.github.setRun(killed, { status: 'completed', conclusion: 'cancelled' });
    const { notified } = await world.watch();
    expect(notified.map(({ event, id }) => ({ event, id }))).toEqual([{ event: 'firing', id: received }]);
    expect((await world.watch()).notified).toEqual([]);
  });

  it('is notified once if two runs overlap', async () => {
    world.service.behave(respond(500));
    world.later += 300_000;
    await Promise.all([world.begin(), world.begin(), world.begin()].map((id) => world.runOf(id)));
    expect(events(world.pager.notifications)).toEqual(['firing']);
  });

  it('is notified of the end of an alert if the environment is removed or no longer watched', async () => {
    world.manifest = {
      ...world.manifest,
      environments: ['production', 'staging', 'preview'].map((name) => world.environment(name)),
      monitoring: { ...world.manifest.monitoring!, environments: ['production', 'staging', 'preview'] },
    };
    for (const environment of ['staging', 'preview']) await world.deployed(V1, TO_STABLE, { environment });
    world.service.behave(respond(500));
    expect(events((await world.watch()).notified)).toEqual(['firing', 'firing', 'firing']);
    world.service.behave(respond(200));
    const { environments, monitoring } = world.manifest;
    world.manifest = { ...world.manifest, environments: environments.slice(0, 2), monitoring: { ...monitoring!, environments: ['production'] } };
    const { output, notified } = await world.watch();
    expect(notified.map(({ environment, event, key }) => `${environment} ${event} ${key}`).sort()).toEqual([
      'preview unwatched acme/shop:preview/health', 'production resolved acme/shop:production/health', 'staging unwatched acme/shop:staging/health',
    ]);
    expect(output).toContain('not watched any more: notified pager: acme/shop: preview: health is not watched any more');
    const textOf = (name: string) => notified.find(({ environment }) => environment === name)?.text;
    expect(textOf('preview')).toBe('health: it is not watched any more. Its alert was still firing, and nothing probes it now. No environment is called preview any more. '
      + 'If it was renamed, record what is live under its new name: npx projen delivery adopt NAME --from preview');
    expect(textOf('staging')).toContain(`Look at ${world.service.url}: no one is notified when it is healthy again.`);
    expect((await world.watch()).notified).toEqual([]);
  });

  it('of a renamed environment gets the fix with the new name, also if its channel is limited to that name', async () => {
    const [shop, pages] = [new FakeChannel('shop'), new FakeChannel('pages')];
    world.channels = [world.pager, shop];
    world.service.behave(respond(500));
    await world.watch();
    world.manifest = { ...world.manifest, environments: [world.environment('prod')], monitoring: { ...world.manifest.monitoring!, environments: ['prod'] } };
    world.channels = [world.pager, shop, pages];
    const { notified } = await world.watch();
    expect(notified).toMatchObject([{
      event: 'unwatched',
      environment: 'production',
      key: 'acme/shop:production/health',
      release: { version: 'v1' },
      text: expect.stringContaining('If it was renamed, record what is live under its new name: npx projen delivery adopt prod --from production') as string,
    }]);
    expect([events(shop.notifications), events(pages.notifications)]).toEqual([['firing', 'unwatched'], []]);
    expect((await world.watch()).notified).toEqual([]);
  });

  it('gets the new name of a renamed environment also if another job watches it', async () => {
    world.service.behave(respond(500));
    await world.watch();
    await world.deployed(V1, TO_STABLE, { environment: 'staging' });
    world.manifest = {
      ...world.manifest, environments: ['staging', 'prod'].map((name) => world.environment(name)), monitoring: { ...world.manifest.monitoring!, environments: ['staging', 'prod'] },
    };
    const { notified } = await world.watch({ environments: 'staging' });
    expect(notified.find(({ environment }) => environment === 'production')).toMatchObject({ event: 'unwatched', text: expect.stringContaining('delivery adopt prod --from production') as string });
  });

  it('is notified of a check that returns as of a new one', async () => {
    world.service.behave(respond(500));
    await world.watch();
    const { environments } = world.manifest;
    world.manifest = { ...world.manifest, environments: [{ ...environments[0], healthChecks: [world.check({ name: 'other', status: [500] as never })] }] };
    await world.watch();
    world.manifest = { ...world.manifest, environments };
    await world.watch();
    world.service.behave(respond(200));
    await world.watch();
    expect(events(world.pager.notifications.filter(({ check }) => check === 'health'))).toEqual(['firing', 'unwatched', 'firing', 'resolved']);
  });

  it.each(['health', 'shop: search', 'Suche – schnell'])('is notified of the end of %s with the same key, also later and if the check is gone', async (name) => {
    world.manifest = { ...world.manifest, environments: [{ ...world.environment('production'), healthChecks: [world.check({ name })] }] };
    world.service.behave(respond(500));
    await world.watch();
    world.service.behave(respond(200));
    world.manifest = { ...world.manifest, environments: [{ ...world.environment('production'), healthChecks: [world.check({ name: 'other' })] }] };
    world.pager.isThere = false;
    await world.watch();
    world.pager.isThere = true;
    await world.watch();
    expect(world.pager.notifications.map(({ event, key }) => `${event} ${key}`)).toEqual([`firing acme/shop:production/${name}`, `unwatched acme/shop:production/${name}`]);
    for (const { id } of world.pager.notifications) expect(id).toMatch(/^[!-~ ]+$/);
  });

  it('gets the full text, which the ledger truncates', async () => {
    const name = 'the basket of a customer who has bought before, with a voucher and an address abroad, is priced well';
    const headers = [{ name: 'x-region', value: 'eu-central-1-frankfurt-am-main' }] as never;
    world.manifest = { ...world.manifest, environments: [{ ...world.environment('production'), healthChecks: [world.check({ name, headers })] }] };
    expect((await world.watch()).notified).toMatchObject([{ text: expect.stringMatching(/is priced well: 200 in \d+ ms, no header x-region\. Look at/) as string }]);
  });

  it('is notified of an environment although another one lacks the secret of a check, which the run reports', async () => {
    const staging = { ...world.environment('staging'), healthChecks: [world.check({ secretRequestHeaders: { authorization: 'STAGING_TOKEN' } })] };
    world.manifest = {
      ...world.manifest, environments: [...world.manifest.environments, staging], monitoring: { ...world.manifest.monitoring!, environments: ['production', 'staging'] },
    };
    world.service.behave(respond(500));
    await expect(world.watch()).rejects.toThrow('staging: no value for STAGING_TOKEN');
    expect(events(world.pager.notifications)).toEqual(['firing']);
  });

  it('is notified once of an alert that fires for longer than a thousand others', async () => {
    world.service.behave(respond(500));
    await world.watch();
    for (let i = 0; i < 1_001; i++) {
      world.github.addDeployment({ task: 'delivery-alert', environment: 'staging', ref: 'c'.repeat(40), payload: { schema: 1, key: `key-${i}`, record: { after: String(i), processId: '1.1.a' } } });
    }
    expect((await world.watch()).notified).toEqual([]);
    world.service.behave(respond(200));
    expect(events((await world.watch()).notified)).toEqual(['resolved']);
  });

  it('that did not accept the beginning waits for the end, and the run reports that', async () => {
    world.service.behave(respond(500));
    world.pager.isThere = false;
    await world.watch();
    world.service.behave(respond(200));
    const { output } = await world.watch({}, 20_000);
    // real commands run in it, which take a second more on a busy machine
    expect(output).toMatch(/health is healthy again after [2-5]\d s: it has not received an earlier notification\. The next command tries again\./);
    world.pager.isThere = true;
    await world.watch();
    expect(events(world.pager.notifications)).toEqual(['firing', 'resolved']);
  });

  it('is notified that a check is no longer watched', async () => {
    world.service.behave(respond(500));
    await world.watch();
    world.service.behave(respond(200));
    world.manifest = { ...world.manifest, environments: [{ ...world.manifest.environments[0], healthChecks: [world.check({ name: 'other' })] }] };
    const { code, notified } = await world.watch();
    expect(code).toBe(0);
    expect(notified).toMatchObject([{
      event: 'unwatched',
      title: 'acme/shop: production: health is not watched any more',
      text: expect.stringContaining('No check of production is called health any more. If it was renamed, its new name is watched from now on.') as string,
    }]);
  });
});

describe('alerts about deployments', () => {
  beforeEach(async () => {
    world = await WatchWorld.create();
    await world.deployed();
  });

  it('the watch ignores an environment that is being deployed', async () => {
    world.service.behave(respond(500));
    const record = await world.deployed(V2, ['deploying', 'verifying']);
    world.github.setRun(record.run.id, { status: 'in_progress' });
    const { code, summary, notified } = await world.watch();
    expect({ code, notified }).toEqual({ code: 0, notified: [] });
    expect(summary).toContain('being deployed');
    expect(world.service.received).toEqual([]);
  });

  it('an unfinished deployment of a dead run fires, and resolves when it is recovered', async () => {
    const record = await world.deployed(V2, ['deploying', 'verifying']);
    expect((await world.watch()).notified).toMatchObject([{ event: 'firing', key: 'acme/shop:production/deployment', text: expect.stringContaining('v2 was left verifying by run') as string }]);
    expect((await world.watch()).notified).toEqual([]);
    const { ledger } = world.context(1, 'production');
    for (const state of ['rollingBack', 'rolledBack'] as const) await ledger.advance(record, { state, note: '', processId: record.processId });
    expect(await world.watch()).toMatchObject({ code: 0, notified: [{ event: 'resolved' }] });
  });

  it('a deployment that lacks only its confirmation is confirmed', async () => {
    await world.deployed(V2, TO_STABLE.slice(0, -1));
    const { code, output, summary } = await world.watch();
    expect(code).toBe(0);
    expect(output).toContain('left without a verdict');
    expect(summary).toContain('v2');
    expect((await world.context(1, 'production').ledger.history((await world.context(1, 'production').ledger.records('production'))[0])).at(-1)?.state).toBe('stable');
  });

  it('a halted environment is shown at once, and fires after an hour, because its own run already sent a notification', async () => {
    await world.deployed(V2, ['deploying', 'verifying', 'halted']);
    const first = await world.watch();
    expect({ code: first.code, notified: first.notified }).toEqual({ code: 0, notified: [] });
    expect(first.summary).toContain('halted&#58; v2');
    expect(events((await world.watch({}, 3_600_000)).notified)).toEqual(['firing']);
  });

  it('a rollback that no channel took is sent by the watch, once, with the time at which it happened', async () => {
    const name = 'webhook (HOOK)';
    world.manifest = { ...world.manifest, alerts: [{ name, kind: 'webhook', address: 'HOOK', on: ['rolledBack'], secrets: ['HOOK'] }] };
    const receiver = await Receiver.start();
    Object.assign(world.secrets, { HOOK: receiver.address });
    const record = await world.deployed(V2, ['deploying', 'verifying', 'rollingBack', 'rolledBack']);
    const { ci, ledger } = world.context(1, 'production');
    await ci.notificationLog.add(record, { processId: record.processId, notified: [], failed: [channelKey(name)] });
    for (let run = 0; run < 3; run++) await world.watch();
    await receiver.stop();
    expect(receiver.bodies.map(({ event }) => event)).toEqual(['rolledBack']);
    expect(receiver.bodies[0]!.text).toContain(`This happened at ${(await ledger.history(record)).at(-1)!.at}; it could not be sent before.`);
  });

  it.each([
    ['deploy.yml', 'deploy production', 'a deployment'], ['deploy.yml', 'rollback production (if needed)', 'a rollback'], ['rollback.yml', 'rollback production', 'a rollback'],
  ])('an approval that waits longer than an hour is notified: %s, %s', async (path, name, what) => {
    const run = world.begin();
    world.github.setRun(run, { path, event: 'push', status: 'waiting', jobs: [{ name, status: 'waiting' }] });
    expect((await world.watch()).notified).toEqual([]);
    expect((await world.watch({}, 3_600_000)).notified).toMatchObject([{ event: 'firing', text: expect.stringContaining(`${what} has waited for an approval since`) as string }]);
    world.github.setRun(run, { status: 'completed', conclusion: 'success', jobs: [{ name, status: 'completed', conclusion: 'success' }] });
    expect(events((await world.watch()).notified)).toEqual(['resolved']);
  });

  it('no alert resolves because GitHub temporarily does not report whether an approval waits', async () => {
    const run = world.begin();
    world.github.setRun(run, { path: 'deploy.yml', event: 'push', status: 'waiting', jobs: [{ name: 'deploy production', status: 'waiting' }] });
    await world.watch();
    expect(events((await world.watch({}, 3_600_000)).notified)).toEqual(['firing']);
    world.github.fail({ method: 'GET', path: /deploy\.yml\/runs\?/, misbehaviour: { kind: 'status', status: 404 } });
    expect(await world.watch()).toMatchObject({ notified: [], output: expect.stringContaining('Some information is missing') as string });
    expect((await world.watch()).notified).toEqual([]);
  });

  it('the alert of an unfinished deployment does not resolve before its recovery has ended', async () => {
    const first = await world.deployed(V1);
    const stable = { recordId: first.id, release: V1, since: first.createdAt };
    await world.deployed(V2, ['deploying', 'verifying'], { stable });
    expect(events((await world.watch()).notified)).toEqual(['firing']);
    const back = await world.deployed(V1, ['deploying'], { kind: 'rollback', leaving: V2, stable });
    world.github.setRun(back.run.id, { path: 'rollback.yml', status: 'in_progress' });
    expect((await world.watch()).notified).toEqual([]);
  });

  it('if the live release is unknown, the notification names none, but the fix', async () => {
    const first = await world.deployed(V1);
    await world.deployed(V2, ['deploying', 'verifying', 'promoting', 'halted'], { stable: { recordId: first.id, release: V1, since: first.createdAt } });
    world.service.behave(respond(500));
    const [{ text }] = (await world.watch()).notified;
    expect(text).toContain('A person must act');
    expect(text).not.toContain('is live');
  });

  it('a late notification has the same text', async () => {
    const chat = new FakeChannel('chat');
    chat.isThere = false;
    world.channels = [world.pager, chat];
    const run = world.begin();
    world.github.setRun(run, { path: 'deploy.yml', event: 'push', status: 'waiting', jobs: [{ name: 'deploy production', status: 'waiting' }] });
    await world.watch();
    await world.watch({}, 3_600_000);
    chat.isThere = true;
    await world.watch();
    expect(chat.notifications).toMatchObject([{ event: 'firing', text: expect.stringContaining(`/actions/runs/${run}`) as string }]);
    expect(chat.notifications[0].id).toBe(world.pager.notifications[0].id);
  });
});

describe('automatic rollback', () => {
  const dispatches = () => world.github.requests.filter(({ path }) => path.endsWith('/rollback.yml/dispatches')).map(({ body }) => body as { inputs: Record<string, string> });

  /** The run of rollback.yml that was started last. */
  const started = () => Math.max(...world.github.runsOf('rollback.yml').map(({ id }) => id));
  /** It is over. */
  const ended = (conclusion: 'failure' | 'cancelled' | 'success') => world.github.setRun(started(), { status: 'completed', conclusion });
  const BY_HAND = 'By hand: npx projen delivery rollback production --release v1';

  async function young(monitoring = { rollback: { withinMs: 3_600_000 } }): Promise<void> {
    world = await WatchWorld.create(monitoring);
    const first = await world.deployed(V1);
    await world.deployed(V2, TO_STABLE, { stable: { recordId: first.id, release: V1, since: first.createdAt } });
  }

  it('a recent release whose check fires is rolled back, once', async () => {
    await young();
    world.service.behave(respond(500));
    const { notified } = await world.watch();
    expect(dispatches()).toMatchObject([{ inputs: { environment: 'production', action: 'rollback', release: V1.sha } }]);
    expect(notified).toMatchObject([{ event: 'firing', text: expect.stringContaining('A rollback was started: https://github.com/acme/shop/actions/runs/') as string }]);
    world.service.behave(respond(200));
    await world.watch();
    world.service.behave(respond(500));
    await world.watch();
    expect(dispatches()).toHaveLength(1);
  });

  it('happens once, also if two checks fire in overlapping runs', async () => {
    await young();
    world.manifest = { ...world.manifest, environments: [{ ...world.environment('production'), healthChecks: [world.check(), world.check({ name: 'search' })] }] };
    world.service.behave(respond(500));
    world.later += 300_000;
    await Promise.all([world.begin(), world.begin()].map((id) => world.runOf(id)));
    expect(dispatches()).toHaveLength(1);
    expect(events(world.pager.notifications)).toEqual(['firing', 'firing']);
  });

  it('an older release is not rolled back: the cause is elsewhere', async () => {
    await young();
    world.service.behave(respond(500));
    expect(events((await world.watch({}, 2 * 3_600_000)).notified)).toEqual(['firing']);
    expect(dispatches()).toEqual([]);
  });

  it('nothing is rolled back without the option', async () => {
    await young({} as never);
    world.service.behave(respond(500));
    expect(events((await world.watch()).notified)).toEqual(['firing']);
    expect(dispatches()).toEqual([]);
  });

  it('an unfinished deployment of a dead run is rolled back once, also without the option', async () => {
    world = await WatchWorld.create();
    const first = await world.deployed(V1);
    const record = await world.deployed(V2, ['deploying', 'verifying'], { stable: { recordId: first.id, release: V1, since: first.createdAt } });
    const { output, notified } = await world.watch();
    expect(dispatches()).toMatchObject([{ inputs: { environment: 'production', action: 'rollback', release: V1.sha, reason: expect.stringMatching(/^the watch: v2 was left verifying by run \d+, which is gone$/) as string } }]);
    expect(notified).toMatchObject([{ event: 'firing', key: 'acme/shop:production/deployment', text: expect.stringContaining('A rollback was started: https://') as string }]);
    expect(output.trim().split('\n').at(-1)).toContain('A rollback was started: https://');
    await Promise.all([world.begin(), world.begin()].map((id) => world.runOf(id)));
    expect(dispatches()).toHaveLength(1);
    const { ledger } = world.context(1, 'production');
    for (const state of ['rollingBack', 'rolledBack'] as const) await ledger.advance(record, { state, note: '', processId: record.processId });
    expect(await world.watch()).toMatchObject({ code: 0, notified: [{ event: 'resolved' }] });
    expect(dispatches()).toHaveLength(1);
  });

  it('if the started rollback waits for an approval, later runs link to it and start no other', async () => {
    world = await WatchWorld.create({ remindEveryMs: 300_000 });
    const first = await world.deployed(V1);
    await world.deployed(V2, ['deploying', 'verifying'], { stable: { recordId: first.id, release: V1, since: first.createdAt } });
    await world.watch();
    const run = started();
    world.github.setRun(run, { status: 'waiting', jobs: [{ name: 'rollback production', status: 'waiting' }] });
    for (let i = 0; i < 3; i++) {
      const { output, notified } = await world.watch();
      const approve = `A rollback to v1 was started, and waits for an approval: https://github.com/acme/shop/actions/runs/${run}`;
      expect(notified).toMatchObject([{ event: 'reminder', text: expect.stringContaining(approve) as string }]);
      expect(output.trim().split('\n').at(-1)).toContain(approve);
    }
    expect(dispatches()).toHaveLength(1);
  });

  it('without an earlier verified release there is no rollback point, and a notification is sent', async () => {
    world = await WatchWorld.create({ rollback: { withinMs: 3_600_000 } });
    await world.deployed(V2, ['deploying', 'verifying']);
    expect((await world.watch()).notified).toMatchObject([{ event: 'firing', text: expect.stringContaining('To recover it, run the jobs of run') as string }]);
    expect(dispatches()).toEqual([]);
  });

  it('although the files of the rollback point were in a release whose command failed; a blocked rollback point is reported', async () => {
    world = await WatchWorld.create({ rollback: { withinMs: 3_600_000 } });
    const files = { artifact: { digest: '9'.repeat(64) } };
    const to = { ...V1, ...files };
    const first = await world.deployed(to);
    const pointer = { recordId: first.id, release: to, since: first.createdAt };
    const failed = await world.deployed({ ...release('v1-again', 'd'), ...files }, ['deploying'], { stable: pointer });
    const { ledger } = world.context(failed.run.id, 'production');
    for (const state of ['rollingBack', 'rolledBack'] as const) await ledger.advance(failed, { state, note: 'deploy failed', commandFailed: true, processId: failed.processId });
    await world.deployed(V2, TO_STABLE, { stable: pointer });
    world.service.behave(respond(500));
    await world.watch();
    expect(dispatches()).toMatchObject([{ inputs: { action: 'rollback', release: V1.sha } }]);

    await world.destroy();
    world = await WatchWorld.create({ rollback: { withinMs: 3_600_000 } });
    const bad = await world.deployed(V1, TO_STABLE);
    await world.deployed(V1, ['deploying', 'verifying', 'rollingBack', 'rolledBack'], { stable: undefined });
    await world.deployed(V2, TO_STABLE, { stable: { recordId: bad.id, release: V1, since: bad.createdAt } });
    world.service.behave(respond(500));
    expect((await world.watch()).output).toContain('v1 was rolled back here, too, and is blocked. Deploy a fix, or name a release that was verified before it');
    expect(dispatches()).toEqual([]);
  });

  it('a release that was already rolled back, or is halted, is not rolled back', async () => {
    await young();
    const [last] = await world.context(1, 'production').ledger.records('production');
    await world.deployed(V1, TO_STABLE, { kind: 'rollback', leaving: V2, stable: { recordId: last.id, release: V2, since: last.createdAt } });
    world.service.behave(respond(500));
    await world.watch();
    await world.deployed(release('v3', 'd'), ['deploying', 'halted'], { stable: { recordId: '1', release: V1, since: last.createdAt } });
    await world.watch({}, 3_700_000);
    expect(dispatches()).toEqual([]);
  });

  it('a waiting approval causes no rollback: the live release is not at fault', async () => {
    await young({ rollback: { withinMs: 24 * 3_600_000 } });
    world.github.setRun(world.begin(), { path: 'deploy.yml', event: 'push', status: 'waiting', jobs: [{ name: 'deploy production', status: 'waiting' }] });
    await world.watch();
    expect(events((await world.watch({}, 3_600_000)).notified)).toEqual(['firing']);
    expect(dispatches()).toEqual([]);
  });

  it('a short outage of GitHub does not prevent the rollback', async () => {
    await young();
    world.github.fail({ method: 'GET', path: /rollback\.yml\/runs\?.*workflow_dispatch/, misbehaviour: { kind: 'status', status: 502 } });
    world.service.behave(respond(500));
    await world.watch();
    expect(dispatches()).toHaveLength(1);
  });

  it('if a rollback cannot be started, the next runs try again a few times, each with a notification', async () => {
    await young({ rollback: { withinMs: 24 * 3_600_000 } });
    world.service.behave(respond(500));
    const reject = () => {
      world.later += 300_000;
      return world.runOf(world.begin(), {}, () => Promise.reject(new Error('GitHub did not start rollback.yml.')));
    };
    const { notified } = await reject();
    expect(notified).toMatchObject([{
      event: 'firing',
      text: expect.stringContaining('The rollback to v1 could not be started: GitHub did not start rollback.yml. The next run of the watch tries again. '
        + 'By hand: npx projen delivery rollback production --release v1') as string,
    }]);
    const second = await reject();
    expect(second.output.trim().split('\n').at(-1)).toContain('tries again');
    const third = await reject();
    expect(third.output.trim().split('\n').at(-1)).toContain('could not be started: GitHub did not start rollback.yml. By hand');
    expect((await world.watch()).notified).toMatchObject([{ event: 'firing', key: 'acme/shop:production/rollback', text: expect.stringContaining(BY_HAND) as string }]);
    expect(await world.watch()).toMatchObject({ notified: [] });
    expect(dispatches()).toEqual([]);
  });

  describe('checks the result of the started run', () => {
    beforeEach(async () => {
      await young({ rollback: { withinMs: 24 * 3_600_000 } });
      world.service.behave(respond(500));
      await world.watch();
    });

    it.each([['failed', 'failure', 'failed, or was not approved'], ['was cancelled', 'cancelled', 'was cancelled']] as const)('that %s: another one is started, three in total; then one notification names the command', async (_, conclusion, how) => {
      for (const number of [2, 3]) {
        const last = started();
        ended(conclusion);
        const { output, notified } = await world.watch();
        expect(dispatches()).toHaveLength(number);
        expect(notified).toEqual([]);
        expect(output).toContain(`A rollback was started: https://github.com/acme/shop/actions/runs/${started()} (attempt ${number} of 3; the one before ${how}: https://github.com/acme/shop/actions/runs/${last})`);
      }
      // each is a run of its own
      expect(new Set(dispatches().map(({ inputs }) => inputs.request)).size).toBe(3);
      expect(new Set(dispatches().map(({ inputs }) => inputs.from_deployment)).size).toBe(1);
      ended(conclusion);
      const { code, output, summary, notified } = await world.watch();
      expect(code).toBe(1);
      expect(notified).toMatchObject([{
        event: 'firing',
        key: 'acme/shop:production/rollback',
        title: 'acme/shop: production: the automatic rollback failed',
        text: expect.stringMatching(new RegExp(`^v2 \\(run \\d+\\) was not rolled back to v1: the watch tried 3 times. The last rollback ${how}: \\S+/${started()}. ${BY_HAND}$`)) as string,
      }]);
      expect(notified[0]).not.toHaveProperty('check');
      expect(output.trim().split('\n').at(-1)).toContain(BY_HAND);
      expect(summary).toContain('production/rollback');
      for (let i = 0; i < 2; i++) expect(await world.watch()).toMatchObject({ code: 1, notified: [] });
      expect(dispatches()).toHaveLength(3);
      world.service.behave(respond(200));
      const well = await world.watch();
      expect(well).toMatchObject({ code: 0 });
      expect(well.notified.map(({ title }) => title).sort()).toEqual([
        expect.stringMatching(/: a rollback is no longer needed, after 1\d min( \d+ s)?$/), expect.stringMatching(/: health is healthy again/),
      ]);
    });

    it('it is in progress: the watch waits, and suggests no second rollback', async () => {
      world.github.setRun(started(), { status: 'in_progress' });
      for (let i = 0; i < 4; i++) {
        const { output, notified } = await world.watch();
        expect(notified).toEqual([]);
        expect(output.trim().split('\n').at(-1)).toMatch(/A rollback to v1 was started, and is under way: https:\S+\/runs\/\d+$/);
        expect(output).not.toContain('delivery rollback');
      }
      expect(dispatches()).toHaveLength(1);
    });

    it('it was deleted: another one is started', async () => {
      world.github.deleteRun(started());
      await world.watch();
      expect(dispatches()).toHaveLength(2);
    });

    it('it was superseded by a fix: nothing is started, and no notification is sent', async () => {
      const before = (await world.context(1, 'production').ledger.records('production'))[0];
      ended('success');
      await world.deployed(release('v3', 'd'), TO_STABLE, { stable: { recordId: before.id, release: V2, since: before.createdAt } });
      for (let i = 0; i < 3; i++) expect((await world.watch()).notified).toEqual([]);
      world.service.behave(respond(200));
      expect(events((await world.watch()).notified)).toEqual(['resolved']);
      expect(dispatches()).toHaveLength(1);
    });

    it('it succeeded without a rollback: that counts as a failure', async () => {
      ended('success');
      expect((await world.watch()).output).toContain('the one before ended without a rollback');
      expect(dispatches()).toHaveLength(2);
    });

    it('a person requested a release meanwhile: that has precedence, and both are named', async () => {
      ended('failure');
      const person = world.begin();
      world.github.setRun(person, { path: 'rollback.yml', event: 'workflow_dispatch', status: 'waiting', jobs: [{ name: 'rollback production', status: 'waiting' }] });
      await world.context(person, 'production').ledger.create({
        environment: 'production', kind: 'hold', release: V1, strategy: 'redeploy', run: { id: person, attempt: 1 }, processId: `${person}.1.hold`, by: 'ada',
      });
      for (let i = 0; i < 3; i++) {
        const { output, notified } = await world.watch();
        expect(notified).toEqual([]);
        expect(output.trim().split('\n').at(-1)).toContain(`No automatic rollback: ada requested v1 after v2 was deployed. See that run: https://github.com/acme/shop/actions/runs/${person}`);
      }
      expect(dispatches()).toHaveLength(1);
    });

    it('a person runs the last one again: the watch waits, and the alert fires until it ends', async () => {
      for (let i = 0; i < 2; i++) {
        ended('failure');
        await world.watch();
      }
      ended('failure');
      expect(events((await world.watch()).notified)).toEqual(['firing']);
      world.github.setRun(started(), { status: 'in_progress', attempt: 2, conclusion: null });
      const { output, notified } = await world.watch();
      expect(notified).toEqual([]);
      expect(output).toContain('and is under way');
      const [last] = await world.context(1, 'production').ledger.records('production');
      await world.deployed(V1, TO_STABLE, { kind: 'rollback', leaving: V2, stable: { recordId: last.id, release: V2, since: last.createdAt } });
      world.service.behave(respond(200));
      expect(events((await world.watch()).notified)).toEqual(['resolved', 'resolved']);
      expect(dispatches()).toHaveLength(3);
    });

    it('GitHub does not respond: nothing is started or sent, and the next run checks again', async () => {
      ended('failure');
      world.github.fail({ method: 'GET', path: /rollback\.yml\/runs\?.*workflow_dispatch/, misbehaviour: { kind: 'status', status: 404 } });
      const { output, notified } = await world.watch();
      expect(notified).toEqual([]);
      expect(output).toContain('the rollback could not be started');
      await world.watch();
      expect(dispatches()).toHaveLength(2);
    });

    it('the restored release fails, too: the rolled-back release is not named as rollback point', async () => {
      const [last] = await world.context(1, 'production').ledger.records('production');
      ended('success');
      const pointer = { recordId: last.id, release: V2, since: last.createdAt };
      await world.deployed(V1, TO_STABLE, { kind: 'rollback', leaving: V2, stable: pointer });
      const { output } = await world.watch();
      expect(output.trim().split('\n').at(-1)).toMatch(/v1 is live, Stable since \S+; to roll back, name a release that was verified before it: npx projen delivery rollback production --release VERSION/);
      expect(dispatches()).toHaveLength(1);
    });
  });

  it('an unfinished rollback continues to its target', async () => {
    await young();
    const [last] = await world.context(1, 'production').ledger.records('production');
    await world.deployed(V1, ['deploying'], { kind: 'rollback', leaving: V2, stable: { recordId: last.id, release: V2, since: last.createdAt } });
    await world.watch();
    expect(dispatches()).toMatchObject([{ inputs: { release: V1.sha, from_deployment: expect.not.stringMatching(last.id) as string } }]);
  });

  it('the rollback happens although a run died between the alert and its claim', async () => {
    await young();
    world.service.behave(respond(500));
    world.github.fail({ method: 'POST', path: /\/statuses$/, after: 1, misbehaviour: { kind: 'status', status: 403 } });
    expect(events((await world.watch()).notified)).toEqual(['firing']);
    expect(dispatches()).toEqual([]);
    await world.watch();
    expect(dispatches()).toHaveLength(1);
  });

  it('an alert that began before the release causes no rollback', async () => {
    await young();
    world.service.behave(respond(500));
    await world.watch({}, 2 * 3_600_000);
    const [last] = await world.context(1, 'production').ledger.records('production');
    await world.deployed(release('v3', 'd'), TO_STABLE, { stable: { recordId: last.id, release: V2, since: last.createdAt } });
    for (let i = 0; i < 3; i++) await world.watch();
    expect(dispatches()).toEqual([]);
  });

  it('a rollback whose run died before the start is started once by the next runs, also if they overlap', async () => {
    await young();
    world.service.behave(respond(500));
    world.later += 300_000;
    const died = world.begin();
    const never = new Promise<never>(() => undefined);
    const isStarting = new Promise<void>((begun) => {
      void world.runOf(died, {}, () => { begun(); return never; });
    });
    await isStarting;
    await world.watch();
    expect(dispatches()).toEqual([]);
    world.github.setRun(died, { status: 'completed', conclusion: 'failure' });
    world.later += 300_000;
    await Promise.all([world.begin(), world.begin(), world.begin()].map((id) => world.runOf(id)));
    expect(dispatches()).toHaveLength(1);
    await world.watch();
    expect(dispatches()).toHaveLength(1);
  });

  it('a rollback that cannot be started does not prevent notifications', async () => {
    await young();
    world.github.fail({ method: 'POST', path: /dispatches$/, misbehaviour: { kind: 'status', status: 403 } } as never);
    world.service.behave(respond(500));
    const { output, notified } = await world.watch();
    expect(events(notified)).toEqual(['firing']);
    expect(output).toContain('the rollback could not be started');
  });

  it('an unfinished deployment of a dead run is rolled back to its rollback point', async () => {
    world = await WatchWorld.create({ rollback: { withinMs: 3_600_000 } });
    const first = await world.deployed(V1);
    await world.deployed(V2, ['deploying', 'verifying'], { stable: { recordId: first.id, release: V1, since: first.createdAt } });
    await world.watch();
    await world.watch();
    expect(dispatches()).toMatchObject([{ inputs: { release: V1.sha } }]);
  });
});

describe('the watch itself', () => {
  beforeEach(async () => {
    world = await WatchWorld.create();
    await world.deployed();
  });

  it('measures its actual interval', async () => {
    await world.watch();
    await world.watch({}, 420_000);
    const { summary } = await world.watch({}, 600_000);
    expect(summary).toContain('scheduled to run every 5 min, actually runs every 7 min');
    expect(summary).toMatch(/the previous watch was 10 min( \d+ s)? ago/);
  });

  it('reports that it was interrupted', async () => {
    await world.watch();
    const { output, summary } = await world.watch({}, 17 * 60_000);
    expect(output).toContain('::warning title=The watch was interrupted::');
    expect(summary).toContain('⚠️ The watch is scheduled to run every 5 min');
  });

  it('sends a heartbeat if everything is healthy, and only then', async () => {
    const receiver = world.service;
    world.manifest = { ...world.manifest, monitoring: { ...world.manifest.monitoring!, heartbeat: { url: `${receiver.url}/beat` } } };
    const beats = () => receiver.received.filter(({ url }) => url === '/beat').length;
    await world.watch();
    expect(beats()).toBe(1);
    await world.watch({ heartbeat: 'none' });
    expect(beats()).toBe(1);
    receiver.behave(respond(500));
    await world.watch();
    expect(beats()).toBe(1);
  });

  it('a heartbeat that fails is only a warning', async () => {
    world.manifest = { ...world.manifest, monitoring: { ...world.manifest.monitoring!, heartbeat: { url: 'http://127.0.0.1:9/beat' } } };
    const { code, output } = await world.watch();
    expect(code).toBe(0);
    expect(output).toContain('::warning title=The heartbeat was not received::');
  });

  it('an environment without records is not watched, and is reported', async () => {
    world.manifest = { ...world.manifest, environments: [world.manifest.environments[0], world.environment('staging')], monitoring: { ...world.manifest.monitoring!, environments: ['production', 'staging'] } };
    const { code, summary } = await world.watch();
    expect(code).toBe(0);
    expect(summary).toContain('no release was verified here yet');
    await world.deployed(V2, TO_ROLLED_BACK);
  });

  it('runs the checks of the watch, and not those of deployments only', async () => {
    const [production] = world.manifest.environments;
    world.manifest = { ...world.manifest, environments: [{ ...production, healthChecks: [world.check({ gateOnly: true })], watchChecks: [world.check({ name: 'search', url: `${world.service.url}/search` })] }] };
    await world.watch();
    expect(world.service.received.map(({ url }) => url)).toEqual(['/search']);
  });

  it('a secret without a value is a fault of the configuration, not of the service', async () => {
    const [production] = world.manifest.environments;
    world.manifest = { ...world.manifest, environments: [{ ...production, healthChecks: [world.check({ secretRequestHeaders: { a: 'HEALTH_TOKEN' } })] }] };
    await expect(world.watch()).rejects.toThrow('production: no value for HEALTH_TOKEN');
  });
});

it('delivery status says that the watch does not run', async () => {
  world = await WatchWorld.create();
  await world.deployed();
  await world.watch();
  const said: string[] = [];
  const warn = () => warnOverdue({ ...world.context(1, 'production'), print: (text) => void said.push(text) });
  await warn();
  expect(said).toEqual([]);
  world.later += 16 * 60_000;
  await warn();
  expect(said).toEqual([expect.stringMatching(/^the watch is scheduled to run every 5 min; the previous watch was 16 min/)]);
});
