import { Component, FileBase, github, javascript, Project, Task } from 'projen';
import { ArtifactOptions, ARTIFACT_OPTIONS, artifactPaths, releasedPaths } from './artifact';
import { pathFilters } from './changed-paths';
import { Compatibility, COMPATIBILITY_OPTIONS } from './compatibility';
import { checkDrill, checkDrilled, DrillOptions } from './drill';
import { Environment, EnvironmentDefaults, EnvironmentOptions, NamedEnvironment } from './environment';
import { checkEnvironmentNames } from './environment-names';
import { checkDisjoint, inOrder } from './environment-order';
import { Lock, lockManifest } from './lock';
import { Scope } from './scope';
import { checkTwins, checkTwinsOfProject } from './twins';
import { Workflow, WorkflowPlace } from './workflow';
import { checkWorkflowNames, WorkflowNames } from './workflow-names';
import { taskLine } from '../targets/task-line';
import { Alert, alertManifests, checkAlerts } from '../alerts/alert';
import { CiProvider, CiSystem } from '../ci/ci-system';
import { ciSystemOf } from '../ci/ci-system-of';
import { environmentJobId } from '../contract/jobs';
import { Manifest, manifestFile, MANIFEST_SCHEMA, RUNTIME_FILE } from '../contract/manifest';
import { WORKFLOW } from '../contract/workflows';
import { checkCommitted } from '../files/committed-files';
import { rejectForeignFile } from '../files/generated-file';
import { ManifestFile } from '../files/manifest-file';
import { repositoryAround } from '../files/repository-root';
import { packageVersion, RuntimeFile } from '../files/runtime-file';
import { Monitoring, MonitoringOptions } from '../monitoring/monitoring';
import { checkRunsOn } from '../validation/runs-on';
import { invalid, show } from '../validation/validation-error';
import { listOf, objectOf, OptionNames, optionsOf } from '../validation/option-types';
import { checkTarget, findTask, Target } from '../targets/target';
import { checkSecrets, checkVariables } from '../validation/variable-names';
import { Exports } from '../monitoring/exports/exports';

/** Of the component in its project: there is one at most. */
const ID = 'Delivery';

/** The task that runs the runtime by hand. */
const TASK = 'delivery';

/**
 * What is delivered, how, and where to.
 */
export interface DeliveryOptions {
  /** How a release gets to an environment and back. Environments can have another one. */
  readonly target: Target;

  /**
   * Where releases go. Their order does not matter.
   *
   * @default - none yet: see `addEnvironment`
   */
  readonly environments?: NamedEnvironment[];

  /**
   * Files that are built once and deployed many times.
   *
   * @default - none: the deploy commands work from the repository
   */
  readonly artifact?: ArtifactOptions;

  /**
   * Steps that the project's tasks need first: a language and its dependencies. They run in every job that runs a task: the build, the
   * jobs that deploy or roll back, and those that only look where a health check or an alert is a command. Given steps replace the
   * default; an empty list means none. Known actions are pinned to a commit, and caches are left out: what can write a cache could deploy.
   *
   * @default - what the project's tasks need, as the project says it: Node and its package manager; Python (`.python-version`, else
   * what `pyproject.toml` allows, else 3.13) and the virtual environment that pip, Poetry or uv fill; the JDK that the pom compiles for
   * and Maven's dependencies; the CLI of AWS CDK and cdk8s apps in Python and Java. Nothing where a project has no language.
   */
  readonly toolchainSteps?: github.workflows.JobStep[];

  /**
   * Steps that the commands of a deployment need beside the toolchain: a login, a tool. They run after it in the jobs that deploy, roll
   * back, drill or recover, and nowhere else: only those have the GitHub environment, its secrets and, with `idToken`, an OIDC token.
   * Actions are pinned and caches left out as in `toolchainSteps`.
   *
   * @default - none
   */
  readonly setupSteps?: github.workflows.JobStep[];

  /**
   * The workflow that the jobs stand in.
   *
   * @default Workflow.own()
   */
  readonly workflow?: Workflow;

  /**
   * Names for the workflows that this delivery writes, where the standard names are taken or do not fit. GitHub, your bookmarks and
   * `gh workflow run` know a workflow by its file, so choose them before the first deployment.
   *
   * @default - `deploy`, `rollback`, `monitor` and `drill`, in a subproject with its name: `deploy_api`
   */
  readonly workflowNames?: WorkflowNames;

