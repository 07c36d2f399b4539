/** Every field of a notification, far too long, in every channel: each takes it, no address is cut, and no character is cut in two. */
import { Format, violations } from './formats';
import { EnvironmentManifest } from '../../../../src/contract/manifest';
import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { githubIssue } from '../../../../src/runtime/ci/github/issue-channel';
import { commandChannel } from '../../../../src/runtime/notifications/channels/command';
import { discordMessage } from '../../../../src/runtime/notifications/channels/discord';
import { pagerdutyEvent } from '../../../../src/runtime/notifications/channels/pagerduty';
import { slackMessage } from '../../../../src/runtime/notifications/channels/slack';
import { teamsMessage } from '../../../../src/runtime/notifications/channels/teams';
import { webhookBody } from '../../../../src/runtime/notifications/channels/webhook';
import { Notification } from '../../../../src/runtime/notifications/notification';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';

const NOTICE: Notification = {
  id: 'acme/shop:production/health/17',
  key: 'acme/shop:production/health',
  event: 'firing',
  environment: 'production',
  check: 'health',
  title: 'acme/shop: production: health is unhealthy',
  text: 'health: 500.',
  release: { version: 'v2', sha: 'b'.repeat(40) },
  url: 'https://www.example.com',
  runUrl: 'https://github.com/acme/shop/actions/runs/7',
  at: '2026-11-24T12:00:00Z',
  since: '2026-11-24T11:00:00Z',
};

const MESSAGES: Record<Format, (notification: Notification) => unknown> = {
  webhook: webhookBody, slack: slackMessage, teams: teamsMessage, discord: discordMessage, pagerduty: (notification) => pagerdutyEvent(notification, 'a'.repeat(32)),
};
const FORMATS = Object.keys(MESSAGES) as Format[];

const LONG = ['x', '&', '*', '@', '"', '€', '🔥', 'x\n', '<'].map((piece) => piece.repeat(30_000));
const ADDRESSES = [
  `https://www.example.com/${'a'.repeat(3_000)}`,
  `https://www.example.com/page?${'a=1&'.repeat(750)}`,
  `https://www.example.com/page#${'é'.repeat(3_000)}`,
  `https://www.example.com/${'"(<'.repeat(1_000)}`,
  `https://${'very-long.'.repeat(24)}example.com/${'a/'.repeat(20_000)}`,
];
const version = (text: string) => ({ version: text, sha: 'b'.repeat(40) });

/** What a field holds at its worst. Names and keys have limits of their own at synthesis, to which a webhook keeps. */
const WORST: Record<string, (format: Format | 'githubIssue' | 'command') => Partial<Notification>[]> = {
  title: () => LONG.map((title) => ({ title })),
  text: () => LONG.map((text) => ({ text })),
  url: () => ADDRESSES.map((url) => ({ url })),
  runUrl: () => ADDRESSES.map((runUrl) => ({ runUrl })),
  environment: (format) => (format === 'webhook' ? [{ environment: 'e'.repeat(64) }] : LONG.map((environment) => ({ environment }))),
  check: (format) => (format === 'webhook' ? [{ check: '€'.repeat(100) }] : LONG.map((check) => ({ check }))),
  release: (format) => (format === 'webhook' ? [{ release: version('v'.repeat(128)) }] : LONG.map((text) => ({ release: version(text) }))),
  key: (format) => (format === 'webhook' ? [] : LONG.map((key) => ({ key: key.slice(0, 5_000) }))),
};
/** All of it at once, in one alphabet after the other. */
WORST.everything = (format) => LONG.map((_, i) => Object.assign({}, ...Object.entries(WORST).filter(([name]) => name !== 'everything').map(([, of]) => (
  of(format)[i % Math.max(1, of(format).length)]
))) as Partial<Notification>);

const CELLS = FORMATS.flatMap((format) => Object.keys(WORST).map((field) => [format, field] as const));

it.each(CELLS)('%s takes the longest %s', (format, field) => {
  for (const worst of WORST[field](format)) {
    const text = JSON.stringify(MESSAGES[format]({ ...NOTICE, ...worst }));
    expect(violations(format, { url: '/', headers: { 'content-type': 'application/json' }, text })).toEqual([]);
    // eslint-disable-next-line no-control-regex -- a lone half of a character, as JSON writes it
    expect(text).not.toMatch(/\\ud[89a-f]/i);
  }
});

it.each(FORMATS)('%s leads to the page without its query, or to the site, where the whole address is too long', (format) => {
  const message = (url: string) => JSON.stringify(MESSAGES[format]({ ...NOTICE, url }));
  const long = 'a=1&'.repeat(format === 'webhook' ? 5_000 : 750);
  expect(message(`https://www.example.com/page?${long}`)).toMatch(/https:\/\/www\.example\.com\/page["|]/);
  expect(message(`https://www.example.com/${long}`)).toMatch(/https:\/\/www\.example\.com\/["|]/);
  expect(message('https://www.example.com/page?a=1#b')).toContain('https://www.example.com/page?a=1#b');
});

it.each(Object.keys(WORST))('an issue takes the longest %s', async (field) => {
  const clock = new InstantClock();
  const github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
  const api = new GithubApi({ url: github.url, token: github.token({ issues: 'write' }), repository: 'acme/shop', clock });
  const channel = githubIssue({ name: 'issue', labels: [], assignees: [], api }, { clock, giveUpAt: clock.now() + 20_000 });
  const cases = WORST[field]('githubIssue').filter((_, i) => [3, 6].includes(i) || field.endsWith('rl'));
  for (const [i, worst] of cases.entries()) {
    const notification = { ...NOTICE, key: String(i), ...worst };
    await channel.send(notification);
    // the second time as a comment
    await channel.send({ ...notification, id: `again ${i}` });
  }
  const { issues, violations: faults } = github;
  await github.stop();
  expect(faults).toEqual([]);
  expect(issues).toHaveLength(cases.length);
  for (const { body } of issues) expect([...body.matchAll(/\(<([^>]*)>\)/g)].every(([, address]) => address.length <= 2048 && !address.includes('…'))).toBe(true);
});

it.each(Object.keys(WORST))('a command takes the longest %s', async (field) => {
  for (const worst of WORST[field]('command')) {
    let env: NodeJS.ProcessEnv = {};
    const environment = { name: 'production', url: '', variables: {}, secrets: [], healthChecks: [] } as unknown as EnvironmentManifest;
    const channel = commandChannel({ name: 'command', command: { kind: 'bash', line: 'true' }, secrets: [], hidden: [] }, {
      environment,
      processEnv: {},
      execute: async (_, options) => {
        env = options.env ?? {};
        return { outcome: 'succeeded', exitCode: 0, durationMs: 1 };
      },
    }, { clock: new InstantClock(), giveUpAt: Number.MAX_SAFE_INTEGER });
    await channel.send({ ...NOTICE, ...worst });
    // Linux: 128 KiB for each, and a quarter of the stack, 2 MiB, for all
    const sizes = Object.entries(env).map(([name, value]) => Buffer.byteLength(`${name}=${value}`) + 1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(128 * 1024);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1024 * 1024);
    expect(JSON.parse(env.DELIVERY_NOTIFICATION!)).toMatchObject({ event: 'firing' });
  }
});
