import { HttpCheckManifest } from '../../../src/contract/manifest';
import { Clock, SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { InterruptedError } from '../../../src/runtime/errors';
import { CONTROL_TIMEOUT_MS, controlled, controlledBy, REUSE_MS, SILENCE_MS } from '../../../src/runtime/probing/control';
import { baseline, Prober, runGate } from '../../../src/runtime/probing/gate';
import { Observation } from '../../../src/runtime/probing/observation';
import { probe } from '../../../src/runtime/probing/probe';
import { Release } from '../../../src/runtime/release';
import { respond, Behaviour, breakOff, CertificateName, hang, hangUp, json, MisbehavingServer, raw, redirect, reset } from '../../misbehaving-server';
import { VirtualClock } from '../../virtual-clock';
import { HandClock } from '../hand-clock';
import { healthCheck } from '../health-check-manifest';

const release: Release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };

const servers: MisbehavingServer[] = [];
let service: MisbehavingServer;
let control: MisbehavingServer;

async function start(certificate?: CertificateName): Promise<MisbehavingServer> {
  const started = await MisbehavingServer.start({ certificate });
  servers.push(started);
  return started;
}

beforeEach(async () => {
  service = await start();
  control = await start();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((each) => each.stop()));
});

function prober(clock: Clock = SYSTEM_CLOCK, controlUrl: string | undefined = `${control.url}/up`): Prober {
  return controlled((check, target, signal) => probe(check, { ...target, env: {} }, clock, signal), controlUrl, clock);
}

function look(check: Partial<HttpCheckManifest> = {}, given = prober(), signal?: AbortSignal): Promise<Observation> {
  return given(healthCheck({ url: `${service.url}/health`, ...check }), { release }, signal);
}

/** Resolves when a request has arrived at the server. */
function nextRequest(server: MisbehavingServer, then: Behaviour): Promise<void> {
  return new Promise((resolve) => server.behave((request, response) => {
    then(request, response);
    resolve();
  }));
}

describe('a probe that got no response, with a control URL', () => {
  test('blames the service when the control URL responds', async () => {
    service.behave(reset);
    expect(await look()).toMatchObject({ outcome: 'unreachable', saw: 'connection reset' });
    await service.stop();
    expect(await look()).toMatchObject({ outcome: 'unreachable', saw: 'connection refused' });
  });

  test('was blind when the control URL does not respond either, and says both', async () => {
    service.behave(reset);
    await control.stop();
    expect(await look()).toMatchObject({ outcome: 'blind', saw: 'no response (connection reset); the control URL does not respond either' });
  });

  test.each<[string, Behaviour]>([
    ['an error', respond(500)],
    ['a redirect, which is not followed', redirect('http://127.0.0.1:1/')],
    ['a gateway that has no service behind it', respond(503)],
    ['a response that breaks off', breakOff],
    ['what is not HTTP', raw('220 mail.example ESMTP\r\n')],
  ])('takes %s from the control URL for a response', async (_, behaviour) => {
    service.behave(hangUp);
    control.behave(behaviour);
    expect(await look()).toMatchObject({ outcome: 'unreachable', saw: 'connection closed without a response' });
  });

  test('accepts a control URL with an untrusted certificate', async () => {
    service.behave(reset);
    expect(await look({}, prober(SYSTEM_CLOCK, (await start('expired')).url))).toMatchObject({ outcome: 'unreachable' });
  });

  test.each<[string, Behaviour]>([['resets', reset], ['hangs up', hangUp]])('was blind when the control URL %s', async (_, behaviour) => {
    service.behave(reset);
    control.behave(behaviour);
    expect(await look()).toMatchObject({ outcome: 'blind' });
  });

  test('shows nothing of what the control URL says', async () => {
    service.behave(reset);
    control.behave(respond(418, '::error::forged', { 'x-forged': '::stop-commands::x' }));
    const { startedAt, endedAt, ...said } = await look(); // a time may contain any digits
    expect(startedAt).toBeLessThanOrEqual(endedAt);
    expect(JSON.stringify(said)).not.toMatch(/418|forged/);
  });

  test('probes the control URL once, over a connection of its own, with no header of the check', async () => {
    service.behave(reset);
    await look({ requestHeaders: { 'x-token': 'abc', 'host': 'shop.example' } });
    await control.deserted();
    expect(control.received).toEqual([{ url: '/up', headers: expect.not.objectContaining({ 'x-token': 'abc' }) }]);
    expect(control.received[0].headers.host).toBe(`127.0.0.1:${control.port}`);
  });
});

describe('the control URL is not probed', () => {
  test.each<[string, Behaviour, Observation['outcome']]>([
    ['well', json({ version: 'v1.2.3' }), 'healthy'],
    ['badly', respond(500), 'unhealthy'],
    ['as another release', json({ version: 'v1.2.2' }), 'unhealthy'],
    ['through a gateway that has no service behind it', respond(503), 'unreachable'],
  ])('when the service responds %s', async (_, behaviour, outcome) => {
    service.behave(behaviour);
    expect(await look({ release: { kind: 'json', path: 'version' } })).toMatchObject({ outcome });
    expect(control.received).toEqual([]);
  });

  test('where there is none', async () => {
    const plain: Prober = () => Promise.reject(new Error('not probed here'));
    expect(controlled(plain, undefined, SYSTEM_CLOCK)).toBe(plain);
  });
});