  /**
   * Files and folders, relative to the repository's root, which a push to a branch must change to start the workflow; what this
   * delivery's options say counts as one of them. In a monorepo typically the subproject's folder and those that it is built from.
   * A folder stands for everything in it, `*` for anything without a slash, `**` for anything; what begins with `!` takes out of
   * what stands before it.
   *
   * **A tag starts it whatever it changed**: GitHub does not filter tags by paths, so give each project tags of its own:
   * `Trigger.tag('api-v*')`. Of a push that changes very many files GitHub looks at the first 300.
   *
   * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
   * @default - every push to a branch that an environment names
   */
  readonly onlyIfChanged?: string[];

  /**
   * Ids of jobs of the same workflow, a test matrix for example, that must succeed before anything is deployed.
   * Add them with `delivery.workflow.addJob`. A job that is missing when the project is synthesized is an error, and so is one whose
   * condition keeps it from running before a deployment. A warning lists jobs that you leave out.
   *
   * @default - all jobs of the workflow that can succeed before a deployment, also those that are added later. Left out are jobs that
   * only run when another one failed, that wait for a deployment, and, with a warning, those that the event that deploys never runs
   */
  readonly needs?: string[];

  /**
   * Plain values that the commands of every environment find in their environment.
   *
   * @default - none
   */
  readonly variables?: Record<string, string>;

  /**
   * Names of secrets that the commands of every environment find in their environment under the same name.
   *
   * @default - none
   */
  readonly secrets?: string[];

  /**
   * Labels of the runners. They need node 20 or later, bash and, for an artifact, GNU tar.
   *
   * @default - the project's, or ubuntu-latest
   */
  readonly runsOn?: string[];

  /**
   * What keeps two deployments of an environment apart.
   *
   * @default Lock.ledger()
   */
  readonly lock?: Lock;

  /**
   * Whether, where and when the way back is tried out: a workflow `drill` of its own.
   *
   * @default - never
   */
  readonly drill?: DrillOptions;

  /**
   * Who is told what becomes of deployments.
   *
   * @default - nobody: a red run and its summary are what tells
   */
  readonly alerts?: Alert[];

  /**
   * Whether and how the environments are watched between deployments: a workflow `monitor` of its own, configuration for other monitoring
   * systems, or both.
   *
   * @default - they are not
   */
  readonly monitoring?: MonitoringOptions;

  /**
   * What to leave out where GitHub cannot do it: on an older GitHub Enterprise Server, or beside custom protection apps.
   *
   * @default - nothing
   */
  readonly compatibility?: Compatibility;
}

const DELIVERY_OPTIONS: OptionNames<DeliveryOptions> = {
  target: true,
  environments: true,
  artifact: true,
  toolchainSteps: true,
  setupSteps: true,
  workflow: true,
  workflowNames: true,
  onlyIfChanged: true,
  needs: true,
  variables: true,
  secrets: true,
  runsOn: true,
  lock: true,
  drill: true,
  alerts: true,
  monitoring: true,
  compatibility: true,
};

/**
 * The kinds of jobs that each environment has in the workflow `deploy`.
 */
export enum JobKind {
  /** Plans: resolves release, Stable and configuration. Its outputs: `go`, `release`, `sha`, `stable`, `url`, `config`. */
  ENVIRONMENT = 'environment',
  /** Deploys, verifies, promotes and bakes; goes back by itself if the release is bad. Its output: `state`. */
  DEPLOY = 'deploy',
  /** Confirms, from a fresh runner. Its outputs: `completed_attempt`, `state`. */
  MONITOR = 'monitor',
  /** Finishes what is still open, if anything is. */
  ROLLBACK = 'rollback',
}

