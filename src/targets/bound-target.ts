import { Project, Task } from 'projen';
import { shellLine, taskCommand, warmUp } from './commands';
import { shownTarget, Target } from './target';
import { TargetBinding, TargetCapability, TargetCommands, TargetContext } from './target-binding';
import { TargetCommand } from './target-command';
import { JobPermission, JobPermissions, JobStep } from '../ci/github-types';
import { CommandManifest, DriverManifest, TargetManifest } from '../contract/manifest';
import { Artifact, ArtifactOptions, checkArtifact } from '../delivery/artifact';
import { HealthCheck, healthChecksOf } from '../health-checks/health-check';
import { commandTimeoutOf } from '../strategies/strategy-definition';
import { listOf, objectOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets, checkVariables } from '../validation/variable-names';

const BINDING: OptionNames<TargetBinding> = {
  commands: true,
  capabilities: true,
  noRollback: true,
  artifact: true,
  setupSteps: true,
  permissions: true,
  secrets: true,
  readSecrets: true,
  variables: true,
  healthChecks: true,
  commandTimeout: true,
};

const COMMANDS: OptionNames<TargetCommands> = { migrate: true, deploy: true, promote: true, setWeight: true, rollback: true, remove: true };

const PERMISSIONS: OptionNames<JobPermissions> = {
  actions: true,
  attestations: true,
  checks: true,
  contents: true,
  deployments: true,
  idToken: true,
  issues: true,
  models: true,
  discussions: true,
  packages: true,
  pages: true,
  pullRequests: true,
  securityEvents: true,
  statuses: true,
};

const EXAMPLE = '{ commands: { deploy: TargetCommand.line(\'./ship.sh\') } }';

/** The validated binding of a target to one environment. */
export class BoundTarget {
  public readonly capabilities: readonly TargetCapability[];
  /** What a person does about a bad release that cannot be taken back. */
  public readonly noRollback?: string;
  public readonly artifact?: ArtifactOptions | Artifact;
  public readonly setupSteps: JobStep[];
  public readonly permissions: JobPermissions;
  public readonly secrets: string[];
  /** Those of them that the live release is read with. */
  public readonly readSecrets: string[];
  public readonly variables: Record<string, string>;
  public readonly healthChecks: HealthCheck[];
  public readonly commandTimeoutMs?: number;
  private readonly commands: TargetCommands;
  /** What messages call its commands. */
  private readonly shown: string;

  /**
   * @param option what messages call it
   * @param target the target
   * @param context the environment
   */
  constructor(option: string, target: Target, context: TargetContext) {
    const binding = optionsOf(`${option} bind()`, target.bind(context), BINDING, EXAMPLE, `${option} bind()`);
    this.shown = shownTarget(target, `${option} commands`);
    this.commands = commandsOf(`${option} commands`, binding.commands);
    this.capabilities = capabilitiesOf(option, binding);
    this.noRollback = noRollbackOf(`${option} noRollback`, binding);
    this.artifact = binding.artifact ?? undefined;
    if (this.artifact) checkArtifact(`${option} artifact`, this.artifact);
    this.setupSteps = listOf(`${option} setupSteps`, binding.setupSteps ?? [], '{ name: \'sign in\', run: \'./sign-in\' }');
    this.permissions = permissionsOf(`${option} permissions`, binding.permissions ?? {});
    checkSecrets(`${option} secrets`, binding.secrets ?? []);
    this.secrets = binding.secrets ?? [];
    this.readSecrets = readSecretsOf(`${option} readSecrets`, binding);
    checkVariables(`${option} variables`, binding.variables ?? {});
    this.variables = binding.variables ?? {};
    this.healthChecks = healthChecksOf(`${option} healthChecks`, binding.healthChecks ?? []);
    this.commandTimeoutMs = binding.commandTimeout && commandTimeoutOf(`${option} commandTimeout`, binding.commandTimeout);
  }

  /** Whether a deployment has outputs. */
  public get hasOutputs(): boolean {
    return this.capabilities.includes(TargetCapability.OUTPUTS);
  }

