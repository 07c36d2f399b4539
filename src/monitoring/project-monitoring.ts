import { Project } from 'projen';
import { Exports } from './exports/exports';
import { Monitoring } from './monitoring';
import { CiLimits } from '../ci/ci-rules';
import { DeploymentWorkflowManifest, MonitoringManifest } from '../contract/manifest';
import { WORKFLOW } from '../contract/workflows';
import { Environment } from '../delivery/environment';
import { Scope } from '../delivery/scope';
import { checkWatchBack } from '../delivery/way-back';
import { invalid, show } from '../validation/validation-error';

/** The monitoring of one project's environments: the scheduled watch, the status page and the exports. */
export class ProjectMonitoring {
  private readonly environments: Environment[] = [];
  private readonly exports: Exports;
  /** Set if a workflow watches on a schedule. */
  private readonly watch?: Monitoring;

  /**
   * @param settings undefined if nothing is monitored
   */
  constructor(project: Project, private readonly scope: Scope, private readonly settings?: Monitoring) {
    this.watch = settings?.isScheduled ? settings : undefined;
    this.exports = new Exports(project, scope, settings);
  }

  /** Adds an environment, and writes the files that exports have for it. */
  public add(environment: Environment): void {
    this.environments.push(environment);
    this.exports.add(environment);
  }

  /** Environments that are watched on a schedule. */
  public get watched(): Environment[] {
    return this.environments.filter(({ name }) => this.watch?.watches(name));
  }

  /** Describes what would make a schedule watch these environments, for a message. */
  public howToWatch(names: string[]): string {
    return this.settings?.howToWatch(names) ?? 'Set monitoring: {} in the delivery\'s options';
  }

  /** Checks the names of environments and branches. Call it when no more environments can come. */
  public check(): void {
    this.settings?.check(this.environments.map(({ name }) => name));
    if (this.watch?.manifestNumbers.rollback) checkWatchBack(this.watched);
    this.environments.filter(({ target }) => target.detectsDrift).forEach((environment) => this.checkDrift(environment));
    this.settings?.checkBranches(this.environments.flatMap(({ trigger }) => (trigger.kind === 'branch' ? [trigger.branch] : [])));
    this.settings?.checkSites(this.environments.flatMap(({ name, target: { driver } }) => (driver?.kind === 'githubPages' ? [{ environment: name, branch: driver.branch }] : [])));
  }

  /** The watch looks for drift, with the role that reads. */
  private checkDrift(environment: Environment): void {
    const { login, name } = environment;
    if (!this.watched.includes(environment)) {
      invalid('Target.awsCdk drift', `no schedule watches ${show(name)}, so nothing would look for drift`, `${this.howToWatch([name])}, or leave drift out`);
    }
    if (login && login.readRole === undefined) {
      invalid('Target.awsCdk drift', `the watch of ${show(name)} is not signed in: login has no readRole`, 'Add a role that may detect drift and read the resources: Login.aws({ readRole: ... }), and a monitorEnvironment');
    }
  }

  /** Checks the exports. Call it when no more environments can come. */
  public checkExports(): void {
    this.exports.check();
  }

  /** @param deploymentWorkflows the jobs that may wait for an approval */
  public manifest(deploymentWorkflows: DeploymentWorkflowManifest[]): MonitoringManifest | undefined {
    return this.watch?.manifest({
      environments: this.watched.map(({ name }) => name),
      workflow: `${this.scope.workflowName(WORKFLOW.MONITOR)}.yml`,
      deploymentWorkflows,
      statusPage: this.watch.statusPage?._manifest((base) => this.scope.nameOf(base)),
    });
  }

  /** Warnings about the schedule. */
  public warnings(limits: CiLimits): string[] {
    return [
      ...(this.watch?.warnings(this.watched.length, limits) ?? []),
      ...this.watched.filter(({ watchedChecks }) => watchedChecks.length === 0).map(({ name }) => (
        `the watch runs no health check of ${show(name)}: all of its health checks are HealthCheckUse.GATE, so it watches only its deployments`
      )),
    ];
  }

  /** Warnings about what other monitoring systems do not check. */
  public exportWarnings(): string[] {
    return this.exports.warnings();
  }
}