/**
 * Adds environment, deployment, monitoring and rollback jobs to the project's CI: a release is deployed, verified against what
 * users see, confirmed, and taken back automatically when it is bad.
 *
 * Writes the workflows `deploy` (or joins one that the project has) and `rollback` (the latter is a person's: rollbacks by hand and other decisions; `drill` and `monitor` on demand),
 * `.projen/delivery.json`, `.projen/delivery.cjs` and the task `delivery`. Files of these names that projen did not write are
 * never overwritten.
 *
 * A subproject's delivery writes its workflows and its manifest at the root as well, with the subproject's name (`deploy_api`,
 * `.projen/delivery-api.json`). Its commands run in the subproject's directory, artifact paths are relative to it, and its
 * records are its own, also where another project deploys to an environment of the same name.
 *
 * What could not work is refused with an error that names the option, the
 * value and the mend: when the object is made where that is possible, else when the project is synthesized.
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
   * The delivery of a project, if it has one.
   *
   * @param project the project
   */
  public static of(project: Project): Delivery | undefined {
    const found = project.node.tryFindChild(ID);
    return found instanceof Delivery ? found : undefined;
  }

  private readonly scope: Scope;
  private readonly ci: CiSystem;
  private readonly monitoring?: Monitoring;
  /** That which has a workflow of its own. */
  private readonly watch?: Monitoring;
  /** Of the files that are deployed, if there are any. */
  private readonly paths?: string[];
  private readonly environments: Environment[] = [];
  private readonly defaults: EnvironmentDefaults;
  private readonly exports: Exports;
  /** Those beside the workflows, without which no job runs. */
  private readonly files: FileBase[];
  /** What was said at the end: it comes twice, before and after what runs behind the synthesis. */
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
    const watch = monitoring?.isScheduled ? monitoring : undefined;
    const provider = checkProject(project, scope, options, place, watch);
    super(project, ID);
    this.scope = scope;
    this.monitoring = monitoring;
    this.watch = watch;
    this.paths = place.kind === 'release' ? releasedPaths(project, options.artifact) : options.artifact && artifactPaths(options.artifact.paths);
    this.defaults = { ...defaultsOf(scope, options), monitoring, fetchesFiles: this.paths !== undefined };
    this.ci = provider.create({
      artifact: options.artifact,
      make: this.buildLine,
      paths: this.paths,
      pathFilters: options.onlyIfChanged && pathFilters(options.onlyIfChanged, scope.manifestFile),
      toolchainSteps: options.toolchainSteps,
      setupSteps: options.setupSteps,
      needs: options.needs,
      runsOn: options.runsOn,
      writesRefs: lockManifest(options.lock) !== undefined,
      compatibility: options.compatibility ?? {},
      alerts: options.alerts ?? [],
    });
    this.files = this.writeFiles();
    this.exports = new Exports(project, scope, monitoring);
    this.add(listOf('Delivery environments', options.environments ?? [], '{ name: \'staging\', ... }'));
  }

  /** The workflow that the jobs stand in, for jobs and steps of your own; of several release workflows the first, that of the default branch if it has any. */
  public get workflow(): github.GithubWorkflow {
    return this.workflows[0];
  }

  /** All workflows that the jobs stand in: several where several release branches deploy. */
  public get workflows(): github.GithubWorkflow[] {
    return this.ci.deployWorkflows;
  }

  /** The workflow `rollback`, for steps of your own: a login before `rollback` and `recover`, if `deploy` has one. */
  public get rollbackWorkflow(): github.GithubWorkflow {
    return this.ci.rollbackWorkflow;
  }

  /** The workflow `drill`, for steps of your own; undefined where there is no drill. */
  public get drillWorkflow(): github.GithubWorkflow | undefined {
    return this.ci.drillWorkflow;
  }

  /** The workflow `monitor`, for steps of your own; undefined where nothing is watched on a schedule. */
  public get monitorWorkflow(): github.GithubWorkflow | undefined {
    return this.ci.monitorWorkflow;
  }

  /**
   * Adds an environment. Those that it names (`after`, `requires`) must be there before it.
   *
   * @param name as on GitHub: letters, digits and `. _ / -`, 64 at most
   * @param options what goes there, when and how
   */
  public addEnvironment(name: string, options: EnvironmentOptions): void {
    this.add([{ ...options, name }]);
  }

  /**
   * The id of an environment's job, for `needs` and outputs: `needs.environment_staging.outputs.config`.
   * An environment that is not there is an error. The build job's id is `build`. A subproject's ids carry its name: `deploy_api_staging`.
   *
   * @param environment the environment's name
   * @param kind which of its jobs
   */
  public jobId(environment: string, kind: JobKind): string {
    checkEnvironmentNames('jobId environment', [environment], this.environments.map(({ name }) => name));
    if (!Object.values(JobKind).includes(kind)) invalid('jobId kind', `${show(kind)} is no kind of a job`, 'Write JobKind.DEPLOY, for example');
    return environmentJobId(kind, this.environments.find(({ name }) => name === environment)!.id);
  }

  /** Checks what others added or changed meanwhile, and warns. Called by projen. */
  public preSynthesize(): void {
    super.preSynthesize();
    this.warned.clear();
    if (this.environments.length === 0) {
      invalid('Delivery environments', 'there is none, so nothing would ever be deployed', 'Name one in environments, or call addEnvironment');
    }
    if (this.options.drill) checkDrilled(this.options.drill, this.environments.map(({ name }) => name));
    this.monitoring?.check(this.environments.map(({ name }) => name));
    this.monitoring?.checkBranches(this.environments.flatMap(({ trigger }) => (trigger.kind === 'branch' ? [trigger.branch] : [])));
    this.checkTriggers();
    this.ci.validateTriggers(this.environments);
    this.checkAlerts();
    this.ci.validate();
    this.ci.atEnd((validateFiles) => this.checkAtEnd(validateFiles));
    this.exports.check();
    // tasks may have been added after the delivery
    for (const environment of this.environments) environment.manifest(this.project);
    for (const alert of this.options.alerts ?? []) alert._manifest(this.project);
    const buildTask = this.options.artifact?.buildTask;
    if (buildTask !== undefined) findTask('artifact.buildTask', this.project, buildTask);
    this.warn(this.warnings());
  }

  /** Checks again, now that all components have had their turn: files may have been removed, and workflows written anew. */
  private checkAtEnd(validateFiles: () => string[]): void {
    this.ci.validateTriggers(this.environments);
    checkCommitted(this.project.root, [...this.files, ...this.ci.files]);
    this.ci.validate();
    this.warn([...this.ci.warnings(), ...validateFiles()].filter((warning) => !this.warned.has(warning)));
  }

  private warn(warnings: string[]): void {
    for (const warning of warnings) {
      this.project.logger.warn(`projen-delivery: ${warning}`);
      this.warned.add(warning);
    }
  }

  private checkAlerts(): void {
    const howToWatch = (names: string[]) => this.monitoring?.howToWatch(names) ?? 'Say monitoring: {} in the delivery\'s options';
    const [names, watched] = [this.environments, this.watched].map((all) => all.map(({ name }) => name));
    for (const alert of this.options.alerts ?? []) alert._check(names, watched, howToWatch);
  }

  private checkTriggers(): void {
    if (this.options.onlyIfChanged === undefined || this.environments.some(({ trigger }) => trigger.kind === 'branch')) return;
    invalid('Delivery onlyIfChanged', 'no environment has Trigger.branch, and GitHub looks at the paths of nothing else', 'Leave it out');
  }

  private add(added: NamedEnvironment[]): void {
    const environments = added.map((one) => {
      const { name, ...options } = objectOf('Delivery environments', one, '{ name: \'staging\', ... }');
      return new Environment(name, options, this.defaults);
    });
    environments.forEach((environment, i) => checkDistinct(environment, [...this.environments, ...environments.slice(0, i)]));
    const others = deliveriesOf(this.project).filter((other) => other !== this);
    for (const environment of inOrder(environments, this.environments)) {
      checkDisjoint(environment, this.environments);
      checkTwins(environment, this.environments);
      for (const { environments: theirs, project } of others) checkTwinsOfProject(environment, theirs, project.name);
      this.environments.push(environment);
      this.exports.add(environment);
    }
    if (environments.length > 0) this.ci.addEnvironments(this.environments.slice(-environments.length));
  }

  private get buildLine(): string | undefined {
    const { buildTask } = this.options.artifact ?? {};
    return buildTask === undefined ? undefined : taskLine(this.project, new Task(typeof buildTask === 'string' ? buildTask : buildTask.name));
  }

  private writeFiles(): FileBase[] {
    const { project, scope } = this;
    const { root } = project;
    const runtime = RuntimeFile.at(root);
    const manifest = new ManifestFile(root, scope.manifestFile, () => this.manifest(runtime));
    for (const one of new Set([root, project])) javascript.Prettier.of(one)?.addIgnorePattern('.projen/');
    addTask(project, scope);
    // what a message tells people to run works wherever they are
    addTask(root, Scope.of(root));
    return [runtime, manifest];
  }

  private manifest(runtime: RuntimeFile): Manifest {
    const { alerts = [], lock, workflowNames: { rollback, drill } = {} } = this.options;
    return {
      schema: MANIFEST_SCHEMA,
      runtime: { version: packageVersion(), sha256: runtime.sha256 },
      project: this.scope.project,
      environments: this.environments.map((environment) => environment.manifest(this.project)),
      workflowNames: rollback === undefined && drill === undefined ? undefined : { rollback, drill },
      artifact: this.paths && { paths: this.paths, buildLine: this.buildLine },
      lock: lockManifest(lock),
      monitoring: this.watch?.manifest({
        environments: this.watched.map(({ name }) => name),
        workflow: `${this.scope.workflowName(WORKFLOW.MONITOR)}.yml`,
        deploymentWorkflows: this.ci.approvalJobs,
        statusPage: this.watch.statusPage?._manifest((base) => this.scope.nameOf(base)),
      }),
      alerts: alerts.length > 0 ? alertManifests(alerts, this.project) : undefined,
    };
  }

  private get watched(): Environment[] {
    return this.environments.filter(({ name }) => this.watch?.watches(name));
  }

  private warnings(): string[] {
    return [
      ...this.environments.filter(({ knowsReleases }) => !knowsReleases).map(({ name }) => (
        `no health check of ${show(name)} can tell which release answers, so the old one may pass for the new one. Say release: ReleaseIdentity.json('version')`
      )),
      ...this.environments.filter(({ strategy }) => strategy.kind === 'blueGreen' && strategy.candidateUrl === undefined).map(({ name }) => (
        `the candidate on ${show(name)} is verified by the deploy command's exit code only, unless the command writes candidate-url=<url> to the file $DELIVERY_RESULT. `
        + 'Say Strategy.blueGreen({ candidateUrl: \'https://{slot}.example.com\' })'
      )),
      ...(this.options.drill?.schedule?._isAtFullHour ? [
        'the drill begins at the full hour, when GitHub is busiest and starts scheduled workflows late or not at all. Choose another minute: Schedule.weekly(\'Tue 03:17\')',
      ] : []),
      ...(this.watch && !this.watch.heartbeat ? [
        'in a public repository GitHub switches the watch off after 60 days without activity, and nobody would hear of it. '
        + 'Say heartbeat in monitoring: the name of a secret that holds the address of a service that raises the alarm when it hears nothing',
      ] : []),
      ...(this.watch?.warnings(this.watched.length) ?? []),
      ...this.watched.filter(({ watchedChecks }) => watchedChecks.length === 0).map(({ name }) => (
        `the watch runs no health check of ${show(name)}: all of its health checks are HealthCheckUse.GATE, so it watches only its deployments`
      )),
      ...(this.options.alerts ?? []).flatMap((alert, _, all) => alert._warnings(this.watched.map(({ name }) => name), all)),
      ...(repositoryAround(this.project.root.outdir) ? [
        'the project\'s folder is not the root of its git repository, and GitHub reads .github/workflows only there. '
        + 'Synthesize it at the root, or make it a subproject of a project there: parent and outdir',
      ] : []),
      ...this.ci.setupWarnings,
      ...this.exports.warnings(),
    ];
  }
}

