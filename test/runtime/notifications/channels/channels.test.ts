/** Each channel, against a real HTTP receiver that checks what came against what the provider publishes, and fails in all ways. */
import { Format, verify, violations } from './formats';
import { AlertManifest } from '../../../../src/contract/manifest';
import { RuntimeContext } from '../../../../src/runtime/context';
import { alertsOf, ChannelContext, openChannels } from '../../../../src/runtime/notifications/channels/open-channels';
import { Notification } from '../../../../src/runtime/notifications/notification';
import { sendAll, SENDING_MS, SentNotification } from '../../../../src/runtime/notifications/send';
import { respond, Behaviour, hang, hangUp, redirect, reset, slow, trickle } from '../../../misbehaving-server';
import { InstantClock } from '../../ledger/instant-clock';
import { Receiver } from '../receiver';

const SIGNING = `whsec_${Buffer.from('a secret that two share').toString('base64')}`;
const ROUTING_KEY = '0123456789abcdef0123456789abcdef';

const NOTICE: Notification = {
  id: 'acme/shop:production/deployment/17/rolledBack',
  key: 'acme/shop:production/deployment',
  event: 'rolledBack',
  environment: 'production',
  title: 'acme/shop: v2 was bad on production and was rolled back: v1 is live again, verified',
  text: 'Why: health returned 500.\nFix it in a new commit.',
  release: { version: 'v2', sha: 'b'.repeat(40) },
  url: 'https://www.example.com/?a=1&b=2',
  runUrl: 'https://github.com/acme/shop/actions/runs/7',
  at: '2026-11-24T12:00:00Z',
};

const UNWATCHED: Notification = {
  ...NOTICE,
  id: 'acme/shop:production/health/18',
  key: 'acme/shop:production/health',
  event: 'unwatched',
  check: 'health',
  title: 'acme/shop: production: health is not watched any more',
  text: 'health: it is not watched any more.',
};

/** What a service under test, a tag or a person may have put into a text. */
const HOSTILE = [
  '@everyone @here <!channel> <@U123> <@&456> @octocat <at>Boss</at>',
  '[click me](https://evil.example) <https://evil.example|click me> https://evil.example www.evil.example',
  '**bold** _italic_ `code` ~~gone~~ ||spoiler|| # heading > quote :fire: - list',
  '<img src=x onerror=alert(1)> <!-- projen-delivery key 0 --> &lt; \u001b[31mred\u0007 \u202eback\u0000 ##[error]no ::error::no',
  '"}]} \\ "',
].join('\n');

let receiver: Receiver;
let clock: InstantClock;

beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver.stop());
beforeEach(() => {
  receiver.forget();
  clock = new InstantClock();
});

const FORMATS: readonly Format[] = ['webhook', 'slack', 'teams', 'discord', 'pagerduty'];

