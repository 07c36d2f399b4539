/** Which incidents are open after each way from one state of an environment to another, in every channel that keeps incidents. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Receiver } from './receiver';
import { AlertEventName, AlertManifest, EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { IssueAlert } from '../../../src/runtime/ci/ci-runtime';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { githubIssue } from '../../../src/runtime/ci/github/issue-channel';
import { fileLedger } from '../../../src/runtime/ci/open-ledger';
import type { RuntimeContext } from '../../../src/runtime/context';
import { FinalState, State } from '../../../src/runtime/deployment/state-machine';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { AttemptKind } from '../../../src/runtime/ledger/record';
import { ChannelContext, openChannels } from '../../../src/runtime/notifications/channels/open-channels';
import { PostTimeouts } from '../../../src/runtime/notifications/channels/posting';
import { dueNotifications } from '../../../src/runtime/notifications/due-notifications';
import { NotificationLog } from '../../../src/runtime/notifications/notification-log';
import { sendAll, SENDING_MS } from '../../../src/runtime/notifications/send';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { MemoryEventLog } from '../event-log/memory-event-log';
import { InstantClock } from '../ledger/instant-clock';
import { write } from '../ledger/records';

const PATHS: Record<FinalState, State[]> = {
  stable: ['deploying', 'verifying', 'baking', 'confirming', 'stable'],
  rolledBack: ['deploying', 'verifying', 'rollingBack', 'rolledBack'],
  halted: ['deploying', 'verifying', 'halted'],
  failed: ['failed'],
  superseded: ['superseded'],
};
const BEFORE = ['nothing', 'stable', 'rolledBack', 'halted'] as const;
/** What a command of each kind may come to. */
const AFTER: Record<AttemptKind, readonly FinalState[]> = {
  deploy: ['stable', 'rolledBack', 'halted', 'failed', 'superseded'],
  rollback: ['stable', 'halted', 'superseded'],
  adopt: ['stable', 'failed', 'superseded'],
  drill: ['rolledBack', 'halted', 'failed', 'superseded'],
};
const KINDS = Object.keys(AFTER) as AttemptKind[];
const CASES = BEFORE.flatMap((before) => KINDS.flatMap((kind) => AFTER[kind].map((after) => ({ before, kind, after }))));

const ON: [string, AlertEventName[]][] = [['everything', ['deployed', 'rolledBack', 'halted']], ['halted and deployed', ['deployed', 'halted']]];

let receiver: Receiver;
let github: GithubStandIn;
let clock: InstantClock;
let folder: string;

beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver.stop());
beforeEach(async () => {
  receiver.forget();
  clock = new InstantClock();
  github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
  folder = mkdtempSync(join(tmpdir(), 'incidents-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await github.stop();
  expect(github.violations).toEqual([]);
});

describe.each(ON)('a channel that is notified of %s', (_, on) => {
  it.each(CASES)('after $before, a $kind that ends $after: a rollback by hand out of halted closes the incident, and opens none', async ({ before, kind, after }) => {
    const ledger = fileLedger({ path: `${folder}/ledger.json`, clock });
    const handles = (event: AlertEventName) => on.includes(event);
    if (before !== 'nothing') {
      await write(ledger, {}, ...PATHS[before]);
      await notify(ledger, on);
    }
    const isOpenBefore = before === 'halted' || (before === 'rolledBack' && handles('rolledBack'));
    expect(openIncidents()).toEqual(isOpenBefore ? ['PagerDuty', 'GitHub'] : []);

    await write(ledger, { kind, run: { id: 2, attempt: 1 } }, ...PATHS[after]);
    await notify(ledger, on);

    const opens = after === 'halted' || (after === 'rolledBack' && kind !== 'drill' && handles('rolledBack'));
    const isOpen = opens || (isOpenBefore && after !== 'stable');
    expect(openIncidents()).toEqual(isOpen ? ['PagerDuty', 'GitHub'] : []);
  });
});

/** By what PagerDuty does with the events that it got, and by the issues. */
function openIncidents(): string[] {
  const last = receiver.bodies.at(-1);
  const issues = github.issues.filter(({ state }) => state === 'open');
  return [...(last?.event_action === 'trigger' ? ['PagerDuty'] : []), ...(issues.length > 0 ? ['GitHub'] : [])];
}

async function notify(ledger: Ledger, on: AlertEventName[]): Promise<void> {
  const api = new GithubApi({ url: github.url, token: github.token({ issues: 'write' }), repository: 'acme/shop', clock });
  const environment = { name: 'staging', url: 'https://staging.example.com', target: {} } as EnvironmentManifest;
  const context = {
    ci: { repository: 'acme/shop', issues: (alert: IssueAlert, timeouts: PostTimeouts) => githubIssue({ ...alert, api }, timeouts) },
    clock,
    environment,
    ledger,
    manifest: { environments: [environment] } as Partial<Manifest> as Manifest,
    processEnv: { KEY: '0123456789abcdef0123456789abcdef' },
    // only what was ended last is news
    run: { inCi: false, id: 1, attempt: 1, processId: '1.1.sender' },
  } as unknown as RuntimeContext;
  const alerts: AlertManifest[] = [
    { name: 'PagerDuty', kind: 'pagerduty', url: receiver.address, routingKey: 'KEY', on, secrets: ['KEY'] },
    { name: 'GitHub', kind: 'githubIssue', labels: [], assignees: [], on, secrets: [] },
  ];
  const notificationLog = new NotificationLog(new MemoryEventLog());
  jest.spyOn(notificationLog, 'of').mockResolvedValue([]);
  const due = await dueNotifications(context, notificationLog, alerts);
  const channels = openChannels(alerts, context as ChannelContext, { clock, giveUpAt: clock.now() + SENDING_MS });
  const sent = await sendAll(channels.map((channel) => ({
    channel, notifications: due.filter(({ audience }) => audience.some(({ name }) => name === channel.name)).map(({ notification }) => notification),
  })));
  expect(sent.map(({ fault }) => fault).filter((fault) => fault !== undefined)).toEqual([]);
}
