import { javascript, Project } from 'projen';
import { CheckDifference, EngineFile, ExportedContent, Watched, WatchedEnvironment } from './engine';
import { ExportedFile } from './exported-file';
import { nameOf } from '../manifest';
import { MonitorExport } from '../monitor-export';
import { MonitoringOptions } from '../monitoring';
import { nearest } from '../nearest';
import { refuseForeign } from '../own-file';
import { refuse, show } from '../refusal';
import { Scope } from '../scope';

/** The exports of one delivery: their files, and what is said of them. */
export class Exports {
  private readonly environments: WatchedEnvironment[] = [];
  private readonly paths = new Set<string>();

  /**
   * @param project the delivery's
   */
  constructor(private readonly project: Project, private readonly scope: Scope, private readonly options: MonitoringOptions) {
    for (const one of this.exports) {
      for (const file of one._engine.files.filter(({ isPerEnvironment }) => !isPerEnvironment)) {
        this.write(one, file, nameOf(file.base, scope.project?.name), () => this.environmentsOf(one));
      }
    }
  }

  /** Those whose files are their own get them. */
  public add(environment: WatchedEnvironment): void {
    this.environments.push(environment);
    for (const one of this.exports) {
      if (!(one._environments?.includes(environment.name) ?? true)) continue;
      for (const file of one._engine.files.filter(({ isPerEnvironment }) => isPerEnvironment)) {
        const name = environment.name.replace(/[^A-Za-z0-9_]/g, '_');
        this.write(one, file, `${nameOf(file.base, this.scope.project?.name)}/${name}`, () => [environment]);
      }
    }
  }

  /** Called when no more environments can come. */
  public check(): void {
    for (const { _environments, _option } of this.exports) {
      const names = this.environments.map(({ name }) => name);
      const unknown = _environments?.find((name) => !names.includes(name));
      if (unknown === undefined) continue;
      const near = nearest(unknown, names);
      refuse(_option, `there is no environment ${show(unknown)}`, near ? `Did you mean '${near}'?` : `There is: ${names.join(', ')}`);
    }
    for (const one of this.exports) this.contents(one).forEach(({ checks }, i) => this.checkAny(one, checks, i));
  }

  /** What the engines do not do as the health checks say, one for each engine and check. */
  public warnings(): string[] {
    return this.exports.flatMap((one) => {
      const lost = this.contents(one).flatMap(({ differences }) => differences).filter(({ isRemark }) => !isRemark);
      const checks = new Map<string, CheckDifference[]>();
      for (const difference of lost) {
        const key = JSON.stringify([difference.environment, difference.check]);
        checks.set(key, [...checks.get(key) ?? [], difference]);
      }
      return [...checks.values()].map((all) => {
        const [{ environment, check }] = all;
        return `${one._engine.name} does not ask all that the health check ${show(check)} of ${show(environment)} does: `
          + all.map(({ condition, why }) => `${condition} (${why})`).join('; ');
      });
    });
  }

  private get exports(): MonitorExport[] {
    return this.options.exports ?? [];
  }

  private environmentsOf({ _environments }: MonitorExport): WatchedEnvironment[] {
    return this.environments.filter(({ name }) => _environments?.includes(name) ?? true);
  }

  private watched(environments: WatchedEnvironment[]): Watched {
    const { firesAfter = 3, resolvesAfter = 2 } = this.options;
    return { project: this.scope.project?.name ?? this.project.name, environments, firesAfter, resolvesAfter };
  }

  /** Of each file. */
  private contents(one: MonitorExport): ExportedContent[] {
    return one._engine.files.flatMap((file) => {
      const environments = this.environmentsOf(one);
      const parts = file.isPerEnvironment ? environments.map((environment) => [environment]) : [environments];
      return parts.map((part) => file.content(this.watched(part)));
    });
  }

  private checkAny({ _engine, _option }: MonitorExport, checks: number, i: number): void {
    if (checks > 0) return;
    const environment = _engine.files[0].isPerEnvironment ? ` of ${show(this.environments[i]?.name)}` : '';
    refuse(_option, `${_engine.name} can look at none of the health checks${environment}, so its configuration would be empty`, 'Leave it out');
  }

  private write({ _directory, _engine }: MonitorExport, file: EngineFile, name: string, environments: () => WatchedEnvironment[]): void {
    const path = `${_directory}/${name}.yml`;
    const { root } = this.project;
    if (this.paths.has(path) || root.tryFindFile(path)) refuse('Delivery monitoring.exports', `two of them write ${path}`, 'Give one of them another directory');
    refuseForeign(root, path);
    this.paths.add(path);
    new ExportedFile(root, path, _engine.name, file, () => file.content(this.watched(environments())));
    for (const one of new Set([root, this.project])) javascript.Prettier.of(one)?.addIgnorePattern(path);
    root.addPackageIgnore(`/${path}`);
  }
}
