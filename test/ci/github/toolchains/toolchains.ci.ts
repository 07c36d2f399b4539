/**
 * The derived set-up steps, run: their lines in real bash, in a fresh clone of a synthesized project, as a job on a fresh runner would.
 * Then a task that works only where it finds what they installed. They need PyPI, the npm registry and Maven Central, so this is no part
 * of `npm test`: .ci/toolchains runs it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { awscdk, java, Project, python } from 'projen';
import { Target } from '../../../../src';
import { TOOL_VERSIONS } from '../../../../src/ci/github/toolchains/toolchain';
import { CommandManifest } from '../../../../src/contract/manifest';
import { findPython } from '../../../../tools/github-actions-emulator';
import { deliver, Synthesized, synthesize, temporaryFolder } from '../../../test-project';
import { Step } from '../../../validators/workflow';

jest.setTimeout(600_000);

const PROJEN = JSON.parse(readFileSync(require.resolve('projen/package.json'), 'utf8')) as { version: string };

interface Subject {
  /** What a developer does once, with the same tool, and commits. */
  readonly lock?: string[];
  /** What the task `ship` runs, and what it prints. */
  readonly ship: string;
  readonly printed: RegExp;
  make(outdir: string): Project;
}

const NAMES = { name: 'service', moduleName: 'service', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0' };
const MAVEN = { name: 'service', groupId: 'org.acme', artifactId: 'service', version: '0.1.0' };

const IMPORT = 'python -c "import sys, certifi; print(sys.prefix, certifi.__version__)"';

const SUBJECTS: Record<string, Subject> = {
  'pip': { make: (outdir) => service(outdir, {}), ship: IMPORT, printed: /\/\.env 2025\.0?1\.31$/m },
  'poetry': {
    // not every mirror of PyPI has the metadata that Poetry resolves by: it installs the project itself, and nothing else
    make: (outdir) => service(outdir, { poetry: true, pytest: false, deps: [] }),
    lock: [`python -m pip install --quiet poetry==${TOOL_VERSIONS.poetry}`, 'poetry lock'],
    ship: 'cd / && python -c "import sys, service; print(sys.prefix, service.__name__)"',
    printed: /\/virtualenvs\/service-\S+ service$/m,
  },
  'uv': {
    make: (outdir) => service(outdir, { uv: true }),
    lock: [`python -m pip install --quiet uv==${TOOL_VERSIONS.uv}`, 'uv lock'],
    ship: IMPORT,
    printed: /\/\.venv 2025\.0?1\.31$/m,
  },
  'AWS CDK in Python': {
    make: (outdir) => new awscdk.AwsCdkPythonApp({ ...NAMES, outdir, cdkVersion: '2.200.0', cdkCliVersion: '2.1100.1', projenrcJson: true }),
    ship: 'cdk --version && python -c "import aws_cdk; print(aws_cdk.__name__)"',
    printed: /^2\.1100\.1 [\s\S]*^aws_cdk$/m,
  },
  'Java': {
    make: (outdir) => new java.JavaProject({ ...MAVEN, outdir, projenrcJson: true, compileOptions: { source: '17', target: '17' } }),
    // without the network: nothing is fetched in the middle of a deployment
    ship: 'mvn --batch-mode --offline --quiet compiler:compile && ls target/classes/org/acme',
    printed: /Main\.class$/m,
  },
};

function service(outdir: string, options: Partial<python.PythonProjectOptions>): python.PythonProject {
  return new python.PythonProject({ ...NAMES, outdir, projenrcJson: true, deps: ['certifi@2025.1.31'], ...options });
}

test.each(Object.entries(SUBJECTS))('%s: a task finds what the set-up steps installed', async (_, subject) => {
  const outdir = join(temporaryFolder(), 'work tree');
  const project = subject.make(outdir);
  project.addTask('ship', { exec: subject.ship });
  deliver(project, { target: Target.tasks({ deploy: 'ship' }) });
  const synthesized = synthesize(project);
  if (subject.lock) run(subject.lock, outdir, await machine());

  const runner = await machine();
  for (const step of setUpSteps(synthesized)) run([step.run!], outdir, runner);
  expect(run([line(synthesized.manifest.environments[0].target.deploy as CommandManifest)], outdir, runner)).toMatch(subject.printed);
});

/** The lines of the job that deploys, before the runtime's. */
function setUpSteps({ deploy }: Synthesized): Step[] {
  const { steps } = deploy.jobs.deploy_staging;
  return steps!.filter((step) => step.run !== undefined && !step.run.includes('delivery.cjs'));
}

function line(command: CommandManifest): string {
  const text = command.kind === 'bash' ? command.line : command.argv.join(' ');
  // under jest projen says that it is 99.99.99
  return text.replace(/^npx projen@\S+/, `npx projen@${PROJEN.version}`);
}

/** A fresh one: nothing that lies in this machine's home is seen, and Python is as actions/setup-python leaves it. */
async function machine(): Promise<NodeJS.ProcessEnv> {
  const home = temporaryFolder();
  const found = await findPython('3.x');
  if (!found) throw new Error('this machine has no Python that makes virtual environments');
  const tools = join(home, 'tools');
  execFileSync(found.file, ['-m', 'venv', tools]);
  const { NODE_ENV, JEST_WORKER_ID, NODE_OPTIONS, ...inherited } = process.env;
  const npm = join(home, 'npm');
  return {
    ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !/^npm_|^VIRTUAL_ENV$/i.test(name))),
    HOME: home,
    CI: 'true',
    npm_config_prefix: npm,
    MAVEN_OPTS: `-Dmaven.repo.local=${join(home, 'm2')}`,
    // uv looks for a Python that is no virtual environment
    PATH: [join(tools, 'bin'), join(npm, 'bin'), dirname(found.file), process.env.PATH].join(':'),
  };
}

/** As GitHub runs a step's lines; what they print. */
function run(lines: string[], cwd: string, env: NodeJS.ProcessEnv): string {
  const argv = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', lines.join('\n')];
  return execFileSync('bash', argv, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
