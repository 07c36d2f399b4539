import { Project, Task } from 'projen';
import { checkAlarmReader, checkDeployer, environmentLogin } from './environment-login';
import { EnvironmentOptions, ENVIRONMENT_OPTIONS } from './environment-options';
import { neededOutputs } from './environment-outputs';
import { Freeze } from './freeze';
import { checkGitOps } from './git-ops-check';
import { Scope } from './scope';
import { Trigger } from './trigger';
import { checkStrategyBack } from './way-back';
import { checkRunsOn, SecretRules } from '../ci/ci-rules';
import { JobStep } from '../ci/github-types';
import { isLoopback } from '../contract/deployment-outputs';
import { alarmsOf, CloudWatchAlarmCheckManifest, EnvironmentManifest, FreezeManifest, HealthCheckManifest, knowsRelease, OutputsManifest, secretsOf, TriggerManifest } from '../contract/manifest';
import { metricSecretsOf } from '../contract/metric-manifest';
import { HealthCheck, healthChecksOf } from '../health-checks/health-check';
import { addressesOf, HealthCheckUse } from '../health-checks/health-check-options';
import { AwsLogin } from '../login/aws-login';
import { Monitoring } from '../monitoring/monitoring';
import { Strategy } from '../strategies/strategy';
import { StrategyDefinition } from '../strategies/strategy-definition';
import { BoundTarget, checkTarget } from '../targets/bound-target';
import { Target } from '../targets/target';
import { TargetContext } from '../targets/target-binding';
import { inKeyOrder, listOf, optionsOf } from '../validation/option-types';
import { needsOutputs, webAddress, webAddressWithOutputs } from '../validation/url';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets, checkVariables } from '../validation/variable-names';

/** The delivery's defaults for its environments. */
export interface EnvironmentDefaults {
  readonly project: Project;
  readonly scope: Scope;
  readonly target: Target;
  readonly variables: Record<string, string>;
  readonly secrets: string[];
  readonly secretRules: SecretRules;
  readonly runsOn?: string[];
  readonly monitoring?: Monitoring;
  /** The files of releases, if there are any. */
  readonly files: { readonly paths?: string[] };
  /** Checks and completes the set-up steps of a target. */
  readonly setup: (option: string, steps: JobStep[]) => JobStep[];
}

/** An environment with its defaults applied. The constructor checks what depends on no other environment. */
export class Environment {
  public readonly scope: Scope;
  /** Its part of the jobs' ids. */
  public readonly id: string;
  /** Its title in the names of jobs. */
  public readonly title: string;
  /** Its key in concurrency groups. */
  public readonly key: string;
  /** Its arguments on the runtime's command line. */
  public readonly words: string;
  public readonly url: string;
  public readonly trigger: TriggerManifest;
  /** The checks of a deployment. */
  public readonly healthChecks: HealthCheckManifest[];
  private readonly checks: HealthCheck[];
  /** The checks of a watch only: on a schedule, or in another monitoring system. */
  public readonly watchChecks: HealthCheckManifest[];
  public readonly variables: Record<string, string>;
  public readonly secrets: string[];
  /** What it needs of a deployment. */
  public readonly outputs?: OutputsManifest;
  public readonly strategy: StrategyDefinition;
  public readonly target: BoundTarget;
  public readonly beforeDeploy?: string | Task;
  public readonly afterPromote?: string | Task;
  public readonly rollbackEnvironment?: string;
  public readonly monitorEnvironment?: string;
  public readonly login?: AwsLogin;
  public readonly freezes: FreezeManifest[];
  public readonly controlUrl?: string;
  public readonly runsOn?: string[];
  private readonly allowDowngrade: boolean;
  /** Whether releases have files that the jobs fetch. */
  public get fetchesFiles(): boolean {
    return this.files.paths !== undefined;
  }

  private readonly files: EnvironmentDefaults['files'];
  public readonly setupSteps: JobStep[];
  /** Whether it is watched on a schedule. */
  private readonly isWatched: boolean;
  /** Its name in messages. */
  private readonly shown: string;

