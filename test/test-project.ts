/**
 * The one place where tests make projects: each in an outdir of its own. Without one, projen would take (and synthSnapshot
 * would delete) the working directory.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { github, javascript, Project, python, typescript } from 'projen';
import { parse } from 'yaml';
import { Delivery, DeliveryOptions, HealthCheck, NamedEnvironment, ReleaseIdentity, Target, Trigger } from '../src';
import { Workflow } from './validators/workflow';
import { Manifest } from '../src/contract/manifest';

const folders: string[] = [];

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-test-'));
  folders.push(folder);
  return folder;
}

// the helpers are used outside jest too
if (typeof afterAll === 'function') {
  afterAll(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}

/** A TypeScript app with tasks. */
export function typescriptProject(options: Partial<typescript.TypeScriptProjectOptions> = {}): typescript.TypeScriptAppProject {
  return withTasks(new typescript.TypeScriptAppProject({
    name: 'shop',
    defaultReleaseBranch: 'main',
    packageManager: javascript.NodePackageManager.NPM,
    minNodeVersion: '20.0.0',
    outdir: temporaryFolder(),
    ...options,
  }));
}

/** A plain project to which GitHub was added. */
export function plainProject(options: github.GitHubOptions = {}, outdir = temporaryFolder()): Project {
  const project = new Project({ name: 'plain', outdir });
  new github.GitHub(project, { mergify: false, pullRequestLint: false, ...options });
  return withTasks(project);
}

export function pythonProject(outdir = temporaryFolder()): python.PythonProject {
  return withTasks(new python.PythonProject({
    name: 'service', moduleName: 'service', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0', outdir,
  }));
}

export function withTasks<T extends Project>(project: T): T {
  for (const name of ['ship', 'switch-traffic', 'restore', 'migrate']) project.addTask(name, { exec: 'true' });
  return project;
}

/** An environment that has all it needs. */
export function environment(name: string, rest: Partial<NamedEnvironment> = {}): NamedEnvironment {
  const url = `https://${name.replace(/[^a-z]/gi, '-')}.example.com`;
  return {
    name,
    url,
    trigger: Trigger.branch('main'),
    healthChecks: [HealthCheck.http(`${url}/health`, { release: ReleaseIdentity.json('version') })],
    ...rest,
  };
}

/** A target with everything a strategy may ask for. */
export function target(): Target {
  return Target.tasks({ deploy: 'ship', promote: 'switch-traffic' });
}

/** A delivery to one environment, where nothing else is said. */
export function deliver(project: Project, options: Partial<DeliveryOptions> = {}): Delivery {
  return new Delivery(project, { target: target(), environments: [environment('staging')], ...options });
}

/** What `npx projen` leaves in the project's folder. */
export class Synthesized {
  constructor(private readonly outdir: string) {}

  public text(path: string): string {
    return readFileSync(join(this.outdir, path), 'utf8');
  }

  public get deployText(): string {
    return this.workflowText('deploy');
  }

  public get deploy(): Workflow {
    return this.workflow('deploy');
  }

  public get rollback(): Workflow {
    return this.workflow('rollback');
  }

  public get drill(): Workflow {
    return this.workflow('drill');
  }

  public get monitor(): Workflow {
    return this.workflow('monitor');
  }

  /** The names of the workflows that are ours. */
  public get workflows(): string[] {
    return ['deploy', 'rollback', 'drill', 'monitor', 'plan', 'preview'].filter((name) => existsSync(join(this.outdir, `.github/workflows/${name}.yml`)));
  }

  public workflow(name: string): Workflow {
    return parse(this.workflowText(name)) as Workflow;
  }

  public workflowText(name: string): string {
    return this.text(`.github/workflows/${name}.yml`);
  }

  public get manifest(): Manifest {
    return JSON.parse(this.text('.projen/delivery.json')) as Manifest;
  }
}

export function synthesize(project: Project): Synthesized {
  const before = process.env.PROJEN_DISABLE_POST;
  // no installation of packages
  process.env.PROJEN_DISABLE_POST = 'true';
  try {
    project.synth();
  } finally {
    if (before === undefined) delete process.env.PROJEN_DISABLE_POST;
    else process.env.PROJEN_DISABLE_POST = before;
  }
  return new Synthesized(project.outdir);
}

/** The warnings of a synthesis. */
export function warningsOf(project: Project): string[] {
  const warnings: string[] = [];
  jest.spyOn(project.logger, 'warn').mockImplementation((...text: unknown[]) => { warnings.push(text.join(' ')); });
  synthesize(project);
  return warnings;
}
