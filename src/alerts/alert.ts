import { Project, Task } from 'projen';
import { AlertEventName, AlertManifest, CommandManifest } from '../contract/manifest';
import { checkEnvironmentNames, environmentList } from '../delivery/environment-names';
import { taskCommand } from '../targets/target';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { isLoopback, webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets, unseenSecret } from '../validation/variable-names';

/**
 * What people are told of.
 */
export enum AlertEvent {
  /** A release was verified and is Stable; also one that was adopted. It ends what the others began. */
  DEPLOYED = 'deployed',
  /** A bad release was taken back, by itself or by hand. */
  ROLLED_BACK = 'rolledBack',
  /** Nobody could verify what users see: automation has stopped, and a person must look. */
  HALTED = 'halted',
  /** The watch found that a health check fails, or what is wrong with a deployment; and again after `monitoring.remindEvery`. */
  FIRING = 'firing',
  /** What fired is well again, or is not watched any more. */
  RESOLVED = 'resolved',
}

/**
 * What a channel is told.
 */
export interface AlertOptions {
  /**
   * Of what. `FIRING` and `RESOLVED` alone are an error where no schedule watches: nobody would ever be told.
   *
   * @default - of everything
   */
  readonly on?: AlertEvent[];

  /**
   * Of which environments, by their names.
   *
   * @default - of all of them
   */
  readonly environments?: string[];
}

const ALERT_OPTIONS: OptionNames<AlertOptions> = { on: true, environments: true };

/**
 * How your own receiver is told.
 */
export interface WebhookAlertOptions extends AlertOptions {
  /**
   * The name of a secret with which each request is signed, as Standard Webhooks says: HMAC-SHA256 over id, time and body, in the header
   * `webhook-signature`. Its value is taken as it is, or after `whsec_` as Base64.
   *
   * @see https://www.standardwebhooks.com
   * @default - not signed
   */
  readonly signingSecret?: string;
}

const WEBHOOK_OPTIONS: OptionNames<WebhookAlertOptions> = { ...ALERT_OPTIONS, signingSecret: true };

/**
 * How PagerDuty is told.
 */
export interface PagerdutyAlertOptions extends AlertOptions {
  /**
   * Where events go. Accounts in the EU: `https://events.eu.pagerduty.com/v2/enqueue`.
   *
   * @default 'https://events.pagerduty.com/v2/enqueue'
   */
  readonly url?: string;
}

const PAGERDUTY_OPTIONS: OptionNames<PagerdutyAlertOptions> = { ...ALERT_OPTIONS, url: true };

/**
 * How issues of the repository are written.
 */
export interface GithubIssueAlertOptions extends AlertOptions {
  /**
   * Labels of the issue, beside `delivery-alert`, by which it is found again.
   *
   * @default - none
   */
  readonly labels?: string[];

  /**
   * Logins of those it is assigned to. They must have access to the repository.
   *
   * @default - nobody
   */
  readonly assignees?: string[];
}

const GITHUB_ISSUE_OPTIONS: OptionNames<GithubIssueAlertOptions> = { ...ALERT_OPTIONS, labels: true, assignees: true };

/**
 * What of your own is run. Give a task or a line.
 */
export interface CommandAlertOptions extends AlertOptions {
  /**
   * A task of the project, or its name.
   *
   * @default - none: see `line`
   */
  readonly task?: string | Task;

  /**
   * A shell line, run by `bash -eo pipefail`; nothing is pasted into it.
   *
   * @default - none: see `task`
   */
  readonly line?: string;

  /**
   * Names of secrets that it finds in its environment. It sees no other channel's, and none of the environment's.
   *
   * @default - none
   */
  readonly secrets?: string[];
}

const COMMAND_OPTIONS: OptionNames<CommandAlertOptions> = { ...ALERT_OPTIONS, task: true, line: true, secrets: true };

/**
 * Somebody who is told what becomes of deployments, and what the watch finds. Each is told once; after a crash of the job at the wrong moment it may be told again,
 * with the same id. A channel that does not answer is tried again for at most 20 seconds, then the job's summary says so: it changes
 * no verdict and no exit code.
 *
 * Where a channel has an address or a key, it is a secret, and its *name* is given. Make it a secret of the **repository** or the
 * organization: jobs without a GitHub environment tell, too (`confirm`, unless `monitorEnvironment` is given).
 *
 * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets
 */