describe('a service that is silent', () => {
  test(`is doubted after ${SILENCE_MS} ms: the control URL is probed while the probe still waits`, async () => {
    const clock = new HandClock();
    const [atService, atControl] = [nextRequest(service, hang), nextRequest(control, respond(200))];
    const looking = look({ timeoutMs: 2_000 }, prober(clock));
    await atService;
    clock.pass(SILENCE_MS);
    await atControl;
    clock.pass(2_000 - SILENCE_MS);
    expect(await looking).toMatchObject({ outcome: 'unreachable', saw: 'no response within 2 s' });
    expect(control.received).toHaveLength(1);
  });

  test('is not blamed when the control URL is silent, too; the probe takes no longer for it', async () => {
    const clock = new HandClock();
    const [atService, atControl] = [nextRequest(service, hang), nextRequest(control, hang)];
    const looking = look({ timeoutMs: 5_000 }, prober(clock));
    const startedAt = clock.now();
    await atService;
    clock.pass(SILENCE_MS);
    await atControl;
    clock.pass(CONTROL_TIMEOUT_MS);
    await control.deserted();
    clock.pass(5_000 - SILENCE_MS - CONTROL_TIMEOUT_MS);
    expect(await looking).toMatchObject({
      outcome: 'blind', saw: 'no response within 5 s; the control URL does not respond either', startedAt, endedAt: startedAt + 5_000,
    });
  });

  test('is healthy with a late response, regardless of the control URL', async () => {
    const clock = new HandClock();
    let respondNow = () => undefined as unknown;
    const atService = nextRequest(service, (_, response) => { respondNow = () => response.end('at last'); });
    const atControl = nextRequest(control, reset);
    const looking = look({ timeoutMs: 5_000 }, prober(clock));
    await atService;
    clock.pass(SILENCE_MS);
    await atControl;
    respondNow();
    expect(await looking).toMatchObject({ outcome: 'healthy', status: 200 });
  });
});

describe('checks side by side', () => {
  const unreachable: Prober = async ({ name }) => ({ startedAt: 0, endedAt: 0, outcome: 'unreachable', saw: name });

  /** A control that takes 100 ms; how often it is probed, and how often at once. */
  function counted(clock: Clock) {
    const count = { probes: 0, now: 0, most: 0 };
    return {
      count,
      probe: controlledBy(async () => {
        count.probes += 1;
        count.most = Math.max(count.most, ++count.now);
        await clock.sleep(100);
        count.now -= 1;
        return false;
      }, unreachable, clock),
    };
  }

  test('probe the control URL once between them', async () => {
    const clock = new VirtualClock();
    const { count, probe: countedProbe } = counted(clock);
    const both = Promise.all(['api', 'web'].map((name) => countedProbe(healthCheck({ name }), { release })));
    expect((await clock.run(both)).map(({ outcome, saw }) => [outcome, saw])).toEqual([
      ['blind', 'no response (api); the control URL does not respond either'], ['blind', 'no response (web); the control URL does not respond either'],
    ]);
    expect(count).toMatchObject({ probes: 1, most: 1 });
  });

  test(`share its response for ${REUSE_MS} ms, then it is probed again`, async () => {
    const clock = new VirtualClock();
    const { count, probe: countedProbe } = counted(clock);
    const after = async (ms: number) => {
      await clock.run(clock.sleep(ms));
      await clock.run(countedProbe(healthCheck(), { release }));
      return count.probes;
    };
    expect([await after(0), await after(REUSE_MS - 1), await after(1), await after(2_000)]).toEqual([1, 1, 2, 3]);
  });

  test('leave nothing that waits', async () => {
    const clock = new VirtualClock();
    await clock.run(counted(clock).probe(healthCheck(), { release }));
    expect(clock.sleeping).toBe(0);
  });
});

describe('a verdict where there is a control URL', () => {
  // the response before the fault must be seen within the deadline, on a busy machine too
  const quick = { intervalMs: 20, timeoutMs: 2_000, deadlineMs: 2_000 };

  function gate(given: { readonly ready: boolean }) {
    const checks = [healthCheck({ url: `${service.url}/health`, ...quick })];
    return runGate({ checks, release, baseline: {}, ...given }, { clock: SYSTEM_CLOCK, probe: prober() });
  }

  test.each([true, false])('is inconclusive when neither the service nor the control URL is reached (known to be up: %s)', async (ready) => {
    service.behave(respond(200), reset);
    await control.stop();
    expect(await gate({ ready })).toMatchObject({
      verdict: 'inconclusive',
      reason: "api: the prober's own network is at fault, so 2 s gave no verdict; last: no response (connection reset); the control URL does not respond either",
    });
  });

  test('is unhealthy when only the service is not reached', async () => {
    service.behave(respond(200), reset);
    expect(await gate({ ready: true })).toMatchObject({ verdict: 'unhealthy', reason: 'api: connection reset (3 in a row)' });
  });

  test('knows from the baseline whether the old release was reached: a blind look is none', async () => {
    const context = { clock: SYSTEM_CLOCK, probe: prober() };
    const checks = [healthCheck({ url: `${service.url}/health` })];
    expect(await baseline(checks, { release }, context)).toMatchObject({ reached: { api: true } });
    await service.stop();
    await control.stop();
    expect(await baseline(checks, { release }, context)).toMatchObject({ reached: { api: false } });
  });
});

test('an interrupted probe does not wait for the control URL', async () => {
  const stop = new AbortController();
  service.behave(reset);
  const atControl = nextRequest(control, hang);
  const looking = look({}, prober(), stop.signal);
  await atControl;
  stop.abort();
  await expect(looking).rejects.toThrow(InterruptedError);
});
