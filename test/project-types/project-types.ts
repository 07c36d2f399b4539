/** The table of docs/projects.md: every project type, with every package manager that it has and every workflow that the jobs can join. */
import { awscdk, cdk, cdk8s, github, java, javascript, Project, python, typescript, web } from 'projen';

export const NODE_VERSION = '20.0.0';
export const PNPM_VERSION = '10.33.0';
export const BUN_VERSION = '1.3.5';
export const CDK_CLI_VERSION = '2.1100.1';

/** Which workflow the jobs of a delivery stand in: deploy.yml, the project's build workflow, its release workflow. */
export type WorkflowKind = 'own' | 'build' | 'release';

export interface ProjectType {
  /** As the documentation calls it: "I have a ... project". */
  readonly name: string;
  /** Package managers, by the names that a user knows. A project without a language has none. */
  readonly managers: string[];
  readonly workflows: WorkflowKind[];
  make(outdir: string, manager: string): Project;
}

const { NodePackageManager } = javascript;

const NODE_MANAGERS: Record<string, javascript.NodePackageManager> = {
  'npm': NodePackageManager.NPM,
  'yarn classic': NodePackageManager.YARN_CLASSIC,
  'yarn berry': NodePackageManager.YARN_BERRY,
  'pnpm': NodePackageManager.PNPM,
  'bun': NodePackageManager.BUN,
};

const PYTHON_MANAGERS: Record<string, Partial<python.PythonProjectOptions>> = {
  pip: {},
  setuptools: { setuptools: true },
  poetry: { poetry: true },
  uv: { uv: true },
};

export const PROJECT_TYPES: ProjectType[] = [
  plain('plain', (options) => {
    const project = new Project(options);
    new github.GitHub(project, { mergify: false, pullRequestLint: false });
    return project;
  }),
  plain('GitHub', (options) => new github.GitHubProject(options)),
  node('Node', (options) => new javascript.NodeProject(options)),
  node('TypeScript library', (options) => new typescript.TypeScriptProject(options)),
  node('TypeScript app', (options) => new typescript.TypeScriptAppProject(options)),
  node('React', (options) => new web.ReactProject(options)),
  node('React in TypeScript', (options) => new web.ReactTypeScriptProject(options)),
  node('Next.js', (options) => new web.NextJsProject(options)),
  node('Next.js in TypeScript', (options) => new web.NextJsTypeScriptProject(options)),
  node('jsii', (options) => new cdk.JsiiProject(library(options))),
  node('AWS CDK app in TypeScript', (options) => new awscdk.AwsCdkTypeScriptApp({ cdkVersion: '2.200.0', ...options })),
  node('AWS CDK construct library', (options) => new awscdk.AwsCdkConstructLibrary({ cdkVersion: '2.200.0', ...library(options) })),
  node('cdk8s app in TypeScript', (options) => new cdk8s.Cdk8sTypeScriptApp({ cdk8sVersion: '2.68.0', ...options })),
  node('cdk8s construct library', (options) => new cdk8s.ConstructLibraryCdk8s({ cdk8sVersion: '2.68.0', ...library(options) })),
  inPython('Python', Object.keys(PYTHON_MANAGERS), (options) => new python.PythonProject(options)),
  inPython('AWS CDK app in Python', ['pip', 'poetry', 'uv'], (options) => (
    new awscdk.AwsCdkPythonApp({ cdkVersion: '2.200.0', cdkCliVersion: CDK_CLI_VERSION, ...options }))),
  inPython('cdk8s app in Python', ['pip', 'poetry', 'uv'], (options) => new cdk8s.Cdk8sPythonApp({ cdk8sVersion: '2.68.0', ...options })),
  inJava('Java', (options) => new java.JavaProject(options)),
  inJava('AWS CDK app in Java', (options) => (
    new awscdk.AwsCdkJavaApp({ cdkVersion: '2.200.0', cdkCliVersion: CDK_CLI_VERSION, mainClass: 'org.acme.App', ...options }))),
];

export interface Combination {
  readonly type: ProjectType;
  readonly manager: string;
  readonly workflow: WorkflowKind;
}

/** All that there are. */
export const COMBINATIONS: Combination[] = PROJECT_TYPES.flatMap((type) => (
  type.managers.flatMap((manager) => type.workflows.map((workflow) => ({ type, manager, workflow })))));

interface Named {
  readonly name: string;
  readonly outdir: string;
}

function plain(name: string, make: (options: Named) => Project): ProjectType {
  return { name, managers: ['none'], workflows: ['own'], make: (outdir) => make({ name: 'shop', outdir }) };
}

type NodeOptions = Named & javascript.NodeProjectOptions;

function node(name: string, create: (options: NodeOptions) => Project): ProjectType {
  return {
    name,
    managers: Object.keys(NODE_MANAGERS),
    workflows: ['own', 'build', 'release'],
    make: (outdir, manager) => create({
      name: 'shop',
      outdir,
      defaultReleaseBranch: 'main',
      // not the default of an app
      release: true,
      packageManager: NODE_MANAGERS[manager],
      minNodeVersion: NODE_VERSION,
      // Next.js has another default
      workflowNodeVersion: NODE_VERSION,
      pnpmVersion: PNPM_VERSION,
      bunVersion: BUN_VERSION,
    }),
  };
}

function library(options: NodeOptions) {
  return { ...options, author: 'an engineer', authorAddress: 'engineer@example.com', repositoryUrl: 'https://github.com/acme/shop.git' };
}

type PythonOptions = Named & python.PythonProjectOptions & { readonly appEntrypoint: string };

function inPython(name: string, managers: string[], make: (options: PythonOptions) => Project): ProjectType {
  return {
    name,
    managers,
    workflows: ['own'],
    make: (outdir, manager) => make({
      name: 'shop',
      outdir,
      moduleName: 'shop',
      authorName: 'an engineer',
      authorEmail: 'engineer@example.com',
      version: '0.1.0',
      appEntrypoint: 'app.py',
      ...PYTHON_MANAGERS[manager],
    }),
  };
}

function inJava(name: string, make: (options: Named & java.JavaProjectOptions) => Project): ProjectType {
  return {
    name,
    managers: ['Maven'],
    workflows: ['own'],
    make: (outdir) => make({
      name: 'shop', outdir, groupId: 'org.acme', artifactId: 'shop', version: '0.1.0', compileOptions: { source: '17', target: '17' },
    }),
  };
}