describe.each(FORMATS)('%s', (format) => {
  it.each(['deployed', 'rolledBack', 'halted', 'firing', 'reminder', 'resolved', 'unwatched'] as const)('is notified of %s in the published format', async (event) => {
    expect(await send(format, { ...NOTICE, event, ...(event === 'firing' && { check: 'health', release: undefined }) })).toEqual([]);

    expect(receiver.letters.map((letter) => violations(format, letter))).toEqual([[]]);
  });

  it('is notified of what happened, where, and what to do', async () => {
    await send(format);

    const whole = unescaped(receiver.letters[0].text);
    expect(whole).toContain('v2 was bad on production and was rolled back');
    expect(whole).toContain('Fix it in a new commit');
    expect(whole).toContain('health returned 500');
  });

  it('keeps to its limits however long a text is, and cuts no character in two', async () => {
    for (const character of ['x', '&', '*', '🔥', '\n', '€']) {
      expect(await send(format, { ...NOTICE, title: `a ${character.repeat(5000)}`, text: character.repeat(50_000), environment: 'e'.repeat(64), check: 'c'.repeat(100) })).toEqual([]);
    }
    expect(receiver.letters.map((letter) => violations(format, letter))).toEqual([[], [], [], [], [], []]);
    // eslint-disable-next-line no-control-regex -- a lone half of a character, as JSON writes it
    expect(receiver.letters.filter(({ text }) => /\\ud[89a-f]/i.test(text))).toEqual([]);
  });

  it('shows text from outside as text: no control characters, and what is dangerous there is spelt so that it is harmless', async () => {
    expect(await send(format, { ...NOTICE, title: HOSTILE, text: HOSTILE })).toEqual([]);

    expect(receiver.letters.map((letter) => violations(format, letter))).toEqual([[]]);
    expect(dangers(format, receiver.letters[0].text)).toEqual([]);
  });

  it.each<[string, Behaviour]>([
    ['500', respond(500, 'no')],
    ['503 with Retry-After', respond(503, 'no', { 'retry-after': '2' })],
    ['429 with Retry-After', respond(429, '{"retry_after": 2}', { 'retry-after': '2' })],
    ['429 without one', respond(429)],
    ['408', respond(408)],
    ['a reset', reset],
    ['a connection that is closed', hangUp],
  ])('is sent again after %s, and no more once it is taken', async (_, behaviour) => {
    receiver.behave(behaviour, behaviour, respond(202, '{"status":"success"}'));

    expect(await send(format)).toEqual([]);
    expect(receiver.letters).toHaveLength(3);
    expect(new Set(receiver.bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it.each<[string, Behaviour, RegExp]>([
    ['500 for ever', respond(500, 'no'), /^HTTP 500: no; tried 5 times$/],
    ['a reset for ever', reset, /^no connection \((ECONNRESET|UND_ERR_SOCKET)\); tried 5 times$/],
    ['429 that asks for longer than there is', respond(429, 'slow down', { 'retry-after': '60' }), /^HTTP 429: slow down \(Retry-After: 1 min\); tried 1 time$/],
    ['an address that is gone', respond(404, 'no_service'), /^HTTP 404: no_service$/],
    ['a refusal', respond(400, 'invalid_payload'), /^HTTP 400: invalid_payload$/],
    ['a redirect, which is not followed', redirect('/elsewhere'), /^HTTP 302, a redirect, which is not followed/],
  ])('gives up on %s, within its time, and says why without the secret', async (_, behaviour, why) => {
    receiver.behave(behaviour);
    const startedAt = clock.now();

    const [fault, ...more] = await send(format);
    expect(fault).toMatch(why);
    expect(more).toEqual([]);
    expect(clock.now() - startedAt).toBeLessThanOrEqual(SENDING_MS);
    expect(fault).not.toMatch(/s3cr3t|127\.0\.0\.1|0123456789abcdef/);
    expect(receiver.letters.map(({ url }) => url)).not.toContain('/elsewhere');
  });
});

describe('a receiver that returns what it was sent', () => {
  it.each<[string, Behaviour]>([
    ['the path', (request, response) => void response.writeHead(404).end(`Cannot POST ${request.url}`)],
    ['the whole address, cut in its middle', (_, response) => void response.writeHead(400).end(`${'x'.repeat(60)} ${receiver.address}`)],
    ['a part of the path', (request, response) => void response.writeHead(400).end(`no such hook: ${request.url!.split('/').at(-1)}`)],
  ])('brings nothing of the address into a log: %s', async (_, behaviour) => {
    receiver.behave(behaviour);
    const [fault] = await send('slack');
    expect(fault).toMatch(/^HTTP 40[04]: /);
    expect(fault).not.toMatch(/s3cr3t|127\.0\.0\.1/);
  });

  it('nor a routing key', async () => {
    receiver.behave((_, response) => void response.writeHead(400).end(`${'x'.repeat(100)} ${ROUTING_KEY} is no key`));
    expect((await send('pagerduty'))[0]).not.toContain(ROUTING_KEY.slice(0, 8));
  });
});

describe('an attempt without a response', () => {
  it('ends by itself, and the next one may succeed', async () => {
    receiver.behave(hang, respond(200));
    expect(await send('webhook', NOTICE, {}, 600)).toEqual(['no response within 1 s; tried 1 time']);
    receiver.behave(slow(50, respond(200)));
    expect(await send('webhook')).toEqual([]);
  });

  it('what comes after all time was used up is not sent, and said so', async () => {
    expect(await send('webhook', NOTICE, {}, 0)).toEqual(['no time was left for it']);
    expect(receiver.letters).toEqual([]);
  });

  it('a response without end is a response: the notification was accepted', async () => {
    receiver.behave(trickle(20));
    expect(await send('webhook', NOTICE, {}, 600)).toEqual([]);
  });
});

describe('what stands in the secret', () => {
  it.each([
    ['hello', 'its secret holds no address: it must begin with https://'],
    ['http://hooks.example.com/s3cr3t', 'the address in its secret must begin with https://, because anyone could read it in transit'],
    ['https://user:s3cr3t@hooks.example.com', 'the address in its secret has a user name or a password, which is not supported'],
    ['ftp://hooks.example.com', 'the address in its secret must begin with https://, because anyone could read it in transit'],
    ['', 'ADDRESS has no value: make it a secret of the repository or the organization, or on a laptop an environment variable'],
  ])('%s: nothing is sent, and nothing of it is shown', async (address, why) => {
    expect(await send('slack', NOTICE, { ADDRESS: address })).toEqual([why]);
  });

  it('line ends around it do no harm', async () => {
    expect(await send('slack', NOTICE, { ADDRESS: `${receiver.address}\n` })).toEqual([]);
  });
});

describe('a signed webhook', () => {
  it('is verified as Standard Webhooks says, each try by its own time and with the same id', async () => {
    receiver.behave(respond(500), respond(200));
    await send('webhook');

    expect(receiver.letters.map(({ headers }) => headers['webhook-id'])).toEqual([NOTICE.id, NOTICE.id]);
    expect(receiver.letters.map(({ headers }) => Number(headers['webhook-timestamp']))).toEqual([seconds(0), seconds(1)]);
    for (const letter of receiver.letters) verify(letter, SIGNING, seconds(1));
  });

  it('is not believed with another body, another time or another secret', async () => {
    await send('webhook');
    const [letter] = receiver.letters;
    expect(() => verify({ ...letter, text: letter.text.replace('v2', 'v3') }, SIGNING, seconds(0))).toThrow('no signature');
    expect(() => verify({ ...letter, headers: { ...letter.headers, 'webhook-timestamp': String(seconds(9)) } }, SIGNING, seconds(0))).toThrow('no signature');
    expect(() => verify(letter, 'whsec_b3RoZXI=', seconds(0))).toThrow('no signature');
    expect(() => verify(letter, SIGNING, seconds(0) + 301)).toThrow('too far');
  });

  it('a secret without the prefix is taken as it is; without a secret there is no signature', async () => {
    await send('webhook', NOTICE, { SIGNING: 'plain' });
    verify(receiver.letters[0], `whsec_${Buffer.from('plain').toString('base64')}`, seconds(0));
    await sendAlert({ kind: 'webhook', address: 'ADDRESS', name: 'w', on: ['halted'], secrets: ['ADDRESS'] });
    expect(receiver.letters[1].headers).not.toHaveProperty('webhook-signature');
  });
});

describe('PagerDuty', () => {
  it('triggers one incident for an environment and resolves the same one', async () => {
    for (const event of ['halted', 'reminder', 'deployed', 'firing', 'resolved'] as const) await send('pagerduty', { ...NOTICE, event });
    expect(receiver.bodies.map(({ event_action: action }) => action)).toEqual(['trigger', 'trigger', 'resolve', 'trigger', 'resolve']);
    expect(new Set(receiver.bodies.map(({ dedup_key: key }) => key))).toEqual(new Set([NOTICE.key]));
  });

  it('resolves what is not watched any more, and says why in the incident', async () => {
    await send('pagerduty', UNWATCHED);
    expect(receiver.bodies).toMatchObject([{
      event_action: 'resolve',
      dedup_key: UNWATCHED.key,
      payload: { summary: UNWATCHED.title, severity: 'info', class: 'unwatched', custom_details: { text: UNWATCHED.text } },
    }]);
  });
});

describe('what is not watched any more', () => {
  const GREY = { discord: '"color":7239297', teams: '"color":"default"', slack: '', webhook: '"incident":"closed"', pagerduty: '"severity":"info"' };

  it.each(FORMATS)('looks neither well nor bad: %s', async (format) => {
    await send(format, UNWATCHED);
    const { text } = receiver.letters[0];
    expect(unescaped(text)).toContain('health is not watched any more');
    expect(text).toContain(GREY[format]);
    expect(text).not.toMatch(/✅|🔥|healthy again/);
    if (format !== 'webhook' && format !== 'pagerduty') expect(text).toContain('🚫');
  });
});

it('keys that are too long for it stay different', async () => {
  const key = `acme/shop:${'p'.repeat(240)}/`;
  for (const check of ['health', 'search']) await send('pagerduty', { ...NOTICE, key: key + check });
  const [one, other] = receiver.bodies.map(({ dedup_key: sent }) => String(sent));
  expect(one).not.toBe(other);
  expect(one.length).toBeLessThanOrEqual(255);
});

describe('a command', () => {
  it('sees its own secret, and none of the environment, of a check or of another channel', async () => {
    const environment = {
      name: 'production',
      variables: {},
      secrets: ['DEPLOY_TOKEN'],
      healthChecks: [],
      watchChecks: [{ kind: 'http', name: 'search', secretRequestHeaders: { authorization: 'SEARCH_TOKEN' } }],
    } as unknown as ChannelContext['environment'];
    const alert: AlertManifest = { kind: 'command', name: 'command', on: [], secrets: ['MAIL_KEY'], command: { kind: 'bash', line: 'true' } };
    const seen: NodeJS.ProcessEnv[] = [];
    const [channel] = openChannels([alert], {
      ...context({ DEPLOY_TOKEN: 'a', SEARCH_TOKEN: 'b', MAIL_KEY: 'c' }),
      environment,
      manifest: { alerts: [alert, alertOf('slack')], environments: [environment] } as unknown as ChannelContext['manifest'],
      execute: async (_, { env }) => {
        seen.push(env);
        return { outcome: 'succeeded', exitCode: 0, durationMs: 1 };
      },
    }, { clock, giveUpAt: clock.now() + SENDING_MS });
    await channel.send(NOTICE);
    expect(seen[0].MAIL_KEY).toBe('c');
    expect(Object.keys(seen[0])).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(DEPLOY_TOKEN|SEARCH_TOKEN|ADDRESS)$/)]));
  });
});