  constructor(public readonly name: string, options: EnvironmentOptions, defaults: EnvironmentDefaults) {
    checkEnvironmentName('environment name', name);
    optionsOf(`environment ${show(name)}`, options, ENVIRONMENT_OPTIONS, '{ trigger: Trigger.branch(\'main\'), ... }');
    this.shown = `environment ${show(name)}`;
    this.scope = defaults.scope;
    this.id = this.scope.idOf(name);
    this.title = this.scope.titleOf(name);
    this.key = this.scope.keyOf(name);
    this.words = this.scope.wordsOf(name);
    this.trigger = this.triggerOf(options.trigger);
    webAddressWithOutputs(this.option('url'), options.url, options.allowInsecure ?? false);
    this.url = options.url;
    const target = checkTarget(this.option('target'), options.target ?? defaults.target);
    this.target = new BoundTarget(this.option('target'), target, new TargetContext({ project: defaults.project, environment: name, url: this.url }));
    this.checks = this.checksOf(options);
    this.healthChecks = this.checks.filter(isGate).map((check) => check._manifest);
    this.watchChecks = this.checks.filter((check) => !isGate(check)).map((check) => check._manifest);
    this.isWatched = defaults.monitoring?.watches(name) ?? false;
    this.checkChecks();
    this.checkWatched(defaults.monitoring);
    this.variables = inKeyOrder({ ...this.target.variables, ...defaults.variables, ...options.variables });
    this.strategy = this.strategyOf(options.strategy ?? Strategy.redeploy());
    const ofMetrics = (this.strategy.manifest.analysis?.metrics ?? []).flatMap(({ metric }) => metricSecretsOf(metric));
    this.secrets = [...new Set([...this.target.secrets, ...defaults.secrets, ...listOf(this.option('secrets'), options.secrets ?? [], '\'DEPLOY_TOKEN\''), ...ofMetrics])];
    this.beforeDeploy = options.beforeDeploy;
    this.afterPromote = options.afterPromote;
    this.rollbackEnvironment = options.rollbackEnvironment;
    this.monitorEnvironment = options.monitorEnvironment;
    this.login = environmentLogin(this, options.login);
    this.freezes = listOf(this.option('freezes'), options.freezes ?? [], 'Freeze.weekly(\'Fri 16:00\', \'Mon 07:00\')').map((freeze) => this.freeze(freeze));
    this.controlUrl = options.controlUrl;
    this.runsOn = options.runsOn ?? defaults.runsOn;
    if (options.runsOn !== undefined) checkRunsOn(this.option('runsOn'), options.runsOn);
    this.allowDowngrade = options.allowDowngrade ?? false;
    this.files = defaults.files;
    this.setupSteps = defaults.setup(this.option('target setupSteps'), this.target.setupSteps);
    this.checkNames(options, defaults.secretRules);
    checkStrategyBack(this);
    this.strategy.check({
      shown: this.shown,
      url: this.url,
      healthChecks: this.healthChecks,
      capabilities: this.target.capabilities,
      driver: this.target.driver,
      allowInsecure: options.allowInsecure ?? false,
    });
    const { capabilities } = this.target;
    this.outputs = neededOutputs({ ...this, shown: this.shown, capabilities, allowInsecure: options.allowInsecure ?? false });
    this.checkControl(options.allowInsecure ?? false);
    this.checkProbeSecrets();
    checkAlarmReader(this);
    checkDeployer(this);
    checkGitOps(this.shown, this.target.driver, this.healthChecks);
  }

  /** The secrets of a deployment's probes; every job that probes gets them. */
  public get probeSecrets(): string[] {
    return [...new Set(this.healthChecks.flatMap(secretsOf))];
  }

  /** The secrets of the watch's probes. */
  public get watchSecrets(): string[] {
    return [...new Set(this.watchedChecks.flatMap(secretsOf))];
  }

  /** The secrets that its live release is read with, in jobs that only look: where people stored them in an environment of these jobs. */
  public get readSecrets(): string[] {
    return this.monitorEnvironment === undefined ? [] : this.target.readSecrets;
  }

  /** The checks of the watch. */
  public get watchedChecks(): HealthCheckManifest[] {
    return [...this.healthChecks.filter(({ gateOnly }) => !gateOnly), ...this.watchChecks];
  }

  /** The CloudWatch alarms that deployments or the watch read. */
  public get alarms(): CloudWatchAlarmCheckManifest[] {
    return [...this.healthChecks, ...this.watchChecks].flatMap(alarmsOf);
  }

  /** Whether a health check identifies the release. */
  public get knowsReleases(): boolean {
    return this.healthChecks.some(knowsRelease);
  }

