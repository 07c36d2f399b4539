import { javascript, Project } from 'projen';
import { whyNoCanary } from './canary-content';
import { CheckDifference, EngineFile, ExportedContent, Watched, WatchedEnvironment } from './engine';
import { ExportedFile } from './exported-file';
import { outputsOf } from '../../contract/deployment-outputs';
import { nameOf } from '../../contract/manifest';
import { Environment } from '../../delivery/environment';
import { checkEnvironmentNames } from '../../delivery/environment-names';
import { Scope } from '../../delivery/scope';
import { rejectForeignFile } from '../../files/generated-file';
import { invalid, show } from '../../validation/validation-error';
import { MonitorExport } from '../monitor-export';
import { Monitoring } from '../monitoring';

/** The exports of one delivery: their files and warnings. */
export class Exports {
  private readonly environments: Environment[] = [];
  private readonly paths = new Set<string>();

  /**
   * @param project the delivery's
   */
  constructor(private readonly project: Project, private readonly scope: Scope, private readonly monitoring?: Monitoring) {
    for (const one of this.exports) {
      for (const file of one._engine.files.filter(({ isPerEnvironment }) => !isPerEnvironment)) {
        this.write(one, file, nameOf(file.base, scope.project?.name), () => this.environmentsOf(one));
      }
    }
  }

  /** Adds the files of the environment, unless they would be empty. */
  public add(environment: Environment): void {
    this.environments.push(environment);
    for (const one of this.exports) {
      if (!this.has(one, environment)) continue;
      rejectOutputs(one, environment);
      if (this.hasNoCheck(one, environment)) continue;
      for (const file of one._engine.files.filter(({ isPerEnvironment }) => isPerEnvironment)) {
        const name = environment.name.replace(/[^A-Za-z0-9_]/g, '_');
        this.write(one, file, `${nameOf(file.base, this.scope.project?.name)}/${name}`, () => [environment]);
      }
    }
  }

  /** Called after all environments were added. */
  public check(): void {
    const names = this.environments.map(({ name }) => name);
    for (const { _environments, _option } of this.exports) checkEnvironmentNames(_option, _environments, names);
    for (const one of this.exports) this.checkAny(one);
  }

  /** Returns environments without exported checks and differences from the health checks: one warning per engine and check. */
  public warnings(): string[] {
    return this.exports.flatMap((one) => [...this.differences(one), ...this.withoutChecks(one)]);
  }

  private get exports(): MonitorExport[] {
    return this.monitoring?.exports ?? [];
  }

  private environmentsOf(one: MonitorExport): Environment[] {
    return this.environments.filter((environment) => this.has(one, environment));
  }

  /** A canary's export has no environment with another strategy, unless it names it. */
  private has(one: MonitorExport, { name, strategy }: Environment): boolean {
    if (!this.monitoring?.exportsTo(one, name)) return false;
    return !one._engine.isCanary || one._environments !== undefined || strategy.manifest.weights !== undefined;
  }

  private watched(one: MonitorExport, environments: Environment[]): Watched {
    const { firesAfter, resolvesAfter } = this.monitoring!.manifestNumbers;
    const project = this.scope.project?.name ?? this.project.name;
    return { project, environments: environments.map((environment) => watchedBy(one, environment)), firesAfter, resolvesAfter };
  }

  /** The content of each file. */
  private contents(one: MonitorExport): ExportedContent[] {
    return one._engine.files.flatMap((file) => {
      const environments = this.environmentsOf(one);
      const parts = file.isPerEnvironment ? environments.map((environment) => [environment]) : [environments];
      return parts.map((part) => file.content(this.watched(one, part)));
    });
  }

  private differences(one: MonitorExport): string[] {
    const unsupported = this.contents(one).flatMap(({ differences }) => differences).filter(({ isRemark }) => !isRemark);
    const checks = new Map<string, CheckDifference[]>();
    for (const difference of unsupported) {
      const key = JSON.stringify([difference.environment, difference.check]);
      checks.set(key, [...checks.get(key) ?? [], difference]);
    }
    return [...checks.values()].map((all) => {
      const [{ environment, check }] = all;
      const what = one._engine.isCanary ? `of the canary on ${show(environment)} (${check})` : `of the health check ${show(check)} of ${show(environment)}`;
      return `${one._engine.name} does not support all conditions ${what}: `
        + all.map(({ condition, why }) => `${condition} (${why})`).join('; ');
    });
  }

  private hasNoCheck(one: MonitorExport, environment: Environment): boolean {
    return one._engine.files.every((file) => file.content(this.watched(one, [environment])).checks === 0);
  }

  /** Returns why the engine has no check for an environment, for each such environment. */
  private withoutChecks(one: MonitorExport): string[] {
    return this.environmentsOf(one).filter((environment) => this.hasNoCheck(one, environment)).map((environment) => {
      const watched = watchedBy(one, environment);
      const { healthChecks, name } = watched;
      if (one._engine.isCanary) return `${one._engine.name} gets no canary of ${show(name)}: ${whyNoCanary(watched)}`;
      const why = healthChecks.length === 0 ? 'all of its health checks are HealthCheckUse.GATE' : 'it supports none of its health checks';
      return `${one._engine.name} runs no health check of ${show(name)}: ${why}`;
    });
  }

  /** Engines reject an empty configuration. */
  private checkAny(one: MonitorExport): void {
    const reasons = this.withoutChecks(one);
    if (reasons.length < this.environmentsOf(one).length) return;
    const why = reasons.length > 0 ? reasons.join('; ') : 'no environment has a canary';
    invalid(one._option, `${why}. Its configuration would be empty`, 'Remove the export');
  }

  private write(one: MonitorExport, file: EngineFile, name: string, environments: () => Environment[]): void {
    const { _directory, _engine } = one;
    const path = `${_directory}/${name}.yml`;
    const { root } = this.project;
    if (this.paths.has(path) || root.tryFindFile(path)) invalid('Delivery monitoring.exports', `two of them write ${path}`, 'Set another directory on one of them');
    rejectForeignFile(root, path);
    this.paths.add(path);
    new ExportedFile(root, path, _engine, file, () => file.content(this.watched(one, environments())));
    for (const owner of new Set([root, this.project])) javascript.Prettier.of(owner)?.addIgnorePattern(path);
    root.addPackageIgnore(`/${path}`);
  }
}

/** Another monitoring system reads files, which are written before any deployment. */
function rejectOutputs(one: MonitorExport, environment: Environment): void {
  if (one._engine.isCanary) return;
  const { healthChecks, name, url } = watchedBy(one, environment);
  const [output] = outputsOf({ healthChecks, url, variables: {} });
  if (output === undefined) return;
  invalid(one._option, `${show(name)} has a URL that is known only after a deployment (the output ${output}), and ${one._engine.name} needs it before`,
    'Leave the environment out: environments: [...], and use the schedule of monitoring, which reads the output from the ledger');
}

/** A gate gets the checks of deployments; other engines get those of the watch. */
function watchedBy({ _engine }: MonitorExport, { name, url, healthChecks, strategy, watchedChecks }: Environment): WatchedEnvironment {
  return { name, url, healthChecks: _engine.isGate ? healthChecks : watchedChecks, strategy: strategy.manifest };
}
