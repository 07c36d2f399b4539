import { Component, FileBase, javascript, Project } from 'projen';
import { DeliveryOptions } from './delivery-options';
import { addTask, lineOf } from './delivery-task';
import { checkAlone, checkDistinct, checkOptions, checkProject, defaultsOf, placeOf } from './delivery-validation';
import { checkPlace, placeWarnings } from './deployed-places';
import { checkDrilled } from './drill';
import { Environment, EnvironmentDefaults } from './environment';
import { checkFunctionImage, loginWarnings } from './environment-login';
import { checkEnvironmentNames } from './environment-names';
import { EnvironmentOptions, NamedEnvironment } from './environment-options';
import { checkDisjoint, inOrder } from './environment-order';
import { checkImages } from './image-artifact';
import { JobKind } from './job-kind';
import { lockManifest } from './lock';
import { checkNoPreview, checkPreviewFiles, Previews } from './previews';
import { pullRequestsManifest } from './pull-requests';
import { ReleaseFiles } from './release-files';
import { Scope } from './scope';
import { checkSiteBranches } from './site-branch';
import { checkBuildEnvironment, checkTwins, checkTwinsOfProject } from './twins';
import { Workflow } from './workflow';
import { withWorkspaceLock } from './workspace-lock';
import { Alert } from '../alerts/alert';
import { CiSystem } from '../ci/ci-system';
import { GithubWorkflow } from '../ci/github-types';
import { commandWords, OPTION } from '../contract/command-line';
import { environmentJobId } from '../contract/jobs';
import { Manifest, MANIFEST_SCHEMA } from '../contract/manifest';
import { checkCommitted } from '../files/committed-files';
import { ManifestFile, packageVersion, RuntimeFile } from '../files/delivery-files';
import { Monitoring } from '../monitoring/monitoring';
import { ProjectMonitoring } from '../monitoring/project-monitoring';
import { findTask } from '../targets/commands';
import { listOf, objectOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/** The component's id: a project has at most one. */
const ID = 'Delivery';

/**
 * Adds environment, deployment, monitoring and rollback jobs to the project's CI: a release is deployed, verified as users see it,
 * confirmed, and rolled back automatically if it is bad.
 *
 * Writes the workflow `deploy` (or joins an existing one), the workflow `rollback` (for rollbacks by hand and other decisions of a
 * person), `drill` and `monitor` if configured, `.projen/delivery.json`, `.projen/delivery.cjs` and the task `delivery`. Existing files
 * of these names that projen did not write are never overwritten.
 *
 * A subproject's delivery also writes its workflows and manifest at the root, named after the subproject (`deploy_api`,
 * `.projen/delivery-api.json`). Its commands run in the subproject's directory, artifact paths are relative to it, and its records are
 * separate, even if another project deploys to an environment of the same name.
 *
 * Invalid configuration fails with an error that names the option, the value, the reason and the fix: in the constructor if possible,
 * otherwise at synthesis.
 *
 * @see https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
 * @example
 * new Delivery(project, {
 *   target: Target.tasks({ deploy: 'ship' }),
 *   environments: [
 *     { name: 'staging', trigger: Trigger.branch('main'), url: 'https://staging.example.com' },
 *   ],
 * });
 */
export class Delivery extends Component {
  /**
   * Returns the delivery of a project, if it has one.
   *
   * @param project the project
   */
  public static of(project: Project): Delivery | undefined {
    const found = project.node.tryFindChild(ID);
    return found instanceof Delivery ? found : undefined;
  }

  private readonly scope: Scope;
  private readonly ci: CiSystem;
  private readonly monitoring: ProjectMonitoring;
  private readonly releaseFiles: ReleaseFiles;
  private readonly onlyIfChanged?: string[];
  private readonly environments: Environment[] = [];
  private readonly previews?: Previews;
  private readonly defaults: EnvironmentDefaults;
  /** The files that every job needs. */
  private readonly files: FileBase[];
  /** The warnings so far: the last check runs twice. */
  private readonly warned = new Set<string>();

  /**
   * @param project a project with GitHub, or a subproject of one
   * @param options what is delivered, how, and where to
   */
  constructor(project: Project, private readonly options: DeliveryOptions) {
    checkOptions(options);
    if (!Project.isProject(project)) invalid('Delivery project', `${show(project)} is not a project`, 'Give the one that is delivered: new Delivery(project, { ... })');
    const place = placeOf(options.workflow ?? Workflow.own());
    const scope = Scope.of(project, options.workflowNames);
    const monitoring = options.monitoring === undefined ? undefined : new Monitoring(options.monitoring);
    if (Delivery.of(project)) invalid('Delivery', `the project ${show(project.name)} has one already`, 'Add environments to it: Delivery.of(project).addEnvironment(...)');
    checkAlone(scope, deliveriesOf(project).map((other) => other.project));
    const provider = checkProject(project, scope, options, place, monitoring?.isScheduled ? monitoring : undefined);
    super(project, ID);
    this.scope = scope;
    this.onlyIfChanged = withWorkspaceLock(options.onlyIfChanged, project);
    this.releaseFiles = new ReleaseFiles({
      project,
      isReleased: place.kind === 'release',
      setup: (option, steps) => this.ci.setup(option, steps, 'build'),
    });
    this.ci = provider.create({
      files: this.releaseFiles,
      onlyIfChanged: this.onlyIfChanged,
      toolchainSteps: options.toolchainSteps,
      setupSteps: options.setupSteps,
      needs: options.needs,
      buildTasks: () => this.releaseFiles.buildTasks.map(({ task }) => task),
      runsOn: options.runsOn,
      writesRefs: lockManifest(options.lock) !== undefined,
      proves: options.proof ?? true,
      compatibility: options.compatibility ?? {},
      alerts: options.alerts ?? [],
    });
    this.defaults = {
      ...defaultsOf(scope, options, this.ci.secretRules),
      project,
      monitoring,
      files: this.releaseFiles,
      setup: (option, steps) => this.ci.setup(option, steps, 'deploy'),
    };
    this.releaseFiles.define(options.artifact);
    this.files = this.writeFiles();
    this.monitoring = new ProjectMonitoring(project, scope, monitoring);
    this.previews = options.previews && new Previews(options.previews, this.defaults);
    this.add(listOf('Delivery environments', options.environments ?? [], '{ name: \'staging\', ... }'));
    if (this.previews) this.ci.addPreviews(this.previews);
  }

  /**
   * The workflow that contains the jobs, to add your own jobs and steps. If there are several release workflows, that of the default
   * branch, or else the first.
   */
  public get workflow(): GithubWorkflow {
    return this.workflows[0];
  }

  /** All workflows that contain the jobs: several if several release branches deploy. */
  public get workflows(): GithubWorkflow[] {
    return this.ci.deployWorkflows;
  }

  /** The workflow `rollback`, to add your own steps: a login before `rollback` and `recover`, for example. */
  public get rollbackWorkflow(): GithubWorkflow {
    return this.ci.rollbackWorkflow;
  }

  /** The workflow `drill`, to add your own steps; undefined if there are no drills. */
  public get drillWorkflow(): GithubWorkflow | undefined {
    return this.ci.drillWorkflow;
  }

  /** The workflow `monitor`, to add your own steps; undefined without a schedule. */
  public get monitorWorkflow(): GithubWorkflow | undefined {
    return this.ci.monitorWorkflow;
  }

  /** The workflow `plan`, to add your own steps; undefined without `pullRequests: { plan: true }`. */
  public get planWorkflow(): GithubWorkflow | undefined {
    return this.ci.planWorkflow;
  }

  /** The workflow `preview`, to add your own steps; undefined without `previews`. */
  public get previewWorkflow(): GithubWorkflow | undefined {
    return this.ci.previewWorkflow;
  }

  /**
   * Adds an environment. The environments that it names (`after`, `requires`) must have been added before.
   *
   * @param name the name on GitHub: letters, digits and `. _ / -`, at most 64
   * @param options trigger, URL and further options
   */
  public addEnvironment(name: string, options: EnvironmentOptions): void {
    this.add([{ ...options, name }]);
  }

  /**
   * Returns the id of an environment's job, for `needs` and outputs: `needs.environment_staging.outputs.config`. An unknown environment
   * is an error. The id of the build job is `build`. The ids of a subproject contain its name: `deploy_api_staging`.
   *
   * @param environment the name of the environment
   * @param kind the kind of the job
   */
  public jobId(environment: string, kind: JobKind): string {
    checkEnvironmentNames('jobId environment', [environment], this.environments.map(({ name }) => name));
    if (!Object.values(JobKind).includes(kind)) invalid('jobId kind', `${show(kind)} is not a JobKind`, 'Write a kind such as JobKind.DEPLOY');
    return environmentJobId(kind, this.environments.find(({ name }) => name === environment)!.id);
  }

  /** Validates what other components added or changed, and warns. Called by projen. */
  public preSynthesize(): void {
    super.preSynthesize();
    this.warned.clear();
    if (this.environments.length === 0) {
      invalid('Delivery environments', 'there is none, so nothing would be deployed', 'Add one to environments, or call addEnvironment');
    }
    checkImages(this.environments, this.releaseFiles.image);
    if (this.previews) checkPreviewFiles(this.releaseFiles);
    for (const environment of this.environments) checkFunctionImage(environment, this.releaseFiles.image?.manifest.repository);
    if (this.options.drill) checkDrilled(this.options.drill, this.environments);
    this.monitoring.check();
    this.ci.validateTriggers(this.environments);
    this.checkSiteBranches();
    this.checkAlerts();
    this.ci.validate();
    this.ci.atEnd((validateFiles) => this.checkAtEnd(validateFiles));
    this.monitoring.checkExports();
    // tasks may have been added after the delivery
    for (const environment of this.environments) environment.manifest(this.project);
    this.previews?.manifest(this.project);
    for (const alert of this.options.alerts ?? []) alert._manifest(this.project);
    for (const { option, task } of this.releaseFiles.buildTasks) findTask(option, this.project, task);
    this.warn(this.warnings());
    this.sayNotes();
    checkBuildEnvironment(this.releaseFiles.image?.registryLogin, this.environments);
    if (this.environments.some(({ login }) => login !== undefined) || this.releaseFiles.image?.manifest.login) this.sayTrust();
  }

  /** Checks again after all components: they may have removed files or changed workflows. */
  private checkAtEnd(validateFiles: () => string[]): void {
    this.ci.validateTriggers(this.environments);
    checkCommitted(this.project.root, [...this.files, ...this.ci.files]);
    this.ci.validate();
    this.warn([...this.ci.hostWarnings(), ...validateFiles()].filter((warning) => !this.warned.has(warning)));
  }

  /** A role that does not trust the jobs fails in the first deployment. */
  private sayTrust(): void {
    const words = commandWords('trust', { options: { [OPTION.PROJECT]: this.scope.project?.name } });
    this.project.logger.info(`projen-delivery: the roles of Login.aws must trust the jobs. This prints their trust policies: ${lineOf(this.project, words)}`);
  }

  /** What the strategies can say, for the person who chooses their options. */
  private sayNotes(): void {
    for (const { name, strategy } of this.environments) {
      for (const note of strategy.notes?.() ?? []) this.project.logger.info(`projen-delivery: the canary on ${show(name)}: ${note}`);
    }
  }

  private warn(warnings: string[]): void {
    for (const warning of warnings) {
      this.project.logger.warn(`projen-delivery: ${warning}`);
      this.warned.add(warning);
    }
  }

  private checkSiteBranches(): void {
    const environments = deliveriesOf(this.project).flatMap((one) => one.environments);
    checkSiteBranches(this.environments, { environments, released: this.ci.releaseBranches });
  }

  private checkAlerts(): void {
    const { monitoring } = this;
    const [names, watched] = [this.environments, monitoring.watched].map((all) => all.map(({ name }) => name));
    for (const alert of this.options.alerts ?? []) alert._check(names, watched, (unwatched) => monitoring.howToWatch(unwatched));
  }

  private add(added: NamedEnvironment[]): void {
    const environments = added.map((one) => {
      const { name, ...options } = objectOf('Delivery environments', one, '{ name: \'staging\', ... }');
      return new Environment(name, options, this.defaults);
    });
    environments.forEach((environment) => checkNoPreview(environment, this.previews));
    environments.forEach((environment, i) => checkDistinct(environment, [...this.environments, ...environments.slice(0, i)]));
    this.releaseFiles.add(environments, this.environments);
    const others = deliveriesOf(this.project).filter((other) => other !== this);
    for (const environment of inOrder(environments, this.environments)) {
      checkDisjoint(environment, this.environments);
      checkTwins(environment, this.environments);
      checkPlace(environment, this.environments);
      for (const { environments: theirs, project } of others) checkTwinsOfProject(environment, theirs, project.name);
      this.environments.push(environment);
      this.monitoring.add(environment);
    }
    if (environments.length > 0) this.ci.addEnvironments(this.environments.slice(-environments.length));
  }

  private writeFiles(): FileBase[] {
    const { project, scope } = this;
    const { root } = project;
    const runtime = RuntimeFile.at(root);
    runtime.need(() => [
      ...this.environments.flatMap(({ target }) => target.driver?.kind ?? []),
      ...this.environments.some(({ strategy }) => strategy.manifest.analysis) ? ['analysis'] : [],
      ...this.options.pullRequests ? ['pullRequests'] : [],
      ...this.options.previews ? ['previews'] : [],
      ...this.options.monitoring ? ['monitoring'] : [],
    ]);
    const manifest = new ManifestFile(root, scope.manifestFile, () => this.manifest(runtime));
    for (const one of new Set([root, project])) javascript.Prettier.of(one)?.addIgnorePattern('.projen/');
    addTask(project, scope);
    // the commands in messages work in both directories
    addTask(root, Scope.of(root));
    return [runtime, manifest];
  }

  private manifest(runtime: RuntimeFile): Manifest {
    const { alerts = [], lock, workflowNames: { rollback, drill, preview } = {} } = this.options;
    return {
      schema: MANIFEST_SCHEMA,
      runtime: { version: packageVersion(), sha256: runtime.sha256 },
      project: this.scope.project,
      environments: this.environments.map((environment) => ({ ...environment.manifest(this.project), login: this.ci.loginOf(environment) })),
      workflowNames: rollback === undefined && drill === undefined && preview === undefined ? undefined : { rollback, drill, preview },
      artifact: this.releaseFiles.paths && { paths: this.releaseFiles.paths, buildLine: this.releaseFiles.build?.make },
      image: this.releaseFiles.image && { ...this.releaseFiles.image.manifest, buildLine: this.releaseFiles.imageBuild?.make },
      lock: lockManifest(lock),
      monitoring: this.monitoring.manifest(this.ci.approvalJobs),
      pullRequests: pullRequestsManifest(this.options.pullRequests, { onlyIfChanged: this.onlyIfChanged, environments: this.environments }),
      previews: this.previews?.manifest(this.project),
      alerts: alerts.length > 0 ? Alert._manifests(alerts, this.project) : undefined,
    };
  }

  private warnings(): string[] {
    return [
      ...this.environments.filter(({ knowsReleases }) => !knowsReleases).map(({ name }) => (
        `no health check of ${show(name)} identifies the release, so the old release may pass for the new one. Set release: ReleaseIdentity.json('version')`
      )),
      ...this.environments.flatMap(({ name, strategy, target }) => strategy.warnings(name, target.driver)),
      ...placeWarnings(this.environments),
      ...loginWarnings(this.environments, [...this.options.toolchainSteps ?? [], ...this.options.setupSteps ?? []]),
      ...this.environments.filter(({ alarms, login }) => alarms.length > 0 && login === undefined).map(({ alarms, name }) => (
        `the health check ${show(alarms[0].name)} of ${show(name)} reads a CloudWatch alarm, and the environment has no login, so only a runner with AWS credentials of its own can. `
        + 'Set login: Login.aws({ role, region, readRole })'
      )),
      ...this.monitoring.warnings(this.ci.limits),
      ...(this.options.alerts ?? []).flatMap((alert, _, all) => alert._warnings(this.monitoring.watched.map(({ name }) => name), all)),
      ...this.ci.warnings(),
      ...this.monitoring.exportWarnings(),
    ];
  }
}

/** Returns all deliveries of the repository. */
function deliveriesOf({ root }: Project): Delivery[] {
  return root.node.findAll().filter((one): one is Delivery => one instanceof Delivery);
}