/** The runtime by hand. */
function addTask(project: Project, { runtime }: Scope): void {
  if (project.tasks.tryFind(TASK)) return;
  project.addTask(TASK, {
    description: 'Plans, deploys, watches or rolls back a release by hand (--help shows how)',
    execArgs: [...runtime, '$@'],
    receiveArgs: true,
  });
}

/** Whether it is the delivery's: a root gets one for its subprojects. */
function isOurTask(task: Task): boolean {
  return task.steps.some(({ execArgs }) => execArgs?.[1]?.endsWith(RUNTIME_FILE));
}

function checkTask(project: Project): void {
  for (const one of new Set([project.root, project])) {
    const task = one.tasks.tryFind(TASK);
    if (task && !isOurTask(task)) invalid('Delivery', `the project ${show(one.name)} has a task ${show(TASK)} already`, 'Give that task another name');
  }
}

/** From plain JavaScript anything may come. */
function checkOptions(options: DeliveryOptions): void {
  optionsOf('Delivery', options, DELIVERY_OPTIONS, '{ target: Target.tasks({ deploy: \'ship\' }), environments: [...] }');
  const { artifact, compatibility, needs, runsOn } = options;
  if (artifact !== undefined) optionsOf('artifact', artifact, ARTIFACT_OPTIONS, '{ paths: [\'dist\'] }', 'artifact');
  if (compatibility !== undefined) optionsOf('Delivery compatibility', compatibility, COMPATIBILITY_OPTIONS, '{ withoutQueueMax: true }', 'Delivery compatibility');
  if (runsOn !== undefined) checkRunsOn('Delivery runsOn', runsOn);
  if (needs !== undefined) checkNeeds(needs);
}

