import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { RehearsalError } from './scenario';
import { commandWords, OPTION } from '../../src/contract/command-line';
import { Manifest, manifestFile, RUNTIME_FILE } from '../../src/contract/manifest';
import { Step, Workflow } from '../github-actions-emulator';

const WORKFLOWS = '.github/workflows';

/** Where an environment is deployed. */
export interface DeployJobs {
  /** The workflow's file. */
  readonly file: string;
  readonly workflow: Workflow;
  readonly deployJob: string;
  /** Undefined where others changed the workflow so that no job monitors. */
  readonly monitorJob?: string;
}

/** A project with a delivery, as it lies on this machine. Only what was synthesized is read. */
export class Project {
  public readonly manifest: Manifest;
  public readonly workflows: ReadonlyMap<string, Workflow>;

  /** Throws `RehearsalError` where nothing was synthesized. */
  constructor(public readonly root: string, private readonly subproject?: string) {
    const file = join(root, manifestFile(subproject));
    if (!existsSync(file)) throw new RehearsalError(`${root} has no ${manifestFile(subproject)}. Run this at the root of a repository with a delivery, after npx projen.`);
    this.manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    const folder = join(root, WORKFLOWS);
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
    this.workflows = new Map(files.map((name) => [name, parse(readFileSync(join(folder, name), 'utf8')) as Workflow]));
  }

  /** The jobs of an environment, found by the runtime's commands in them. */
  public jobsOf(environment: string): DeployJobs {
    for (const [file, workflow] of this.workflows) {
      const deployJob = this.jobThatRuns(workflow, 'deploy', environment);
      if (deployJob) return { file, workflow, deployJob, monitorJob: this.jobThatRuns(workflow, 'monitor', environment) };
    }
    throw new RehearsalError(`no workflow deploys ${environment}. Run npx projen, and look for a job deploy_${environment} in ${WORKFLOWS}.`);
  }

  /** A git repository with the workflows as they are, the manifest of the rehearsal, and files in place of those that a build makes. */
  public copyTo(folder: string, manifest: Manifest): void {
    this.copyDelivery(folder, manifest);
    for (const path of manifest.artifact?.paths ?? []) writeBuilt(join(folder, manifest.project?.directory ?? '', path));
    if (manifest.project) mkdirSync(join(folder, manifest.project.directory), { recursive: true });
    git(folder, 'init', '--quiet', '--initial-branch=main');
  }

  /** The runtime and the workflows as they are, and the manifest of the rehearsal. */
  public copyDelivery(folder: string, manifest: Manifest): void {
    mkdirSync(join(folder, '.projen'), { recursive: true });
    for (const name of readdirSync(join(this.root, '.projen'))) {
      if (/^delivery.*\.c?js(on)?$/.test(name)) copy(join(this.root, '.projen', name), join(folder, '.projen', name));
    }
    copy(join(this.root, WORKFLOWS), join(folder, WORKFLOWS));
    this.writeManifest(folder, manifest);
  }

  public writeManifest(folder: string, manifest: Manifest): void {
    const file = join(folder, manifestFile(this.subproject));
    // what projen writes is read-only
    rmSync(file);
    writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  }

  private jobThatRuns(workflow: Workflow, command: 'deploy' | 'monitor', environment: string): string | undefined {
    const words = commandWords(command, { environment });
    const project = this.subproject === undefined ? undefined : `--${OPTION.PROJECT} ${this.subproject}`;
    const runs = ({ run = '' }: Step) => run.split('\n').some((line) => {
      const after = line.split(`${RUNTIME_FILE} `)[1];
      return after !== undefined && (after === words || after.startsWith(`${words} `)) && (project === undefined ? !after.includes(` --${OPTION.PROJECT} `) : after.includes(project));
    });
    return Object.entries(workflow.jobs).find(([, { steps = [] }]) => steps.some(runs))?.[0];
  }
}

/** Also over what is read-only, as all that projen writes. */
function copy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}

/** What is packed differs from release to release. */
const BUILT = 'rehearsal.txt';

function writeBuilt(path: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, BUILT), 'the files of a release\n');
}

/** Commits a release; its sha. */
export function commitRelease(folder: string, { artifact, project }: Manifest, title: string): string {
  for (const path of artifact?.paths ?? []) {
    const file = join(folder, project?.directory ?? '', path, BUILT);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${title}\n`);
  }
  git(folder, 'add', '--all', '--force');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', title);
  return git(folder, 'rev-parse', 'HEAD');
}

/** The git of a rehearsal sees nothing of the settings and hooks of this machine. */
export function git(folder: string, ...argv: string[]): string {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const identity = ['user.name=an engineer', 'user.email=engineer@example.com', 'commit.gpgSign=false', 'core.hooksPath=/dev/null'];
  const env = { ...own, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...identity.flatMap((one) => ['-c', one]), ...argv], { cwd: folder, env, encoding: 'utf8' }).trim();
}
