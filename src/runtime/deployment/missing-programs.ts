import { resolve } from 'node:path';
import { EnvironmentManifest, HealthCheckManifest, TargetCommandManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { RecordKind } from '../ledger/record';
import { environmentWithoutOurs } from '../processes/command-environment';
import { foldersOf, ProgramPlace, problemOfProgram } from '../processes/find-program';
import { changesNothingHere, firstCommand } from '../processes/first-command';
import { packageWithoutScript, ProjenTasks, readTasks, TASKS_FILE, taskFolders, taskIn, TaskStep } from '../processes/projen-task';
import { shellWord, unlessEjected } from '../reporting/command-line';
import { strategyOf } from '../strategies/rollout-strategy';

type Named = readonly [option: string, command: TargetCommandManifest | undefined];

/**
 * Finds the programs of the commands of a deployment that certainly do not exist here. Each command counts by itself: a job that
 * recovers a deployment runs it on a fresh runner. What cannot be known from the text is taken to exist.
 *
 * @returns for each, which option runs what, where it was looked for, and the fix
 */
export function missingPrograms(context: RuntimeContext, kind: RecordKind): string[] {
  // Windows finds programs by other rules
  if (process.platform === 'win32') return [];
  const { directory, environment, processEnv } = context;
  const env = { ...environmentWithoutOurs(processEnv, environment), ...environment.variables };
  const found = commandsOf(context, kind).flatMap(([option, command]) => {
    const problem = command && problemOf(command, new Search(context, env, { directory, folders: foldersOf(env) }));
    return problem === undefined ? [] : [`${environment.name}: ${option} runs ${problem}`];
  });
  return [...new Set(found)];
}

/** Every command that a deployment of a kind may run, its rollback included. */
function commandsOf({ environment }: RuntimeContext, kind: RecordKind): Named[] {
  const { afterPromote, beforeDeploy, healthChecks, target } = environment;
  const isRollback = kind === 'rollback';
  return [
    ...(isRollback ? [] : [['beforeDeploy', beforeDeploy]] as Named[]),
    ...(kind === 'deploy' ? [['target migrate', target.migrate]] as Named[] : []),
    ...(isRollback && target.rollback ? [] : [['target deploy', target.deploy]] as Named[]),
    ...(strategyOf(environment).promotes === 'atOnce' ? [['target promote', target.promote]] as Named[] : []),
    ...(strategyOf(environment).promotes === 'byWeight' ? [['target setWeight', target.setWeight]] as Named[] : []),
    ...(kind === 'deploy' ? metricCommands(environment) : []),
    ['target rollback', target.rollback],
    ['afterPromote', afterPromote],
    ...healthChecks.flatMap(commandChecks),
  ];
}

/** A drill and a rollback compare nothing. */
function metricCommands({ strategy }: EnvironmentManifest): Named[] {
  return (strategy.analysis?.metrics ?? []).flatMap(({ metric }): Named[] => {
    if (metric.kind === 'cloudWatch') return [['Metric.cloudWatch', { kind: 'exec', argv: ['aws'] }]];
    return metric.kind === 'command' ? [['Metric.command', metric.command]] : [];
  });
}

function commandChecks(check: HealthCheckManifest): Named[] {
  if ('checks' in check) return check.checks.flatMap(commandChecks);
  return check.kind === 'command' ? [[`health check "${check.name}"`, check.command]] : [];
}

function problemOf(command: TargetCommandManifest, search: Search): string | undefined {
  // the driver's preflight looks for the programs that it runs
  if (command.kind === 'driver') return undefined;
  if (command.kind === 'exec') return search.inWords(command.argv);
  const words = firstCommand(command.line, 'bash', search.env);
  return words && search.inWords(words);
}

/** Tasks that start projen, which starts tasks: no deeper than this. */
const DEEPEST = 5;

/** Looks for the programs of one command. */
class Search {
  constructor(
    private readonly context: RuntimeContext, public readonly env: NodeJS.ProcessEnv, private readonly place: ProgramPlace,
    private readonly depth = 0,
  ) {}

  public inWords(words: readonly string[]): string | undefined {
    const task = this.depth < DEEPEST ? taskIn(words) : undefined;
    const tasks = task === undefined ? undefined : readTasks(this.place.directory);
    return this.inProgram(words[0]) ?? this.inScript(words) ?? (tasks && this.inTask(task!, tasks, []).problem);
  }

  private inProgram(name: string): string | undefined {
    const { directory, folders } = this.place;
    if (this.isOfArtifact(name)) return undefined;
    switch (problemOfProgram(name, this.place)) {
      case undefined: return undefined;
      case 'notExecutable': return `${name}, which is not executable (${resolve(directory, name)}). Run chmod +x ${shellWord(name)}, and commit it`;
      case 'missing':
    }
    if (/\/projen$/.test(name)) return `${name}, which does not exist (looked in ${directory}). Install the project's dependencies first${this.context.run.inCi ? ': toolchainSteps replace the steps that do' : ''}`;
    if (name.includes('/')) return `${name}, which does not exist (looked in ${directory}). Create it, run chmod +x ${shellWord(name)}, and commit it`;
    return `${name}, which is in no folder of the PATH (${folders!.join(':')}). ${this.context.run.inCi ? `Install ${name} in setupSteps` : `Install ${name}`}`;
  }

  /** `npm run NAME`, `bash FILE`. */
  private inScript([program, first, second, ...rest]: readonly string[]): string | undefined {
    const { directory } = this.place;
    if (['npm', 'pnpm'].includes(program) && first === 'run' && isPlainName(second) && !rest.some((word) => word.startsWith('-') && word !== '--')) {
      if (Object.keys(this.env).some((name) => /^npm_config_(if.present|workspaces?|prefix)$/i.test(name))) return undefined;
      const file = packageWithoutScript(second, directory);
      return file && `${program} run ${second}, and ${file} has no script "${second}". Add it to the scripts`;
    }
    // bash looks in the folders of PATH for what has no slash
    if (!['bash', 'sh'].includes(program) || first === undefined || !/^[\w.-]*\/[\w./-]+$/.test(first) || this.isOfArtifact(first)) return undefined;
    return problemOfProgram(first, this.place) === 'missing' ? `${program} ${first}, and ${first} does not exist (looked in ${directory}). Create it, and commit it` : undefined;
  }

  /** Looks as far as it is certain that a step runs, and that no step before it made the program. */
  private inTask(name: string, tasks: ProjenTasks, parents: readonly string[]): { readonly problem?: string; readonly goesOn: boolean } {
    const task = tasks.tasks[name];
    if (!task) {
      const fix = unlessEjected('Run npx projen, and commit the file', 'Restore it as an older commit has it');
      return { problem: `the task ${name}, which ${resolve(this.place.directory, TASKS_FILE)} does not have. ${fix}`, goesOn: false };
    }
    if (task.condition !== undefined || parents.includes(name)) return { goesOn: false };
    for (const step of task.steps ?? []) {
      if (step.condition !== undefined) return { goesOn: false };
      if (step.say !== undefined) continue;
      if (step.spawn !== undefined) {
        const spawned = this.inTask(step.spawn, tasks, [...parents, name]);
        if (spawned.problem !== undefined || !spawned.goesOn) return spawned;
        continue;
      }
      const problem = this.inStep(step, { path: step.env?.PATH ?? task.env?.PATH ?? tasks.env?.PATH, cwd: step.cwd ?? task.cwd });
      if (problem !== undefined) return { problem: `the task ${name}, whose step "${step.exec ?? step.execArgs?.join(' ')}" runs ${problem}`, goesOn: false };
      if (!changesNothingHere(step.exec ?? step.execArgs?.join(' ') ?? '')) return { goesOn: false };
    }
    return { goesOn: true };
  }

  private inStep({ exec, execArgs }: TaskStep, { cwd = '.', path }: { readonly path?: string; readonly cwd?: string }): string | undefined {
    const words = execArgs ?? (exec === undefined ? undefined : firstCommand(exec, 'task', this.env));
    if (words?.[0] === undefined) return undefined;
    const place = { directory: resolve(this.place.directory, cwd), folders: taskFolders(path, this.place.directory, this.place.folders) };
    return new Search(this.context, this.env, place, this.depth + 1).inWords(words);
  }

  /** What is placed only when the deployment begins. */
  private isOfArtifact(name: string): boolean {
    const { directory, manifest: { artifact } } = this.context;
    const file = resolve(this.place.directory, name);
    return name.includes('/') && (artifact?.paths ?? []).some((path) => `${file}/`.startsWith(`${resolve(directory, path)}/`));
  }
}

function isPlainName(name: string | undefined): name is string {
  return name !== undefined && /^[\w.:@/-]+$/.test(name) && !name.startsWith('-');
}