describe('several channels', () => {
  it('one that is dead delays no other, and each is notified in order', async () => {
    const dead = await Receiver.start();
    dead.behave(reset);
    const channels = openChannels(
      [alertOf('slack', 'DEAD'), alertOf('webhook', 'ADDRESS')],
      context({ DEAD: dead.address }),
      { clock, giveUpAt: clock.now() + SENDING_MS },
    );
    const second = { ...NOTICE, id: `${NOTICE.id}/2` };
    const sent = await sendAll(channels.map((channel) => ({ channel, notifications: [NOTICE, second] })));
    await dead.stop();

    expect(sent.map(({ channel, fault }) => [channel.name, fault === undefined])).toEqual([['slack DEAD', false], ['slack DEAD', false], ['webhook ADDRESS', true], ['webhook ADDRESS', true]]);
    expect(receiver.bodies.map(({ id }) => id)).toEqual([NOTICE.id, second.id]);
  });

  it('an environment that is not named is not notified', () => {
    const alerts = [{ ...alertOf('slack'), environments: ['staging'] }, { ...alertOf('webhook'), environments: ['production'] }];
    const all = { ...context({}), run: { inCi: true } as RuntimeContext['run'] };
    expect(alertsOf({ ...all, manifest: { ...all.manifest, alerts } }).map(({ name }) => name)).toEqual(['webhook ADDRESS']);
  });

  it('only a run on GitHub opens an issue; a laptop does not warn about that each time', () => {
    const alerts: AlertManifest[] = [alertOf('webhook'), { kind: 'githubIssue', name: 'GitHub issue', on: [], secrets: [], labels: [], assignees: [] }];
    const [inCi, laptop] = [true, false].map((isCi) => ({ ...context({}), run: { inCi: isCi } as RuntimeContext['run'] }));
    const names = (all: typeof inCi) => alertsOf({ ...all, manifest: { ...all.manifest, alerts } }).map(({ name }) => name);
    expect([names(inCi), names(laptop)]).toEqual([['webhook ADDRESS', 'GitHub issue'], ['webhook ADDRESS']]);
  });
});

