import { availableParallelism } from 'node:os';
import { journeyTo } from './journey';
import { OwnCommands, ownEnvironment, ownSecrets } from './own-commands';
import { Project } from './project';
import { endingOf, nextSlotOf, reportOf, tableOf } from './report';
import { allScenarios, describeScenario, RehearsalError, Scenario } from './scenario';
import { Outcome, World } from './world';
import { EnvironmentManifest, Manifest } from '../../src/contract/manifest';

export interface RehearseOptions {
  /** Of the repository. */
  readonly root: string;
  /** @default - the last one that a push reaches */
  readonly environment?: string;
  readonly subproject?: string;
  readonly all: boolean;
  readonly json: boolean;
  readonly scenario: Scenario;
  /** Executes the own commands of the environment. @default - a local service takes their place */
  readonly own?: OwnCommands;
  readonly print: (text: string) => void;
  readonly progress: (text: string) => void;
}

/** Rehearses one scenario, or all of them. Returns the exit code: 1 if a scenario ends unsafe. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const { all, environment: named, json, own, print, progress, root, scenario, subproject } = options;
  const project = new Project(root, subproject);
  const environment = chosen(project.manifest, named);
  const hasPromote = environment.target.promote !== undefined;
  if (scenario.fault === 'promote-fails' && !hasPromote) throw new RehearsalError(`${environment.name} has no command that promotes, so --fault promote-fails cannot happen`);
  if (own) progress(announced(project.manifest, own));
  const scenarios = all ? allScenarios({ hasPromote, isOwn: own !== undefined }) : [scenario];
  const about = { notes: [] as readonly string[], replaced: [] as readonly string[] };
  const outcomes = await inWorlds({ project, environment: environment.name, own }, scenarios, (world, outcome) => {
    Object.assign(about, { notes: world.notes, replaced: world.replaced.list });
    if (all) progress(`${endingOf(outcome).name.padEnd(12)} ${describeScenario(outcome.scenario)}`);
  });
  if (json) print(JSON.stringify(outcomes.map(asJson), undefined, 2));
  else if (all) print(tableWithNotes(outcomes, environment, about));
  else print(outcomes.map((outcome) => reportOf(outcome, environment, about)).join('\n\n'));
  return outcomes.some((outcome) => endingOf(outcome).name === 'unsafe') ? 1 : 0;
}

/** What is about to run on this machine. Throws `RehearsalError` where it must not. */
function announced(manifest: Manifest, own: OwnCommands): string {
  const { environment } = ownEnvironment(manifest, own, () => '');
  ownSecrets(environment, process.env);
  const { afterPromote, beforeDeploy, target } = manifest.environments.find(({ name }) => name === own.environment)!;
  const { deploy, migrate, promote, rollback, setWeight } = target;
  const all = [beforeDeploy, migrate, deploy, setWeight, promote, rollback, afterPromote];
  const commands = all.flatMap((command) => (command && command.kind !== 'driver' ? [command] : []));
  const lines = commands.map((command) => (command.kind === 'exec' ? command.argv.join(' ') : command.line));
  const variables = Object.entries(environment.variables).map(([name, value]) => `${name}=${value}`);
  return [
    `These commands of ${own.environment} are executed on this machine, and deploy to ${own.url}:`,
    ...[...new Set(lines)].map((line) => `  ${line}`),
    ...(variables.length > 0 ? ['with these variables:', ...variables.map((line) => `  ${line}`)] : []),
    '',
  ].join('\n');
}

function chosen(manifest: Manifest, named: string | undefined): EnvironmentManifest {
  const { environments } = manifest;
  if (named !== undefined) {
    // throws where it cannot be reached
    journeyTo(manifest, named, 1);
    return environments.find(({ name }) => name === named)!;
  }
  const found = [...environments].reverse().find(({ name }) => isReached(manifest, name));
  if (!found) journeyTo(manifest, environments.at(-1)!.name, 1);
  return found!;
}

function isReached(manifest: Manifest, name: string): boolean {
  try {
    return journeyTo(manifest, name, 1).length > 0;
  } catch (error) {
    if (error instanceof RehearsalError) return false;
    throw error;
  }
}

/** Two worlds at a time, if the machine has two cores; own commands have one place to deploy to. A world that a scenario leaves halted is replaced. */
async function inWorlds(
  { environment, own, project }: { readonly project: Project; readonly environment: string; readonly own?: OwnCommands },
  scenarios: readonly Scenario[],
  onOutcome: (world: World, outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  let slot: string | undefined = own?.slot;
  const work = async () => {
    let world: World | undefined;
    try {
      while (next < scenarios.length) {
        const index = next++;
        slot = world?.slot ?? slot;
        if (world && !world.isClean) {
          await world.close();
          world = undefined;
        }
        if (!world) {
          world = await World.open(project, environment, own);
          await world.begin(slot);
        }
        outcomes[index] = await world.rehearse(scenarios[index]!);
        onOutcome(world, outcomes[index]!);
      }
    } finally {
      await world?.close();
    }
  };
  await Promise.all(Array.from({ length: own ? 1 : Math.min(2, availableParallelism(), scenarios.length) }, work));
  return outcomes;
}

function tableWithNotes(
  outcomes: readonly Outcome[],
  environment: EnvironmentManifest,
  { notes, replaced }: { readonly notes: readonly string[]; readonly replaced: readonly string[] },
): string {
  const unsafe = outcomes.filter((outcome) => endingOf(outcome).name === 'unsafe').length;
  return [
    `Rehearsal of ${environment.name}: ${outcomes.length} scenarios, ${unsafe} unsafe`,
    '',
    tableOf(outcomes),
    '',
    ...(replaced.length > 0 ? [`Not executed: ${replaced.join('; ')}.`] : []),
    ...notes.map((note) => `Note: ${note}.`),
    ...outcomes.slice(-1).flatMap(({ slot }) => (slot === undefined ? [] : [nextSlotOf(slot)])),
    'Next: delivery rehearse --release <release> --fault <fault> shows one of them in detail.',
  ].join('\n');
}

function asJson(outcome: Outcome): unknown {
  const { calls, delivered, environment, issues, live, phases, run, scenario, seconds, users, version, before } = outcome;
  const jobs = Object.fromEntries(Object.entries(run.jobs).map(([id, { result }]) => [id, result]));
  return {
    ...scenario,
    ...endingOf(outcome),
    environment,
    version,
    before,
    live,
    users,
    run: run.conclusion,
    jobs,
    phases,
    commands: calls,
    notifications: delivered,
    issues,
    seconds,
  };
}
