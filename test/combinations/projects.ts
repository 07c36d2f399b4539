import { github, java, javascript, Project, python, typescript } from 'projen';
import { Draw } from './draw';
import { PROJECT_TYPES } from '../project-types/project-types';
import { withTasks } from '../test-project';

/** A project that gets a delivery, and where its jobs may stand. */
export interface Place {
  readonly project: Project;
  readonly workflows: readonly ('own' | 'build' | 'release' | 'joined')[];
  /** Whether its releases are tagged `v1.2.3` by projen. */
  readonly isReleased: boolean;
  /** Unique in the repository, as a part of names. */
  readonly key: string;
}

/** A repository: one project, or several in one. */
export interface Repository {
  readonly root: Project;
  readonly places: readonly Place[];
  /** A workflow of the repository's own, that jobs may join. */
  readonly ci?: github.GithubWorkflow;
}

export function drawRepository(draw: Draw, outdir: string): Repository {
  return draw.chance(0.25) ? monorepo(draw, outdir) : single(draw, outdir);
}

function single(draw: Draw, outdir: string): Repository {
  const type = draw.oneOf(PROJECT_TYPES);
  const manager = draw.oneOf(type.managers);
  draw.note(`${type.name} with ${manager}`);
  const root = withTasks(type.make(outdir, manager));
  const ci = drawCi(draw, root);
  const isNode = type.workflows.includes('release');
  return { root, ci, places: [{ project: root, workflows: [...type.workflows, ...joinable(ci)], isReleased: isNode, key: '' }] };
}

function monorepo(draw: Draw, outdir: string): Repository {
  const isNode = draw.chance(0.5);
  const root = withTasks(isNode ? nodeProject({ name: 'everything', outdir, release: true }) : new github.GitHubProject({ name: 'everything', outdir }));
  const ci = drawCi(draw, root);
  const names = draw.random.shuffled(['api', '@acme/web', 'data.v2', 'tools']).slice(0, 1 + draw.random.below(3));
  draw.note(`a monorepo (${isNode ? 'TypeScript' : 'plain'}) of ${names.join(', ')}`);
  const places = names.map((name) => subproject(draw, root, name, isNode, ci));
  if (draw.chance(0.4)) places.push({ project: root, workflows: isNode ? ['own', 'build', 'release', ...joinable(ci)] : ['own', ...joinable(ci)], isReleased: isNode, key: '' });
  return { root, ci, places };
}

function subproject(draw: Draw, parent: Project, name: string, hasBuild: boolean, ci: github.GithubWorkflow | undefined): Place {
  const key = name.replace(/\W/g, '');
  const options = { name, parent, outdir: draw.oneOf(['packages', 'services/inner']).concat('/', key) };
  // projen takes no other names of Python projects
  const kinds = ['plain', 'node', 'released', 'java'] as const;
  const kind = draw.oneOf(/^\w+$/.test(name) ? [...kinds, 'python' as const] : kinds);
  draw.note(`${name}: ${kind}`);
  const isReleased = kind === 'released';
  const workflows = ['own' as const, ...(hasBuild ? ['build' as const] : []), ...(isReleased ? ['release' as const] : []), ...joinable(ci)];
  return { project: withTasks(SUBPROJECTS[kind](options)), workflows, isReleased: isReleased || hasBuild, key };
}

interface Named {
  readonly name: string;
  readonly outdir: string;
  readonly parent?: Project;
}

const SUBPROJECTS: Record<'plain' | 'node' | 'released' | 'python' | 'java', (options: Named) => Project> = {
  plain: (options) => new Project(options),
  node: (options) => nodeProject({ ...options, release: false }),
  released: (options) => nodeProject({ ...options, release: true }),
  python: (options) => new python.PythonProject({ ...options, moduleName: 'module', authorName: 'an engineer', authorEmail: 'engineer@example.com', version: '0.1.0' }),
  java: (options) => new java.JavaProject({ ...options, groupId: 'org.acme', artifactId: 'module', version: '0.1.0', compileOptions: { source: '17', target: '17' } }),
};

function nodeProject(options: Named & { readonly release: boolean }): typescript.TypeScriptProject {
  return new typescript.TypeScriptProject({
    ...options, defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM, minNodeVersion: '20.0.0',
  });
}

function joinable(ci: github.GithubWorkflow | undefined): 'joined'[] {
  return ci ? ['joined'] : [];
}

/** As people have them: some jobs, some of them after others. */
function drawCi(draw: Draw, root: Project): github.GithubWorkflow | undefined {
  if (!draw.chance(0.3)) return undefined;
  const workflow = new github.GithubWorkflow(github.GitHub.of(root)!, 'ci');
  workflow.on(draw.oneOf<github.workflows.Triggers>([
    { push: { branches: ['main'] } },
    { push: {}, pullRequest: {} },
    { pullRequest: {}, workflowDispatch: {} },
    { workflowDispatch: { inputs: { level: { description: 'How much', type: 'choice', options: ['low', 'high'], required: false } } } },
  ]));
  const job = { runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 10, steps: [{ name: 'work', run: 'true' }] };
  workflow.addJob('lint', { ...job, name: 'lint' });
  if (draw.chance(0.6)) workflow.addJob('test', { ...job, name: 'test', needs: ['lint'], strategy: { matrix: { domain: { node: ['20', '22'] } } } });
  if (draw.chance(0.3)) workflow.addJob('build', { ...job, name: 'build', needs: ['lint'] });
  draw.note(`a workflow ci with the jobs ${Object.keys(workflow.jobs).join(', ')}`);
  return workflow;
}