  /** The settings of the runtime's driver; undefined for commands. */
  public get driver(): DriverManifest | undefined {
    return this.commands.deploy._driver;
  }

  /** Whether its driver knows before a deployment what that would change. */
  public get plansChanges(): boolean {
    return ['awsCdk', 'gitOps', 'githubPages', 'kubernetes', 'kubernetesSlots', 'npm'].includes(this.driver?.kind ?? '');
  }

  /** Whether its driver reads the engine without a secret: with the token that every job has, or what everyone may read. */
  public get readsWithoutSecrets(): boolean {
    return ['githubPages', 'npm'].includes(this.driver?.kind ?? '');
  }

  /** Whether its driver prepares in the plan what a person approves. */
  public get reviewsChanges(): boolean {
    const driver = this.commands.deploy._driver;
    return driver?.kind === 'awsCdk' && driver.changeSet === 'review';
  }

  /** Whether the watch looks for drift. */
  public get detectsDrift(): boolean {
    const driver = this.commands.deploy._driver;
    return driver?.kind === 'awsCdk' && driver.driftIntervalMs !== undefined;
  }

  public get migrate(): TargetCommand | undefined {
    return this.commands.migrate;
  }

  /** Whether it deploys the delivery's image, and nothing else. */
  public get needsImage(): boolean {
    return ['ecs', 'ecsBlueGreen', 'serverContainers'].includes(this.driver?.kind ?? '');
  }

  public get rollback(): TargetCommand | undefined {
    return this.commands.rollback;
  }

  public get remove(): TargetCommand | undefined {
    return this.commands.remove;
  }

  /** Returns the command that removes a preview, ready to run. Called late, as `manifest`. */
  public removal(project: Project): CommandManifest | undefined {
    return this.commands.remove?._resolve(`${this.shown} remove`, project) as CommandManifest | undefined;
  }

  /** Returns the commands, ready to run. Called late, because tasks may be added after the delivery. */
  public manifest(project: Project): TargetManifest {
    const { migrate, deploy, promote, setWeight, rollback } = this.commands;
    const given = Object.entries({ migrate, deploy, promote, setWeight, rollback })
      .filter((entry): entry is [string, TargetCommand] => entry[1] !== undefined);
    const commands = Object.fromEntries(given.map(([name, command]) => [name, command._resolve(`${this.shown} ${name}`, project)]));
    const runsTask = given.some(([, command]) => command._kind === 'task');
    const { noRollback } = this;
    return { ...commands as unknown as TargetManifest, noRollback, warmUp: runsTask ? warmUp(project) : undefined, driver: deploy._driver };
  }

  /** A command around the target's: a task where the target deploys with a task, else a shell line. */
  public command(project: Project, option: string, what: string | Task): CommandManifest {
    if (this.commands.deploy._kind === 'task') return taskCommand(option, project, what);
    return { kind: 'bash', line: shellLine(option, what) };
  }
}

/** Plain JavaScript may pass any value, most likely the name of a task. */
export function checkTarget(option: string, target: Target): Target {
  // a class or a function has a method of that name, too
  if (typeof target === 'object' && typeof target?.bind === 'function') return target;
  invalid(option, `${show(target)} is not a Target`, `Write Target.tasks({ deploy: ${show(typeof target === 'string' ? target : 'ship')} })`);
}

function commandsOf(option: string, commands: TargetCommands): TargetCommands {
  if (commands === undefined || commands === null) invalid(option, 'they are missing', `Return them from bind: ${EXAMPLE}`);
  optionsOf(option, commands, COMMANDS, '{ deploy: TargetCommand.line(\'./ship.sh\') }', option);
  if (!commands.deploy) invalid(`${option} deploy`, 'it is missing', 'Set the command that deploys a release');
  for (const [name, command] of Object.entries(commands) as [string, unknown][]) {
    if (command === undefined || command === null || command instanceof TargetCommand) continue;
    invalid(`${option} ${name}`, `${show(command)} is not a TargetCommand`, `Write TargetCommand.line(${show(typeof command === 'string' ? command : `./${name}.sh`)})`);
  }
  return commands;
}