function placeOf(workflow: Workflow): WorkflowPlace {
  const { _place: place } = workflow as Partial<Workflow>;
  return place ?? invalid('Delivery workflow', `${show(workflow)} is not a Workflow`, `Write Workflow.own() or Workflow.named(${show(typeof workflow === 'string' ? workflow : 'ci')})`);
}

function checkNeeds(needs: string[]): void {
  listOf('needs', needs, '\'test\'').forEach((need, i) => {
    if (typeof need !== 'string' || need === '') invalid('needs', `${show(need)} is not the id of a job`, 'Write one, for example \'test\'');
    if (needs.indexOf(need) !== i) invalid('needs', `${show(need)} is listed twice`, 'Name it once');
  });
}

/** What must be so before anything is made. */
function checkProject(project: Project, scope: Scope, options: DeliveryOptions, place: WorkflowPlace, watch?: Monitoring): CiProvider {
  const { alerts, drill, onlyIfChanged } = options;
  if (Delivery.of(project)) {
    invalid('Delivery', `the project ${show(project.name)} has one already`, 'Add environments to it: Delivery.of(project).addEnvironment(...)');
  }
  checkAlone(project, scope);
  if (onlyIfChanged !== undefined && place.kind !== 'own') {
    invalid('Delivery onlyIfChanged', 'the workflow that the jobs stand in has jobs of others, which it would keep from running', 'Say Workflow.own(), or leave it out');
  }
  if (drill !== undefined && drill !== null) checkDrill(drill);
  checkAlerts(alerts === undefined ? [] : alerts);
  checkWorkflowNames(options.workflowNames, place, { drill: drill !== undefined, monitoring: watch !== undefined });
  const provider = ciSystemOf({ project, scope, place, drill, monitoring: watch });
  if (options.runsOn === undefined) checkRunsOn('Delivery runsOn (the project\'s workflowRunsOn)', provider.runsOn ?? ['a group']);
  checkTask(project);
  for (const path of [...provider.ownFiles, scope.manifestFile, RUNTIME_FILE]) rejectForeignFile(project.root, path);
  return provider;
}