/** The faults of telling one channel. */
async function send(format: Format, notification: Notification = NOTICE, env: NodeJS.ProcessEnv = {}, patienceMs = SENDING_MS): Promise<string[]> {
  return faults(await sendAlert(alertOf(format), notification, env, patienceMs));
}

function sendAlert(
  alert: AlertManifest, notification: Notification = NOTICE, env: NodeJS.ProcessEnv = {}, patienceMs = SENDING_MS,
): Promise<SentNotification[]> {
  const channels = openChannels([alert], context(env), { clock, giveUpAt: clock.now() + patienceMs });
  return sendAll(channels.map((channel) => ({ channel, notifications: [notification] })));
}

function alertOf(kind: Format, address = 'ADDRESS'): AlertManifest {
  const common = { name: `${kind} ${address}`, on: [], secrets: [address] };
  if (kind === 'webhook') return { ...common, kind, address, signingSecret: 'SIGNING', secrets: [address, 'SIGNING'] };
  if (kind === 'pagerduty') return { ...common, kind, url: receiver.address, routingKey: 'ROUTING_KEY', secrets: ['ROUTING_KEY'] };
  return { ...common, kind: 'chat', service: kind, address };
}

function context(env: NodeJS.ProcessEnv): ChannelContext {
  return {
    ci: {} as ChannelContext['ci'],
    manifest: { alerts: [] } as unknown as ChannelContext['manifest'],
    processEnv: { ADDRESS: receiver.address, SIGNING, ROUTING_KEY, ...env },
    environment: { name: 'production' } as ChannelContext['environment'],
    execute: () => Promise.reject(new Error('no command here')),
  };
}