/** Slots without a promote command, or a promote command that no strategy would run, are mistakes. */
function capabilitiesOf(option: string, { capabilities, commands }: TargetBinding): TargetCapability[] {
  const known: readonly string[] = Object.values(TargetCapability);
  const found = listOf(`${option} capabilities`, capabilities ?? [], 'TargetCapability.SLOTS');
  const unknown = found.find((one) => !known.includes(one));
  if (unknown !== undefined) invalid(`${option} capabilities`, `${show(unknown)} is no capability of a target`, 'Write TargetCapability.SLOTS, TargetCapability.WEIGHTS or TargetCapability.OUTPUTS');
  const hasSlots = found.includes(TargetCapability.SLOTS);
  if (hasSlots && !commands.promote) {
    invalid(`${option} capabilities`, 'TargetCapability.SLOTS needs a command that moves traffic to a slot, and commands.promote is missing', 'Add promote, or leave SLOTS out');
  }
  if (!hasSlots && commands.promote) {
    invalid(`${option} commands promote`, 'no strategy would run it, because the target does not have TargetCapability.SLOTS', 'Add it to capabilities, or leave promote out');
  }
  const hasWeights = found.includes(TargetCapability.WEIGHTS);
  if (hasWeights && !commands.setWeight) {
    invalid(`${option} capabilities`, 'TargetCapability.WEIGHTS needs a command that splits the traffic, and commands.setWeight is missing', 'Add setWeight, or leave WEIGHTS out');
  }
  if (!hasWeights && commands.setWeight) {
    invalid(`${option} commands setWeight`, 'no strategy would run it, because the target does not have TargetCapability.WEIGHTS', 'Add it to capabilities, or leave setWeight out');
  }
  return found;
}

/** A command that goes back, and slots, which are a way back, contradict it. */
function readSecretsOf(option: string, { secrets = [], readSecrets = [] }: TargetBinding): string[] {
  checkSecrets(option, readSecrets);
  const other = readSecrets.find((name) => !secrets.includes(name));
  if (other !== undefined) invalid(option, `${show(other)} is no secret of the target`, 'Name it in secrets as well');
  return readSecrets;
}

function noRollbackOf(option: string, { capabilities = [], commands, noRollback }: TargetBinding): string | undefined {
  if (noRollback === undefined || noRollback === null) return undefined;
  if (typeof noRollback !== 'string' || noRollback.trim() === '' || !/^[^\p{Cc}]{1,500}$/u.test(noRollback)) {
    invalid(option, `${show(noRollback)} does not say in one line what a person does about a bad release`, 'Write it: \'Yank the version, and release a higher one\'');
  }
  if (commands.rollback) invalid(option, 'the target has a rollback command, so a release can be taken back', 'Leave one of the two out');
  const way = capabilities.find((one) => one === TargetCapability.SLOTS || one === TargetCapability.WEIGHTS);
  if (way !== undefined) invalid(option, `the target has TargetCapability.${way.toUpperCase()}, which moves users back`, 'Leave one of the two out');
  return noRollback.trim().replace(/\.$/, '');
}

function permissionsOf(option: string, permissions: JobPermissions): JobPermissions {
  const { READ, WRITE } = JobPermission;
  optionsOf(option, objectOf(option, permissions, '{ idToken: github.workflows.JobPermission.WRITE }'), PERMISSIONS, '{ idToken: \'write\' }', option);
  for (const [name, value] of Object.entries(permissions) as [string, unknown][]) {
    if (value === undefined || value === READ || value === WRITE) continue;
    invalid(`${option} ${name}`, `${show(value)} is not a permission that a target can add`, 'Write github.workflows.JobPermission.READ or .WRITE');
  }
  if (permissions.idToken === READ) invalid(`${option} idToken`, 'GitHub knows no read access to it', 'Write github.workflows.JobPermission.WRITE');
  // one order in every language: jsii sorts the fields of a struct
  const order = Object.keys(PERMISSIONS);
  return Object.fromEntries(Object.entries(permissions).sort(([one], [other]) => order.indexOf(one) - order.indexOf(other)));
}
