import { Project } from 'projen';
import { AlertEvent, AlertOptions, Channel, chat } from './channel';
import { command, CommandAlertOptions } from './command';
import { githubIssue, GithubIssueAlertOptions } from './github-issue';
import { pagerduty, PagerdutyAlertOptions } from './pagerduty';
import { webhook, WebhookAlertOptions } from './webhook';
import { AlertEventName, AlertManifest } from '../contract/manifest';
import { checkEnvironmentNames, environmentList } from '../delivery/environment-names';
import { listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

export type { CommandAlertOptions } from './command';
export type { GithubIssueAlertOptions } from './github-issue';
export type { PagerdutyAlertOptions } from './pagerduty';
export type { WebhookAlertOptions } from './webhook';

/**
 * A channel that is notified of deployments and of the findings of the watch. Each event is sent once; if the job is terminated at that
 * moment, it may be sent again with the same id. If a channel does not respond, the notification is retried for at most 20 seconds; then
 * the job's summary reports the failure. It never changes a verdict or an exit code.
 *
 * The address or key of a channel is a secret, and you set its *name*. Store it as a secret of the **repository** or organization,
 * because jobs without a GitHub environment send notifications too (`confirm`, unless `monitorEnvironment` is set).
 *
 * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets
 */
export class Alert {
  /**
   * Notifies your own receiver: JSON in a POST request.
   *
   * @param secret the name of the secret that holds the https URL
   * @param options events, environments and signature
   */
  public static webhook(secret: string, options: WebhookAlertOptions = {}): Alert {
    return new Alert('Alert.webhook', webhook(secret, options), options);
  }

  /**
   * Notifies a Slack channel through an incoming webhook.
   *
   * @param secret the name of the secret that holds the URL of the webhook
   * @param options events and environments
   * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
   */
  public static slack(secret: string, options: AlertOptions = {}): Alert {
    return new Alert('Alert.slack', chat('slack', 'Slack', secret, options), options);
  }

  /**
   * Notifies a Microsoft Teams channel through a workflow that starts with "When a Teams webhook request is received". Office 365
   * connectors are retired and not supported.
   *
   * @param secret the name of the secret that holds the URL of the workflow
   * @param options events and environments
   * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
   */
  public static teams(secret: string, options: AlertOptions = {}): Alert {
    return new Alert('Alert.teams', chat('teams', 'Teams', secret, options), options);
  }

  /**
   * Notifies a Discord channel through a webhook. Mentions are disabled.
   *
   * @param secret the name of the secret that holds the URL of the webhook
   * @param options events and environments
   * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
   */
  public static discord(secret: string, options: AlertOptions = {}): Alert {
    return new Alert('Alert.discord', chat('discord', 'Discord', secret, options), options);
  }

  /**
   * Notifies a PagerDuty service through its Events API v2. A failure triggers one incident per environment, and the next verified
   * release resolves it.
   *
   * @param secret the name of the secret that holds the integration's routing key
   * @param options events, environments and API URL
   * @see https://developer.pagerduty.com/docs/events-api-v2/overview/
   */
  public static pagerduty(secret: string, options: PagerdutyAlertOptions = {}): Alert {
    return new Alert('Alert.pagerduty', pagerduty(secret, options), options);
  }

  /**
   * Notifies through an issue of the repository. A failure opens the issue, further failures add comments, and the next verified release
   * closes it. The jobs that send notifications get `issues: write`.
   *
   * @param options events, environments, labels and assignees
   */
  public static githubIssue(options: GithubIssueAlertOptions = {}): Alert {
    return new Alert('Alert.githubIssue', githubIssue(options), options);
  }

  /**
   * Notifies by running a task or a shell line, within the same 20 seconds. The command finds these variables in its environment:
   * DELIVERY_EVENT, DELIVERY_TITLE, DELIVERY_TEXT, DEPLOY_ENV, DELIVERY_VERSION, DELIVERY_SHA, DELIVERY_URL, DELIVERY_RUN_URL, all of
   * them as JSON in DELIVERY_NOTIFICATION, and the environment's variables. They contain text from outside: never evaluate it. Jobs that
   * send notifications without a checkout of the project check it out and run the set-up steps, after their verdict.
   *
   * @param options the command, events and environments
   */
  public static command(options: CommandAlertOptions): Alert {
    return new Alert('Alert.command', command(options), options);
  }

  /**
   * Checks that each item is an Alert and that none is listed twice.
   *
   * @internal
   */
  public static _checkList(alerts: Alert[]): void {
    for (const [i, alert] of listOf('Delivery alerts', alerts, 'Alert.slack(\'SLACK_WEBHOOK\')').entries()) {
      if (!(alert instanceof Alert)) invalid('Delivery alerts', `${show(alert)} is not an Alert`, 'Write Alert.slack(\'SLACK_WEBHOOK\'), for example');
      if (alerts.slice(0, i).some((other) => other._isSameAs(alert))) {
        invalid('Delivery alerts', `${show(alert._name)} is listed twice, so each notification would be sent twice`, 'List the events in one of them, or set different environments on each');
      }
    }
  }

  /**
   * Returns the manifests. The runtime identifies a channel by its name, so two alerts on the same channel get distinct names.
   *
   * @internal
   */
  public static _manifests(alerts: Alert[], project: Project): AlertManifest[] {
    return alerts.map((alert, i) => {
      const before = alerts.slice(0, i).filter((other) => other._isBeside(alert)).length;
      return alert._manifest(project, before === 0 ? undefined : `${alert._name} #${before + 1}`);
    });
  }

  private readonly on: AlertEventName[];
  /** Undefined for all. */
  private readonly environments?: string[];

  private constructor(
    private readonly factory: string,
    private readonly channel: Channel,
    options: AlertOptions,
  ) {
    const known = Object.values(AlertEvent);
    this.on = [...new Set(listOf(`${factory} on`, options.on ?? known, 'AlertEvent.HALTED'))];
    for (const event of this.on) {
      if (!(known as string[]).includes(event)) invalid(`${factory} on`, `${show(event)} is not an AlertEvent`, `Use one of ${Object.keys(AlertEvent).map((name) => `AlertEvent.${name}`).join(', ')}`);
    }
    if (this.on.length === 0) invalid(`${factory} on`, 'it is empty, so no notification would be sent', 'Add an event, or remove the option');
    this.environments = environmentList(`${factory} environments`, options.environments, 'no notification would be sent');
  }

  /** @internal */
  public get _name(): string {
    return this.channel.name;
  }

  /** @internal */
  public get _secrets(): string[] {
    return this.channel.secrets;
  }

  /** @internal Whether it writes issues. */
  public get _writesIssues(): boolean {
    return typeof this.channel.settings !== 'function' && this.channel.settings.kind === 'githubIssue';
  }

  /** @internal Whether it needs what the project's commands need. */
  public get _runsCommand(): boolean {
    return typeof this.channel.settings === 'function';
  }

  /** @internal Whether both send the same event of the same environment to the same channel. */
  public _isSameAs(other: Alert): boolean {
    return this._isBeside(other) && this.on.some((event) => other.on.includes(event));
  }

  /** @internal Whether both send events of the same environment to the same channel. */
  public _isBeside(other: Alert): boolean {
    const [ours, theirs] = [this.environments, other.environments];
    return this._name === other._name && (!ours || !theirs || ours.some((name) => theirs.includes(name)));
  }

  /** @internal */
  public _notifies(environment: string): boolean {
    return this.environments?.includes(environment) ?? true;
  }

  /**
   * Called late, because environments and tasks may be added after the delivery.
   *
   * @param watched names of those that are watched on a schedule
   * @param howToWatch what would make a schedule watch these
   * @internal
   */
  public _check(environments: string[], watched: string[], howToWatch: (names: string[]) => string): void {
    checkEnvironmentNames(`${this.factory} environments`, this.environments, environments);
    const isOfWatch = this.on.every((event) => event === AlertEvent.FIRING || event === AlertEvent.RESOLVED);
    if (!isOfWatch || watched.some((name) => this._notifies(name))) return;
    const notified = this.environments ?? environments;
    invalid(`${this.factory} on`, `it names only FIRING or RESOLVED, and no schedule watches ${notified.join(', ')}, so no notification would be sent`,
      `${howToWatch(notified)}, or add other events`);
  }

  /**
   * Warns of incidents or issues that this channel opens and that no event closes.
   *
   * @param watched names of those that are watched on a schedule
   * @param all alerts of the delivery: another one may close them on the same channel
   * @internal
   */
  public _warnings(watched: string[], all: Alert[]): string[] {
    const { settings } = this.channel;
    if (typeof settings === 'function' || !['pagerduty', 'githubIssue'].includes(settings.kind)) return [];
    const isWatched = watched.some((name) => this._notifies(name));
    const ended = all.filter((other) => other._name === this._name && other.covers(this)).flatMap(({ on }) => on);
    return ENDS.filter(({ end }) => !ended.includes(end) && (isWatched || end !== AlertEvent.RESOLVED)).flatMap(({ begins, end }) => {
      const notified = begins.filter((event) => this.on.includes(event)).map(eventName);
      return notified.length === 0 ? [] : `${this._name} is notified of ${notified.join(' and ')} but not of ${eventName(end)}, so its incidents stay open. Add ${eventName(end)} to ${this.factory} on`;
    });
  }

  /** @internal */
  public _manifest(project: Project, name = this._name): AlertManifest {
    const { channel: { secrets, settings }, on, environments } = this;
    return { name, ...(typeof settings === 'function' ? settings(project) : settings), on, environments, secrets };
  }

  private covers({ environments }: Alert): boolean {
    return this.environments === undefined || (environments?.every((name) => this.environments?.includes(name)) ?? false);
  }
}

/** The event that resolves other events. */
const ENDS = [
  { begins: [AlertEvent.ROLLED_BACK, AlertEvent.HALTED], end: AlertEvent.DEPLOYED },
  { begins: [AlertEvent.FIRING], end: AlertEvent.RESOLVED },
] as const;

/** As the user writes it. */
function eventName(event: AlertEventName): string {
  return `AlertEvent.${Object.entries(AlertEvent).find(([, value]) => value === event)![0]}`;
}