/** All of the repository's. */
function deliveriesOf({ root }: Project): Delivery[] {
  return root.node.findAll().filter((one): one is Delivery => one instanceof Delivery);
}

/** Files on a disk may ignore letter case, and so do GitHub's queues. */
function checkAlone({ root }: Project, { project }: Scope): void {
  if (!project) return;
  const isTakenBy = (other: Project) => Scope.of(other).project?.name.toLowerCase() === project.name.toLowerCase();
  const taken = deliveriesOf(root).map(({ project: other }) => other).find(isTakenBy);
  if (taken) {
    invalid('Delivery', `the files of ${show(project.directory)} would be called like those of ${show(Scope.of(taken).directory)} (${manifestFile(project.name)})`,
      'Give one of the two subprojects another name');
  }
}

function defaultsOf(scope: Scope, { target, variables, secrets, runsOn }: DeliveryOptions): Omit<EnvironmentDefaults, 'monitoring' | 'fetchesFiles'> {
  if (target === undefined) invalid('Delivery target', 'it is missing', 'Say how a release gets there: Target.tasks({ deploy: \'ship\' })');
  checkTarget('Delivery target', target);
  checkVariables('Delivery variables', variables ?? {});
  checkSecrets('Delivery secrets', secrets ?? []);
  return { scope, target, variables: variables ?? {}, secrets: secrets ?? [], runsOn };
}

function checkDistinct(environment: Environment, others: Environment[]): void {
  const option = `environment name ${show(environment.name)}`;
  for (const other of others) {
    if (other.name.toLowerCase() === environment.name.toLowerCase()) {
      invalid(option, 'it is listed twice (letter case makes no difference on GitHub)', 'Give one of them another name');
    }
    if (other.id.toLowerCase() === environment.id.toLowerCase()) {
      invalid(option, `its jobs would have the same ids as those of ${show(other.name)} (deploy_${environment.id})`, 'Give one of them another name');
    }
  }
}