export class Alert {
  /**
   * A receiver of your own: JSON by POST.
   *
   * @param secret the name of the secret that holds its https address
   * @param options how
   */
  public static webhook(secret: string, options: WebhookAlertOptions = {}): Alert {
    const { signingSecret } = optionsOf('Alert.webhook', options, WEBHOOK_OPTIONS, '{ signingSecret: \'WEBHOOK_KEY\' }');
    addressSecret('Alert.webhook secret', secret, 'WEBHOOK_URL');
    if (signingSecret !== undefined) checkSigningSecret('Alert.webhook signingSecret', signingSecret);
    return new Alert('Alert.webhook', { name: `webhook (${secret})`, secrets: [secret, ...(signingSecret === undefined ? [] : [signingSecret])] }, options,
      { kind: 'webhook', address: secret, signingSecret });
  }

  /**
   * A channel of Slack, by an incoming webhook.
   *
   * @param secret the name of the secret that holds the webhook's address
   * @param options what it is told
   * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
   */
  public static slack(secret: string, options: AlertOptions = {}): Alert {
    return Alert.chat('slack', 'Slack', secret, options);
  }

  /**
   * A channel of Microsoft Teams, by a workflow that begins with "When a Teams webhook request is received". The connectors of Office 365
   * are retired.
   *
   * @param secret the name of the secret that holds the workflow's address
   * @param options what it is told
   * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
   */
  public static teams(secret: string, options: AlertOptions = {}): Alert {
    return Alert.chat('teams', 'Teams', secret, options);
  }

  /**
   * A channel of Discord, by a webhook. Nobody is mentioned.
   *
   * @param secret the name of the secret that holds the webhook's address
   * @param options what it is told
   * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
   */
  public static discord(secret: string, options: AlertOptions = {}): Alert {
    return Alert.chat('discord', 'Discord', secret, options);
  }

  /**
   * A service of PagerDuty, by its Events API v2: what went wrong triggers an incident, one for each environment, and the next release
   * that is verified there resolves it.
   *
   * @param secret the name of the secret that holds the integration's routing key
   * @param options what it is told
   * @see https://developer.pagerduty.com/docs/events-api-v2/overview/
   */
  public static pagerduty(secret: string, options: PagerdutyAlertOptions = {}): Alert {
    const { url = 'https://events.pagerduty.com/v2/enqueue' } = optionsOf('Alert.pagerduty', options, PAGERDUTY_OPTIONS, OPTIONS);
    // the value is not shown: it may be the key itself
    if (typeof secret === 'string' && /^(?=.*\d)(?=.*[a-z])[a-z0-9]{32}$/i.test(secret)) {
      invalid('Alert.pagerduty secret', 'it looks like the routing key itself, which everyone who reads the repository would see',
        'Store it as a secret of the repository and name that: Alert.pagerduty(\'PAGERDUTY_KEY\')');
    }
    addressSecret('Alert.pagerduty secret', secret, 'PAGERDUTY_KEY');
    const address = webAddress('Alert.pagerduty url', url, true, { credentials: 'Take them out: the routing key is all that PagerDuty asks for' });
    if (address.protocol !== 'https:' && !isLoopback(address)) invalid('Alert.pagerduty url', `${show(url)} is plain http, so anybody on the way could read the key`, 'Write https://...');
    return new Alert('Alert.pagerduty', { name: `PagerDuty (${secret})`, secrets: [secret] }, options, { kind: 'pagerduty', routingKey: secret, url });
  }

  /**
   * An issue of the repository: opened when something goes wrong, commented on when it does again, closed when the next release is
   * verified. The jobs that tell get `issues: write` for it.
   *
   * @param options how it is written
   */
  public static githubIssue(options: GithubIssueAlertOptions = {}): Alert {
    const { labels = [], assignees = [] } = optionsOf('Alert.githubIssue', options, GITHUB_ISSUE_OPTIONS, '{ labels: [\'incident\'] }');
    for (const label of listOf('Alert.githubIssue labels', labels, '\'incident\'')) {
      if (typeof label !== 'string' || label.trim() === '' || label.length > 50 || label.includes(',')) {
        invalid('Alert.githubIssue labels', `${show(label)} is not a label`, 'Give 1 to 50 characters without a comma');
      }
    }
    for (const login of listOf('Alert.githubIssue assignees', assignees, '\'octocat\'')) {
      if (typeof login !== 'string' || !/^[a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38}$/i.test(login)) {
        invalid('Alert.githubIssue assignees', `${show(login)} is not a login`, 'Name people as GitHub does, without @');
      }
    }
    return new Alert('Alert.githubIssue', { name: 'GitHub issue', secrets: [] }, options, { kind: 'githubIssue', labels, assignees });
  }