  /** Whether the jobs that only look have an environment: it holds the secrets of probes, and the reading role trusts it. */
  public get looksFromEnvironment(): boolean {
    return this.probeSecrets.length + this.readSecrets.length > 0 || this.login?.readRole !== undefined || this.login?.planRole !== undefined;
  }

  /** Whether a health check runs a command, so that jobs that only probe need the project. */
  public get probesWithCommands(): boolean {
    return this.healthChecks.some(runsCommand);
  }

  /** Whether the watch runs a command, so that its job needs the project. */
  public get watchesWithCommands(): boolean {
    return this.watchedChecks.some(runsCommand);
  }

  /** Whether its plan reads from the engine what the release would change, and so needs the release's files. */
  public get plansChanges(): boolean {
    const { plansChanges, readsWithoutSecrets } = this.target;
    return plansChanges && (readsWithoutSecrets || this.readSecrets.length > 0 || (this.login?.readRole ?? this.login?.planRole) !== undefined);
  }

  /** Whether its plan prepares what a person approves. */
  public get reviewsChanges(): boolean {
    return this.target.reviewsChanges;
  }

  /** Whether its target runs a migration first. */
  public get migrates(): boolean {
    return this.target.migrate !== undefined;
  }

  /** Call it late: tasks may be added after the delivery. */
  public manifest(project: Project): EnvironmentManifest {
    const { name, url, trigger, variables, secrets, strategy, target, controlUrl, freezes } = this;
    const watchChecks = this.isWatched ? this.checks.filter((check) => !isGate(check)).map((check) => check._resolve(project)) : [];
    const command = (option: 'beforeDeploy' | 'afterPromote') => {
      const what = this[option];
      return what === undefined ? undefined : target.command(project, this.option(option), what);
    };
    return {
      name,
      url,
      trigger,
      allowDowngrade: this.allowDowngrade || undefined,
      variables,
      secrets,
      outputs: this.outputs,
      strategy: strategy.manifest,
      target: target.manifest(project),
      beforeDeploy: command('beforeDeploy'),
      afterPromote: command('afterPromote'),
      healthChecks: this.checks.filter(isGate).map((check) => check._resolve(project)),
      watchChecks: watchChecks.length > 0 ? watchChecks : undefined,
      controlUrl,
      freezes,
    };
  }

  private checksOf({ allowInsecure, ...options }: EnvironmentOptions): HealthCheck[] {
    const healthChecks = healthChecksOf(this.option('healthChecks'), options.healthChecks ?? []);
    return [...(healthChecks.length > 0 ? healthChecks : [HealthCheck.http(this.url, { allowInsecure })]), ...this.target.healthChecks];
  }

  private checkChecks(): void {
    const checks = [...this.healthChecks, ...this.watchChecks];
    const taken = checks.find((check, i) => checks.findIndex((other) => other.name === check.name) !== i);
    if (taken) this.reject('healthChecks', `two of them have the name ${show(taken.name)}`, 'Give one of them another name: HealthCheck.http(url, { name: \'...\' })');
    if (this.healthChecks.length === 0) {
      const [check] = this.checks;
      this.reject('healthChecks', `a deployment runs none of them (${show(check._manifest.name)}: ${showUse(check)}), so any release would count as good`,
        `Add one that deployments run, for example HealthCheck.http(${show(this.url)}), or set use: HealthCheckUse.BOTH`);
    }
  }

  /** Rejects health checks that nothing would run. */
  private checkWatched(monitoring?: Monitoring): void {
    const check = this.checks.find((one) => !isGate(one));
    if (check === undefined || monitoring?.reaches(this.name)) return;
    this.reject('healthChecks', `only a watch runs ${show(check._manifest.name)} (${showUse(check)}), and nothing watches ${show(this.name)}`,
      `${monitoring ? 'Let the schedule, MonitorExport.gatus() or .blackbox() watch it' : 'Set monitoring: {} in the delivery\'s options'}, `
      + 'or set use: HealthCheckUse.BOTH, then deployments run it, too');
  }

  private checkNames(options: EnvironmentOptions, secretRules: SecretRules): void {
    checkVariables(this.option('variables'), options.variables ?? {});
    checkSecrets(this.option('secrets'), options.secrets ?? [], secretRules);
    const both = [...this.secrets, ...this.probeSecrets, ...this.watchSecrets].find((name) => Object.hasOwn(this.variables, name));
    if (both) this.reject('variables', `${both} is a secret as well`, 'Name it in one of the two');
    for (const option of ['rollbackEnvironment', 'monitorEnvironment'] as const) {
      if (options[option] !== undefined) checkEnvironmentName(this.option(option), options[option]);
    }
  }

