import { Project } from 'projen';
import { AlertEvent, AlertOptions } from './alert-options';
import { Channel } from './channel';
import { command, CommandAlertOptions } from './command';
import { discord } from './discord';
import { githubIssue, GithubIssueAlertOptions } from './github-issue';
import { pagerduty, PagerdutyAlertOptions } from './pagerduty';
import { slack } from './slack';
import { teams } from './teams';
import { webhook, WebhookAlertOptions } from './webhook';
import { AlertEventName, AlertManifest } from '../contract/manifest';
import { checkEnvironmentNames, environmentList } from '../delivery/environment-names';
import { listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

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
    return new Alert('Alert.webhook', webhook(secret, options), options);
  }

  /**
   * A channel of Slack, by an incoming webhook.
   *
   * @param secret the name of the secret that holds the webhook's address
   * @param options what it is told
   * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
   */
  public static slack(secret: string, options: AlertOptions = {}): Alert {
    return new Alert('Alert.slack', slack(secret, options), options);
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
    return new Alert('Alert.teams', teams(secret, options), options);
  }

  /**
   * A channel of Discord, by a webhook. Nobody is mentioned.
   *
   * @param secret the name of the secret that holds the webhook's address
   * @param options what it is told
   * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
   */
  public static discord(secret: string, options: AlertOptions = {}): Alert {
    return new Alert('Alert.discord', discord(secret, options), options);
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
    return new Alert('Alert.pagerduty', pagerduty(secret, options), options);
  }

  /**
   * An issue of the repository: opened when something goes wrong, commented on when it does again, closed when the next release is
   * verified. The jobs that tell get `issues: write` for it.
   *
   * @param options how it is written
   */
  public static githubIssue(options: GithubIssueAlertOptions = {}): Alert {
    return new Alert('Alert.githubIssue', githubIssue(options), options);
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
    return new Alert('Alert.command', command(options), options);
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
      if (!(known as string[]).includes(event)) invalid(`${factory} on`, `${show(event)} is no event`, `There is: ${Object.keys(AlertEvent).map((name) => `AlertEvent.${name}`).join(', ')}`);
    }
    if (this.on.length === 0) invalid(`${factory} on`, 'it names no event, so nobody would ever be told', 'Name one, or leave it out');
    this.environments = environmentList(`${factory} environments`, options.environments, 'nobody would ever be told');
  }

  /** @internal */
  public get _name(): string {
    return this.channel.name;
  }

  /** @internal */
  public get _secrets(): string[] {
    return this.channel.secrets;
  }

  /**
   * Whether it writes issues.
   *
   * @internal
   */
  public get _writesIssues(): boolean {
    return typeof this.channel.settings !== 'function' && this.channel.settings.kind === 'githubIssue';
  }

  /**
   * Whether it needs what the project's commands need.
   *
   * @internal
   */
  public get _runsCommand(): boolean {
    return typeof this.channel.settings === 'function';
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
    const { settings } = this.channel;
    if (typeof settings === 'function' || !['pagerduty', 'githubIssue'].includes(settings.kind)) return [];
    const isWatched = watched.some((name) => this._hears(name));
    const ended = all.filter((other) => other._name === this._name && other.covers(this)).flatMap(({ on }) => on);
    return ENDS.filter(({ end }) => !ended.includes(end) && (isWatched || end !== AlertEvent.RESOLVED)).flatMap(({ begins, end }) => {
      const heard = begins.filter((event) => this.on.includes(event)).map(eventName);
      return heard.length === 0 ? [] : `${this._name} hears of ${heard.join(' and ')} and not of ${eventName(end)}, so what it opens stays open. Name ${eventName(end)} in ${this.factory} on`;
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