  /**
   * A task or a shell line of your own, within the 20 seconds. It finds in its environment: DELIVERY_EVENT, DELIVERY_TITLE,
   * DELIVERY_TEXT, DEPLOY_ENV, DELIVERY_VERSION, DELIVERY_SHA, DELIVERY_URL, DELIVERY_RUN_URL, all of it as JSON in DELIVERY_NOTIFICATION, and
   * the environment's variables. What it is told holds text from outside: never evaluate it. The jobs that tell and have no checkout of
   * the project get one, and the set-up steps, after their verdict.
   *
   * @param options what is run
   */
  public static command(options: CommandAlertOptions): Alert {
    const { task, line, secrets = [] } = optionsOf('Alert.command', options, COMMAND_OPTIONS, '{ task: \'notify\' }');
    if ((task === undefined) === (line === undefined)) {
      invalid('Alert.command', task === undefined ? 'it has neither a task nor a line' : 'it has a task and a line', 'Give one of them: Alert.command({ task: \'notify\' })');
    }
    if (task !== undefined && typeof task !== 'string' && typeof task?.name !== 'string') invalid('Alert.command task', `${show(task)} is not a task`, 'Write { task: \'notify\' }');
    if (line !== undefined && (typeof line !== 'string' || line.trim() === '')) invalid('Alert.command line', `${show(line)} is not a shell line`, 'Write what bash should run');
    if (line?.includes('${{')) invalid('Alert.command line', `${show(line)} contains an expression, which is never evaluated`, 'Name a secret in secrets and write "$NAME"');
    checkSecrets('Alert.command secrets', secrets);
    const name = `command (${typeof task === 'string' ? task : task?.name ?? line!.trim().replace(/\s+/g, ' ').slice(0, 60)})`;
    return new Alert('Alert.command', { name, secrets }, options, (project) => ({ kind: 'command', command: commandOf(project, task, line) }));
  }

  private static chat(kind: 'slack' | 'teams' | 'discord', title: string, secret: string, options: AlertOptions): Alert {
    addressSecret(`Alert.${kind} secret`, secret, `${kind.toUpperCase()}_WEBHOOK`);
    optionsOf(`Alert.${kind}`, options, ALERT_OPTIONS, OPTIONS);
    return new Alert(`Alert.${kind}`, { name: `${title} (${secret})`, secrets: [secret] }, options, { kind, address: secret });
  }

  private readonly on: AlertEventName[];
  /** Undefined for all. */
  private readonly environments?: string[];

  private constructor(
    private readonly factory: string,
    private readonly common: Pick<AlertManifest, 'name' | 'secrets'>,
    options: AlertOptions,
    private readonly rest: AlertRest | ((project: Project) => AlertRest),
  ) {
    const known = Object.values(AlertEvent);
    this.on = [...new Set(listOf(`${factory} on`, options.on ?? known, 'AlertEvent.HALTED'))];
    for (const event of this.on) {
      if (!(known as string[]).includes(event)) invalid(`${factory} on`, `${show(event)} is no event`, `There is: ${Object.keys(AlertEvent).map((name) => `AlertEvent.${name}`).join(', ')}`);
    }
    if (this.on.length === 0) invalid(`${factory} on`, 'it names no event, so nobody would ever be told', 'Name one, or leave it out');
    this.environments = environmentList(`${factory} environments`, options.environments, 'nobody would ever be told');
  }

  /** @internal */
  public get _name(): string {
    return this.common.name;
  }

  /** @internal */
  public get _secrets(): string[] {
    return this.common.secrets;
  }

  /**
   * Whether it writes issues.
   *
   * @internal
   */
  public get _writesIssues(): boolean {
    return typeof this.rest !== 'function' && this.rest.kind === 'githubIssue';
  }

  /**
   * Whether it needs what the project's commands need.
   *
   * @internal
   */
  public get _runsCommand(): boolean {
    return typeof this.rest === 'function';
  }

  /**
   * Whether both tell the same people the same of the same environment.
   *
   * @internal
   */
  public _isSameAs(other: Alert): boolean {
    return this._isBeside(other) && this.on.some((event) => other.on.includes(event));
  }

  /**
   * Whether both tell the same people of the same environment.
   *
   * @internal
   */
  public _isBeside(other: Alert): boolean {
    const [ours, theirs] = [this.environments, other.environments];
    return this._name === other._name && (!ours || !theirs || ours.some((name) => theirs.includes(name)));
  }

  /** @internal */
  public _hears(environment: string): boolean {
    return this.environments?.includes(environment) ?? true;
  }

  /**
   * Late, because environments and tasks may be added after the delivery.
   *
   * @param watched names of those that are watched on a schedule
   * @param howToWatch what would make a schedule watch these
   * @internal
   */
  public _check(environments: string[], watched: string[], howToWatch: (names: string[]) => string): void {
    checkEnvironmentNames(`${this.factory} environments`, this.environments, environments);
    const isOfWatch = this.on.every((event) => event === AlertEvent.FIRING || event === AlertEvent.RESOLVED);
    if (!isOfWatch || watched.some((name) => this._hears(name))) return;
    const heard = this.environments ?? environments;
    invalid(`${this.factory} on`, `it names only FIRING or RESOLVED, and no schedule watches ${heard.join(', ')}, so nobody would ever be told`,
      `${howToWatch(heard)}, or name other events`);
  }