  private triggerOf(trigger: Trigger | undefined): TriggerManifest {
    const fix = 'Set what deploys here, for example Trigger.branch(\'main\')';
    if (trigger === undefined || trigger === null) this.reject('trigger', 'it is missing', fix);
    const { _manifest } = trigger;
    if (['branch', 'tag', 'manual', 'after', 'release'].includes(_manifest?.kind)) return _manifest;
    this.reject('trigger', `${show(trigger)} is not a Trigger`, fix);
  }

  private strategyOf(strategy: Strategy): StrategyDefinition {
    if (strategy instanceof Strategy) return this.timed(strategy._definition);
    this.reject('strategy', `${show(strategy)} is not a Strategy`, 'Write Strategy.redeploy(), Strategy.blueGreen() or Strategy.canary({ steps: [...] })');
  }

  /** With the target's own time limit of a command, unless the strategy's options set it. */
  private timed(strategy: StrategyDefinition): StrategyDefinition {
    const { commandTimeoutMs } = this.target;
    if (!strategy.isCommandTimeoutDefault || commandTimeoutMs === undefined) return strategy;
    return { ...strategy, manifest: { ...strategy.manifest, commandTimeoutMs } };
  }

  private freeze(freeze: Freeze): FreezeManifest {
    return freeze?._manifest
      ?? this.reject('freezes', `${show(freeze)} is not a Freeze`, 'Write Freeze.weekly(\'Fri 16:00\', \'Mon 07:00\') or Freeze.between(begin, end)');
  }

  /** Rejects a control URL on the service's own host: it fails together with the service. */
  private checkControl(allowInsecure: boolean): void {
    if (this.controlUrl === undefined) return;
    const control = webAddress(this.option('controlUrl'), this.controlUrl, allowInsecure);
    const taken = this.addresses().find((address) => hostOf(address) === hostOf(control));
    if (taken) {
      this.reject('controlUrl', `${show(this.controlUrl)} is on ${hostOf(taken)}, the service's own host, so it would be gone together with the service`,
        'Name an address elsewhere, for example https://www.githubstatus.com');
    }
  }

  /** All addresses of the service. */
  private addresses(): URL[] {
    const checks = [...this.healthChecks, ...this.watchChecks];
    return [...(needsOutputs(this.url) ? [] : [this.url]), ...checks.flatMap(addressesOf), ...this.strategy.candidateUrls].map((url) => new URL(url));
  }

  private checkProbeSecrets(): void {
    // another monitoring system has its own secrets
    const [secret] = [...this.probeSecrets, ...(this.isWatched ? this.watchSecrets : [])];
    if (secret === undefined || this.monitorEnvironment !== undefined) return;
    this.reject('healthChecks', `they need the secret ${secret}, and the plan and monitor jobs have no environment to read it from`,
      `Make an unprotected GitHub environment that holds only those secrets, and name it: monitorEnvironment: '${this.name}-monitor'`);
  }

  private option(name: string): string {
    return `${this.shown} ${name}`;
  }

  private reject(name: string, fault: string, fix: string): never {
    return invalid(this.option(name), fault, fix);
  }
}

/** Returns whether a deployment runs the check. */
function isGate({ _use }: HealthCheck): boolean {
  return _use !== HealthCheckUse.WATCH;
}

/** Describes the use, which may be the default. */
function showUse({ _given, _use }: HealthCheck): string {
  return `HealthCheckUse.${_use.toUpperCase()}${_given.includes('use') ? '' : ' by default'}`;
}

function runsCommand(check: HealthCheckManifest): boolean {
  return check.kind === 'command' || ('checks' in check && check.checks.some(runsCommand));
}

function checkEnvironmentName(option: string, name: string): void {
  if (typeof name === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,63}$/.test(name)) return;
  invalid(option, `${show(name)} is not a name for an environment`, 'Use letters, digits and . _ / -, beginning with a letter or digit, 64 at most');
}

/** Loopback ports count as separate hosts: they may be tunnels. */
function hostOf(url: URL): string {
  return isLoopback(url) ? url.host : url.hostname;
}