function faults(sent: readonly SentNotification[]): string[] {
  return sent.map(({ fault }) => fault).filter((fault) => fault !== undefined);
}

/** Of the test's clock, after so many seconds. */
function seconds(after: number): number {
  return Date.parse('2026-11-24T12:00:00Z') / 1000 + after;
}

function unescaped(text: string): string {
  return text.replace(/\\\\([^"\\])/g, '$1').replace(/[\u200b\u2060]/g, '');
}

/** What must not be found in what is shown as markup there. */
function dangers(format: Format, text: string): string[] {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  const controls = [...text.matchAll(/\\u00[01][0-9a-f]|\\u007f|[\u202a-\u202e\u0000-\u001f]/gi)].map(([found]) => found);
  return [...controls, ...marked(format, JSON.parse(text) as Record<string, unknown>)];
}

function marked(format: Format, body: Record<string, unknown>): string[] {
  if (format === 'slack') {
    // the one place of formatting, and the two texts in which Slack looks for <...>
    const { blocks, text } = body as { text: string; blocks: { type: string; text?: { text: string }; elements?: { text: string }[] }[] };
    const plain = [text, ...blocks.map((block) => block.text?.text ?? '')].filter((one) => /[<>]/.test(one));
    const links = blocks.flatMap(({ elements = [] }) => elements.flatMap((element) => [...element.text.matchAll(/<[^>]*>/g)].map(([link]) => link)));
    return [...plain, ...links.filter((link) => !/^<https:\/\/(www\.example\.com|github\.com)\//.test(link))];
  }
  if (format === 'discord') {
    const [{ title, description }] = (body as { embeds: { title: string; description: string }[] }).embeds;
    // whatever stands behind a backslash is a letter like others
    return [title, description].flatMap((one) => [...one.replace(/\\[^0-9A-Za-z\s]/g, '').matchAll(/[*_~`|<>[\]]|@\w|:\/\/|:\w+:/g)].map(([found]) => found));
  }
  return [];
}