  /**
   * What this channel begins and nothing ends, where it keeps an incident or an issue.
   *
   * @param watched names of those that are watched on a schedule
   * @param all of the delivery: another one may end it for the same people
   * @internal
   */
  public _warnings(watched: string[], all: Alert[]): string[] {
    if (typeof this.rest === 'function' || !['pagerduty', 'githubIssue'].includes(this.rest.kind)) return [];
    const isWatched = watched.some((name) => this._hears(name));
    const ended = all.filter((other) => other._name === this._name && other.covers(this)).flatMap(({ on }) => on);
    return ENDS.filter(({ end }) => !ended.includes(end) && (isWatched || end !== AlertEvent.RESOLVED)).flatMap(({ begins, end }) => {
      const heard = begins.filter((event) => this.on.includes(event)).map(eventName);
      return heard.length === 0 ? [] : `${this._name} hears of ${heard.join(' and ')} and not of ${eventName(end)}, so what it opens stays open. Name ${eventName(end)} in ${this.factory} on`;
    });
  }

  /** @internal */
  public _manifest(project: Project, name = this._name): AlertManifest {
    const { common, on, environments, rest } = this;
    return { name, ...(typeof rest === 'function' ? rest(project) : rest), on, environments, secrets: common.secrets };
  }

  private covers({ environments }: Alert): boolean {
    return this.environments === undefined || (environments?.every((name) => this.environments?.includes(name)) ?? false);
  }
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What each kind of channel has of its own. */
type AlertRest = Without<AlertManifest, 'name' | 'on' | 'environments' | 'secrets'>;

/** What ends what others begin. */
const ENDS = [
  { begins: [AlertEvent.ROLLED_BACK, AlertEvent.HALTED], end: AlertEvent.DEPLOYED },
  { begins: [AlertEvent.FIRING], end: AlertEvent.RESOLVED },
] as const;

/** As the user writes it. */
function eventName(event: AlertEventName): string {
  return `AlertEvent.${Object.entries(AlertEvent).find(([, value]) => value === event)![0]}`;
}

/** What is given to a delivery: each is an Alert, and none is listed twice. */
export function checkAlerts(alerts: Alert[]): void {
  for (const [i, alert] of listOf('Delivery alerts', alerts, 'Alert.slack(\'SLACK_WEBHOOK\')').entries()) {
    if (!(alert instanceof Alert)) invalid('Delivery alerts', `${show(alert)} is not an Alert`, 'Write Alert.slack(\'SLACK_WEBHOOK\'), for example');
    if (alerts.slice(0, i).some((other) => other._isSameAs(alert))) {
      invalid('Delivery alerts', `${show(alert._name)} is listed twice, so it would be told twice`, 'Name its events in one of them, or different environments in each');
    }
  }
}

/** In the manifest. The runtime knows a channel by its name: of two that tell the same people different things each needs its own. */
export function alertManifests(alerts: Alert[], project: Project): AlertManifest[] {
  return alerts.map((alert, i) => {
    const before = alerts.slice(0, i).filter((other) => other._isBeside(alert)).length;
    return alert._manifest(project, before === 0 ? undefined : `${alert._name} #${before + 1}`);
  });
}

/** For messages. */
const OPTIONS = '{ on: [AlertEvent.HALTED] }';

/** The value is never shown: people who give the address instead of a name should not find it in a log. */
function addressSecret(option: string, name: string, example: string): void {
  const mend = `Store it as a secret of the repository and name that: ${option.split(' ')[0]}('${example}')`;
  if (typeof name === 'string' && /[/.]/.test(name)) invalid(option, 'it is an address, which everyone who reads the repository could use', mend);
  // of what is long, only what is in capitals may be meant as a name
  if (typeof name === 'string' && !/^([\w-]{0,40}|[A-Z0-9_]+)$/.test(name)) invalid(option, 'it looks like the secret itself, which everyone who reads the repository would see', mend);
  checkSecrets(option, [name]);
}

/** The value is never shown, for it may be the key. */
function checkSigningSecret(option: string, name: string): void {
  if (typeof name === 'string' && /^whsec_|[^\w-]/i.test(name)) {
    invalid(option, 'it looks like the key itself, which everyone who reads the repository would see', 'Store it as a secret of the repository and name that: signingSecret: \'WEBHOOK_KEY\'');
  }
  unseenSecret(option, 'it', name);
}

function commandOf(project: Project, task: string | Task | undefined, line: string | undefined): CommandManifest {
  return task === undefined ? { kind: 'bash', line: line! } : taskCommand('Alert.command task', project, task);
}
